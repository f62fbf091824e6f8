"""The table of operations: one line each, sorted by subject."""

from importlib import import_module

from ..operation import Operation

SUBJECTS = (
    "elementwise", "reductions", "shaping", "indexing", "products", "linear_algebra", "fourier",
    "writing", "ours", "scipy_special",
)  # fmt: skip

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for subject in SUBJECTS
    for operation in import_module(f".{subject}", __name__).OPERATIONS
}
