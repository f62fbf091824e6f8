"""Where the libraries differ by convention, and what is done about it: all in one place.

**Complex gradients.**  Ours and PyTorch's gradient of a real L is dL/dRe + i dL/dIm, JAX's is the
conjugate; `by_jax` in oracles.py conjugates its cotangents and gradients.

**Promotion.**  PyTorch and JAX promote integers, Python numbers and 0-d arrays otherwise than
NumPy; the oracles compute in double precision throughout, and dtypes are compared with NumPy's.

**Views.**  Whether ``reshape`` returns a view depends on strides, which PyTorch and JAX choose
otherwise; only vectors are written to through a reshaped array.

**Writing twice.**  ``x[[0, 0]] = y``: in NumPy the last write wins, and the gradient is that of
what was written; PyTorch calls it undefined and gives every write a gradient.

**Sets.**  JAX's unique has the gradient 0.

**Integers as exponents.**  Up to PyTorch 2.13 the gradient of ldexp is 0 where the exponent is a
negative integer (issue 187460 there); it is given floats.

**Accuracy.**  PyTorch's bessel_j0, j1, y0 and y1 are right to 1e-7 at best.

**Kinks, ties and singular points.**  There any element of the subdifferential may be called
the derivative.  Programs stay away from them (`kink` in operation.py, the domains), so that there
is nothing to excuse; the choices themselves are the table below, which a test holds to what the
libraries do.
"""

from __future__ import annotations

from typing import NamedTuple

NAN = float("nan")


class Choice(NamedTuple):
    """A call at a special point, and the gradient of its sum by each library.

    `by_old_torch` is what PyTorch said up to 2.13, where it has changed its mind.
    """

    numpy: str
    torch: str | None
    at: tuple[float, ...]
    ours: tuple[float, ...]
    by_torch: tuple[float, ...] | None
    by_jax: tuple[float, ...] | None
    why: str
    by_old_torch: tuple[float, ...] | None = None


CHOICES = [
    Choice("np.abs(x)", "torch.abs(x)", (0.0,), (0.0,), (0.0,), (1.0,),
           "the middle of [-1, 1]; JAX takes the branch x >= 0"),
    Choice("np.maximum(x, 1.0)", "torch.clamp_min(x, 1.0)", (1.0,), (0.5,), (0.0,), (0.5,),
           "ties share equally; PyTorch's clamp lets its bound win, up to 2.13 x", (1.0,)),
    Choice("np.maximum(x, np.ones(1))", "torch.maximum(x, torch.ones(1))", (1.0,), (0.5,), (0.5,),
           (0.5,), "ties share equally"),
    Choice("np.clip(x, -1.0, 1.0)", "torch.clip(x, -1.0, 1.0)", (1.0,), (0.5,), (0.0,), (0.5,),
           "clip is maximum and minimum; PyTorch as above", (1.0,)),
    Choice("np.max(x)", "torch.amax(x)", (2.0, 2.0, 1.0), (0.5, 0.5, 0.0), (0.5, 0.5, 0.0),
           (0.5, 0.5, 0.0), "ties share equally"),
    Choice("np.max(x, axis=0)", "torch.max(x, dim=0)[0]", (2.0, 2.0, 1.0), (0.5, 0.5, 0.0),
           (1.0, 0.0, 0.0), (0.5, 0.5, 0.0), "PyTorch's max with dim= follows its index"),
    Choice("np.linalg.norm(x)", "torch.linalg.norm(x)", (0.0, 0.0), (0.0, 0.0), (0.0, 0.0),
           (NAN, NAN), "the subgradient of least norm; JAX divides 0 by 0"),
    Choice("np.std(x)", "torch.std(x, correction=0)", (1.0, 1.0), (0.0, 0.0), (0.0, 0.0),
           (NAN, NAN), "the same"),
    Choice("np.hypot(x[0], x[1])", "torch.hypot(x[0], x[1])", (0.0, 0.0), (0.0, 0.0), (NAN, NAN),
           (0.5, 0.5), "the same; PyTorch divides 0 by 0"),
    Choice("np.arctan2(x[0], x[1])", "torch.arctan2(x[0], x[1])", (0.0, 0.0), (0.0, 0.0),
           (0.0, 0.0), (NAN, NAN), "no derivative there: 0, as PyTorch says"),
    Choice("np.power(x[0], x[1])", "torch.pow(x[0], x[1])", (0.0, 0.0), (0.0, 0.0), (0.0, 0.0),
           (NAN, 0.0), "x ** 0 is 1 for every x: slope 0"),
]  # fmt: skip
