"""Elementwise functions: one line each, and the line is the whole truth."""

import math

import numpy as np

from autograd_nn.fitting import Value
from autograd_nn.table import composite, constant, elementwise

add = elementwise(np.add, lambda v, *_: v, lambda v, *_: v)
subtract = elementwise(np.subtract, lambda v, *_: v, lambda v, *_: -v)
multiply = elementwise(np.multiply, lambda v, _z, _x, y: v * y, lambda v, _z, x, _y: v * x)
divide = elementwise(np.divide, lambda v, _z, _x, y: v / y, lambda v, z, _x, y: -v * z / y)
negative = elementwise(np.negative, lambda v, *_: -v)
positive = elementwise(np.positive, lambda v, *_: v)
conjugate = elementwise(np.conjugate, lambda v, *_: np.conjugate(v))
reciprocal = elementwise(np.reciprocal, lambda v, y, _x: -v * y * y)
square = elementwise(np.square, lambda v, _y, x: v * (2 * x))
sqrt = elementwise(np.sqrt, lambda v, y, _x: v / (2 * y))

exp = elementwise(np.exp, lambda v, y, _x: v * y)
exp2 = elementwise(np.exp2, lambda v, y, _x: v * y * math.log(2))
expm1 = elementwise(np.expm1, lambda v, y, _x: v * (y + 1))
log = elementwise(np.log, lambda v, _y, x: v / x)
log2 = elementwise(np.log2, lambda v, _y, x: v / (x * math.log(2)))
log10 = elementwise(np.log10, lambda v, _y, x: v / (x * math.log(10)))
log1p = elementwise(np.log1p, lambda v, _y, x: v / (1 + x))
logaddexp = elementwise(
    np.logaddexp, lambda v, z, x, _y: v * np.exp(x - z), lambda v, z, _x, y: v * np.exp(y - z)
)

sin = elementwise(np.sin, lambda v, _y, x: v * np.cos(x))
cos = elementwise(np.cos, lambda v, _y, x: -v * np.sin(x))
tan = elementwise(np.tan, lambda v, y, _x: v * (1 + y * y))
arcsin = elementwise(np.arcsin, lambda v, _y, x: v / np.sqrt(1 - x * x))
arccos = elementwise(np.arccos, lambda v, _y, x: -v / np.sqrt(1 - x * x))
arctan = elementwise(np.arctan, lambda v, _y, x: v / (1 + x * x))
arctan2 = elementwise(
    np.arctan2,
    lambda v, _z, x, y: v * y / squared_length(x, y),
    lambda v, _z, x, y: -v * x / squared_length(x, y),
)
hypot = elementwise(
    np.hypot,
    lambda v, z, x, _y: v * x / np.where(z == 0, 1, z),  # 0 at the origin
    lambda v, z, _x, y: v * y / np.where(z == 0, 1, z),
)
degrees = elementwise(np.degrees, lambda v, *_: v * (180 / math.pi))
radians = elementwise(np.radians, lambda v, *_: v * (math.pi / 180))

sinh = elementwise(np.sinh, lambda v, _y, x: v * np.cosh(x))
cosh = elementwise(np.cosh, lambda v, _y, x: v * np.sinh(x))
arcsinh = elementwise(np.arcsinh, lambda v, _y, x: v / np.sqrt(x * x + 1))
arccosh = elementwise(np.arccosh, lambda v, _y, x: v / np.sqrt(x * x - 1))
arctanh = elementwise(np.arctanh, lambda v, _y, x: v / (1 - x * x))
tanh = elementwise(np.tanh, lambda v, y, _x: v * (1 - y * y))
# From the output: no second tanh.  Absolutely accurate to eps; where |x| > 5 saturates, the
# relative error of the (tiny) derivative grows, 1e-12 at 5 and 2e-8 at 10.

absolute = elementwise(np.absolute, lambda v, _y, x: v * np.sign(x))  # 0 at 0
for step in (np.sign, np.floor, np.ceil, np.trunc, np.rint):
    elementwise(step, lambda v, *_: np.zeros_like(v))
remainder = elementwise(
    np.remainder, lambda v, *_: v, lambda v, _z, x, y: -v * np.floor_divide(x, y)
)
floor_divide = elementwise(
    np.floor_divide, lambda v, *_: np.zeros_like(v), lambda v, *_: np.zeros_like(v)
)


def squared_length(x: Value, y: Value) -> Value:
    """Compute ``x**2 + y**2``, or 1 at the origin: the slopes of arctan2 are 0 there."""
    length = x * x + y * y
    return np.where(length == 0, 1, length)


@composite(np.divmod)
def divmod(x: Value, y: Value) -> tuple[Value, Value]:  # noqa: A001 (NumPy's name)
    """Divide and keep the remainder."""
    return np.floor_divide(x, y), np.remainder(x, y)


def larger(v: Value, x: Value, y: Value) -> Value:
    """Pass `v` where x > y; at a tie half of it, for x and y share the derivative equally."""
    return np.where(x > y, v, np.where(x == y, v / 2, 0))


maximum = elementwise(
    np.maximum, lambda v, _z, x, y: larger(v, x, y), lambda v, _z, x, y: larger(v, y, x)
)
minimum = elementwise(
    np.minimum, lambda v, _z, x, y: larger(v, y, x), lambda v, _z, x, y: larger(v, x, y)
)


@composite(np.where)
@lambda function: elementwise(
    function,
    lambda v, *_: np.zeros_like(v),
    lambda v, _z, c, _x, _y: np.where(c, v, 0),
    lambda v, _z, c, _x, _y: np.where(c, 0, v),
)
# NumPy's own, but with a signature to bind calls by, which NumPy 2.0's has not.
def where(condition: Value, x: Value, y: Value) -> Value:
    """Choose entries of `x` where the condition holds, of `y` elsewhere."""
    return np.where(condition, x, y)


@composite(np.clip)
def clip(
    a: Value,
    a_min: Value = None,
    a_max: Value = None,
    *,
    min: Value = None,  # noqa: A002 (NumPy 2.1's name)
    max: Value = None,  # noqa: A002
) -> Value:
    """Limit entries to [a_min, a_max]; at a bound the slope is shared, as in maximum."""
    a_min, a_max = a_min if min is None else min, a_max if max is None else max
    a = +a if a_min is None else np.maximum(a, a_min)
    return a if a_max is None else np.minimum(a, a_max)


power = elementwise(
    np.power,
    lambda v, _z, x, y: v * (y * np.where(np.logical_and(x == 0, y == 0), 1, x) ** (y - 1)),
    lambda v, z, x, _y: v * (z * np.log(np.where(x == 0, np.ones_like(z), x))),
)
# At x = 0 the slope is 0 by y, and by x too where y = 0: no 0 / 0, no log(0).
# (The ones have z's dtype: where x is a Python number, it shall not widen float32.)

constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_not)
constant(np.isnan, np.isinf, np.isfinite, np.signbit)
constant(np.logical_and, np.logical_or, np.logical_not, np.logical_xor)
