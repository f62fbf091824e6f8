"""The class of every public name of NumPy, and the page that tells it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_nn.protocols import WRITERS
from autograd_nn.table import CONSTANTS, REFUSED, TABLE

NAMESPACES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}

# Python code of NumPy's that calls functions of the table, and so works as it is.
PYTHON = {"np.fft.fftfreq", "np.fft.rfftfreq", "np.fromfunction", "np.row_stack"}

# Makers of arrays from numbers or files, settings, questions about types: a Tensor means nothing.
SILENT = """
    np.bartlett np.blackman np.diag_indices np.hamming np.hanning np.indices np.kaiser
    np.mask_indices np.tril_indices np.triu_indices np.fromfile np.fromregex np.fromstring
    np.genfromtxt np.load np.loadtxt np.base_repr np.binary_repr np.format_float_positional
    np.format_float_scientific np.datetime_data np.isdtype np.issubdtype np.mintypecode
    np.promote_types np.broadcast_shapes np.isscalar np.iterable np.nested_iters np.typename
    np.get_include np.get_printoptions np.getbufsize np.geterr np.geterrcall np.info
    np.printoptions np.set_printoptions np.setbufsize np.seterr np.seterrcall np.show_config
    np.show_runtime np.test np.fft.test np.linalg.test
"""
NO_ARRAY = set(SILENT.split())


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """List the functions of the installed NumPy; what else there is, its type classifies."""
    for prefix, module in NAMESPACES.items():
        for name in sorted(n for n in dir(module) if not n.startswith("_")):
            found = getattr(module, name)
            if callable(found) and not inspect.isclass(found):
                yield f"{prefix}.{name}", found


def classes(name: str, function: Callable[..., Any]) -> list[str]:
    """List the classes of a function: one, if all is well."""
    found = {
        "differentiable": function in TABLE or name in PYTHON,
        "constant": function in CONSTANTS,
        "writes": function in WRITERS,
        "refused": function in REFUSED,
        "takes no array": name in NO_ARRAY,
    }
    return [kind for kind, holds in found.items() if holds]
