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
reciprocal = elementwise(np.reciprocal, lambda v, y, _x: -v * y * y)
square = elementwise(np.square, lambda v, _y, x: v * (2 * x))
sqrt = elementwise(np.sqrt, lambda v, y, _x: v / (2 * y))
cbrt = elementwise(np.cbrt, lambda v, y, _x: v / (3 * y * y))

exp = elementwise(np.exp, lambda v, y, _x: v * y)
exp2 = elementwise(np.exp2, lambda v, y, _x: v * y * math.log(2))
expm1 = elementwise(np.expm1, lambda v, y, _x: v * (y + 1))
log = elementwise(np.log, lambda v, _y, x: v / x)
log2 = elementwise(np.log2, lambda v, _y, x: v / (x * math.log(2)))
log10 = elementwise(np.log10, lambda v, _y, x: v / (x * math.log(10)))
log1p = elementwise(np.log1p, lambda v, _y, x: v / (1 + x))
logaddexp = elementwise(
    np.logaddexp,
    lambda v, z, x, _y: v * np.exp(x - finite(z)),
    lambda v, z, _x, y: v * np.exp(y - finite(z)),
)
logaddexp2 = elementwise(
    np.logaddexp2,
    lambda v, z, x, _y: v * np.exp2(x - finite(z)),
    lambda v, z, _x, y: v * np.exp2(y - finite(z)),
)


def finite(z: Value) -> Value:
    """Replace -inf, which log(0 + 0) is, by 0: both slopes are 0 there, as in logsumexp."""
    return np.where(z == -np.inf, 0, z)


sin = elementwise(np.sin, lambda v, _y, x: v * np.cos(x))
cos = elementwise(np.cos, lambda v, _y, x: -v * np.sin(x))
tan = elementwise(np.tan, lambda v, y, _x: v * (1 + y * y))
arcsin = elementwise(np.arcsin, lambda v, _y, x: v / np.sqrt((1 - x) * (1 + x)))
arccos = elementwise(np.arccos, lambda v, _y, x: -v / np.sqrt((1 - x) * (1 + x)))
arctan = elementwise(np.arctan, lambda v, _y, x: v / (1 + x * x))
arctan2 = elementwise(
    np.arctan2,
    lambda v, _z, x, y: v * per_square(y, np.hypot(x, y)),
    lambda v, _z, x, y: -v * per_square(x, np.hypot(x, y)),
)
hypot = elementwise(
    np.hypot,
    lambda v, z, x, _y: v * (x / nonzero(z)),
    lambda v, z, _x, y: v * (y / nonzero(z)),
)


def nonzero(length: Value) -> Value:
    """Replace 0 by 1, to divide by: at the origin the slopes of hypot and arctan2 are 0."""
    return np.where(length == 0, 1, length)


def per_square(leg: Value, length: Value) -> Value:
    """Compute ``leg / length**2`` without a square, which can overflow."""
    return leg / nonzero(length) / nonzero(length)


for to_degrees in (np.degrees, np.rad2deg):
    elementwise(to_degrees, lambda v, *_: v * (180 / math.pi))
for to_radians in (np.radians, np.deg2rad):
    elementwise(to_radians, lambda v, *_: v * (math.pi / 180))

sinh = elementwise(np.sinh, lambda v, _y, x: v * np.cosh(x))
cosh = elementwise(np.cosh, lambda v, _y, x: v * np.sinh(x))
arcsinh = elementwise(np.arcsinh, lambda v, y, _x: v / np.cosh(y))
arccosh = elementwise(np.arccosh, lambda v, _y, x: v / (np.sqrt(x - 1) * np.sqrt(x + 1)))
arctanh = elementwise(np.arctanh, lambda v, _y, x: v / ((1 - x) * (1 + x)))
# Not sqrt(x * x - 1): it has the wrong sign where a complex x has a negative real part, and
# loses digits near 1.
tanh = elementwise(np.tanh, lambda v, y, _x: v * (1 - y * y))
# From the output: no second tanh.  Absolutely accurate to eps; where |x| > 5 saturates, the
# relative error of the (tiny) derivative grows, 1e-12 at 5 and 2e-8 at 10.

remainder = elementwise(
    np.remainder, lambda v, *_: v, lambda v, _z, x, y: -v * np.floor_divide(x, y)
)
floor_divide = elementwise(
    np.floor_divide, lambda v, *_: np.zeros_like(v), lambda v, *_: np.zeros_like(v)
)
fmod = elementwise(
    np.fmod, lambda v, *_: v, lambda v, z, x, y: -v * np.rint((x - z) / y)
)  # not trunc(x / y): 1 / 0.1 rounds up to 10, and 0.1 goes into 1 but 9 times


@composite(np.divmod)
def divmod(x: Value, y: Value) -> tuple[Value, Value]:  # noqa: A001 (NumPy's name)
    """Divide and keep the remainder."""
    return np.floor_divide(x, y), np.remainder(x, y)


def slope_of_power(v: Value, z: Value, x: Value, y: Value) -> Value:
    """Lower the exponent, but where y is 0 the slope is 0, to any order in x.

    There ``x ** (y - 1)`` and its slopes can overflow (or divide by 0), and 0 * inf is NaN:
    ``y / x`` stays 0, and so do its slopes in x.
    """
    if isinstance(y, int | float):  # by far the most frequent: nothing to look for
        return v * (y * x ** (y - 1)) if y != 0 else np.zeros_like(v)
    one = 1.0  # a float, for an unsigned integer would wrap around
    flat = y == 0
    level = y / np.where(np.logical_and(flat, x != 0), x, 1) * z
    return v * np.where(flat, level, y * np.where(flat, 1, x) ** (y - one))


def slope_of_exponent(v: Value, z: Value, x: Value, y: Value) -> Value:
    """Multiply by log(x), but where 0 ** y is 0 (or 1, at y = 0) the slope is 0, not 0 * inf.

    (The ones have z's dtype: where x is a Python number, it shall not widen float32.)
    """
    flat = np.logical_and(x == 0, y >= 0)
    return v * (z * np.log(np.where(flat, np.ones_like(z), x)))


power = elementwise(np.power, slope_of_power, slope_of_exponent)
float_power = elementwise(np.float_power, slope_of_power, slope_of_exponent)

constant(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_not, np.bitwise_count)
constant(np.left_shift, np.right_shift, np.bitwise_left_shift, np.bitwise_right_shift)
constant(np.gcd, np.lcm, np.isnat)
constant(np.isnan, np.isinf, np.isfinite, np.signbit, np.isposinf, np.isneginf)
constant(np.isclose, np.allclose, np.array_equal, np.array_equiv)
constant(np.logical_and, np.logical_or, np.logical_not, np.logical_xor)
