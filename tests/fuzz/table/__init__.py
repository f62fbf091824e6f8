"""The table of operations: one line each, sorted by subject."""

import re
from importlib import import_module

import numpy as np

from ..operation import Operation

SUBJECTS = (
    "elementwise", "reductions", "shaping", "indexing", "products", "linear_algebra", "fourier",
    "writing", "ours", "scipy_special",
)  # fmt: skip


def offered(operation: Operation) -> bool:
    """Tell whether the NumPy that is installed has what an operation calls."""
    called = re.findall(r"\bnp\.(\w+)", operation.spellings["numpy"])
    return all(hasattr(np, name) for name in called)


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for subject in SUBJECTS
    for operation in import_module(f".{subject}", __name__).OPERATIONS
    if offered(operation)
}
