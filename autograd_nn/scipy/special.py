"""`scipy.special` for Tensors and arrays: ``from autograd_nn.scipy import special``.

SciPy's ufuncs (expit, erf, gammaln, jv, ...) are differentiated wherever they are called, and are
passed on from here as they are.  Its Python functions turn what they are given into plain arrays;
those that stand here take their place, with SciPy's names and signatures.
"""

from typing import Any

import numpy as np

from autograd_nn.errors import MissingExtraError
from autograd_nn.fitting import Value
from autograd_nn.ops import special

try:
    import scipy.special as plain

    from autograd_nn.ops.scipy_special import multigammaln, polygamma
except ImportError as error:
    message = "autograd_nn.scipy needs SciPy 1.13 or newer: pip install 'autograd_nn[scipy]'"
    raise MissingExtraError(message) from error

__all__ = ["log_softmax", "logsumexp", "multigammaln", "polygamma", "softmax"]


def logsumexp(
    a: Value,
    axis: Any = None,
    b: Value = None,
    keepdims: bool = False,  # noqa: FBT001, FBT002 (SciPy's signature)
    return_sign: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """Compute ``log(sum(b * exp(a)))``, and with `return_sign` the sign of the sum apart."""
    if b is None and not return_sign:
        return special.logsumexp(a, axis, keepdims=keepdims)
    b = 1 if b is None else b
    a = np.where(np.equal(b, 0), -np.inf, a)
    top = np.max(a, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # log of 0 or less
        total = np.sum(b * np.exp(a - top), axis=axis, keepdims=True)
        y = np.log(np.abs(total) if return_sign else total) + top
    results = [y, np.sign(total)] if return_sign else [y]
    if not keepdims:
        results = [np.squeeze(result, axis=axis) for result in results]
    return tuple(results) if return_sign else results[0]


def softmax(x: Value, axis: Any = None) -> Any:
    """Compute ``exp(x) / sum(exp(x))`` along `axis`, stable at any size of x."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: Value, axis: Any = None) -> Any:
    """Compute ``x - logsumexp(x)`` along `axis`, stable at any size of x."""
    return special.log_softmax(x, axis)


def __getattr__(name: str) -> Any:
    return getattr(plain, name)


def __dir__() -> list[str]:
    return sorted({*__all__, *dir(plain)})
