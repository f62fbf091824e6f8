"""Functions with steps: flat, or of slope 1, between them.

A step itself has no slope; 0 (or that of either side) is chosen there.
"""

import numpy as np

from autograd_nn.calling import refuse_keyword
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, fixed, is_differentiated
from autograd_nn.table import composite, elementwise, several


def flat(v: Value, *_args: Value) -> Value:
    """Return zeros."""
    return np.zeros_like(v)


for step in (np.floor, np.ceil, np.trunc, np.rint, np.spacing):
    elementwise(step, flat)
heaviside = elementwise(np.heaviside, flat, lambda v, _z, x, _h: np.where(x == 0, v, 0))
round_ = elementwise(np.round, lambda v, _y, _x, decimals=0: np.zeros_like(v))
composite(np.around)(round_)


@composite(np.fix)
def fix(x: Value) -> Value:
    """Round towards 0."""
    return np.trunc(x)


modf = several(
    np.modf,
    [lambda v, _parts, x: np.zeros_like(x) if v[0] is None else v[0]],
    [lambda v, *_: (v, np.zeros_like(v))],
)
frexp = several(
    np.frexp,
    [lambda v, parts, _x: np.ldexp(v[0], -parts[1])],
    [lambda v, parts, _x: (np.ldexp(v, -parts[1]), np.zeros_like(v))],
)  # x = mantissa * 2**exponent, and the exponent is an integer: a constant
ldexp = elementwise(np.ldexp, lambda v, _z, _x, n: np.ldexp(v, n), None)
nextafter = elementwise(np.nextafter, lambda v, *_: v, flat)  # a neighbour moves with x
copysign = elementwise(np.copysign, lambda v, z, x, _y: v * (np.sign(x) * np.sign(z)), flat)
fabs = elementwise(np.fabs, lambda v, _y, x: v * np.sign(x))  # 0 at 0

unwrap = elementwise(np.unwrap, lambda v, _y, _p, discont=None, axis=-1, period=None: v)
# What unwrap adds is a multiple of the period.


def where_finite(v: Value, x: Value) -> Value:
    """Keep `v` where `x` is finite; of complex numbers each part by itself."""
    if x.dtype.kind != "c":
        return np.where(np.isfinite(x), v, 0)
    return where_finite(np.real(v), np.real(x)) + 1j * where_finite(np.imag(v), np.imag(x))


finite = elementwise(
    np.nan_to_num, lambda v, _y, x, nan=0.0, posinf=None, neginf=None: where_finite(v, x)
)


@composite(np.nan_to_num)
def nan_to_num(
    x: Value,
    copy: bool = True,  # noqa: FBT001, FBT002 (NumPy's signature)
    nan: Value = 0.0,
    posinf: Value = None,
    neginf: Value = None,
) -> Value:
    """Put numbers, differentiated or not, in place of NaN and infinities, in a copy."""
    if not copy:
        refuse_keyword("nan_to_num", "copy", ("nan", "neginf", "posinf"))
    fills = {"nan": nan, "posinf": posinf, "neginf": neginf}
    y: Value = finite(x, **{name: bare(fill) for name, fill in fills.items()})
    for name, holds in (("nan", np.isnan), ("posinf", np.isposinf), ("neginf", np.isneginf)):
        if is_differentiated(fills[name]):
            if x.dtype.kind == "c":  # it fills either part
                fixed(fills[name], f"nan_to_num: the argument {name}, for complex numbers,")
            y = np.where(holds(bare(x)), fills[name].astype(y.dtype), y)
    return y
