"""Elementwise functions."""

from ..domains import (
    above_one,
    fractional,
    nonzero,
    positive,
    real,
    unit,
)
from ..operation import Argument
from ..parameters import number, pick
from .line import op

x = y = z = Argument(real)
p, q = Argument(positive), Argument(nonzero)
ANALYTIC = {
    real: "exp expm1 sin cos tan arctan sinh cosh tanh arcsinh square negative positive",
    positive: "log log10 log2 log1p sqrt",
    unit: "arcsin arccos arctanh",
    above_one: "arccosh",
    nonzero: "reciprocal",
}
REAL = {real: "exp2 sinc", nonzero: "absolute sign", fractional: "floor ceil trunc"}

# fmt: off
OPERATIONS = [
    *[
        op(f"np.{name}({{x}})", "=", kink="np.cos({x})" * (name == "tan"), x=Argument(domain))
        for domain, names in ANALYTIC.items()
        for name in names.split()
    ],
    *[
        op(f"np.{name}({{x}})", "=", analytic=False, x=Argument(domain))
        for domain, names in REAL.items()
        for name in names.split()
    ],
    op("np.rint({x})", "torch.round({x})", analytic=False, x=Argument(fractional)),
    op("np.fix({x})", "torch.fix({x})", "jnp.trunc({x})", analytic=False, x=Argument(fractional)),
    op("np.round({x})", "=", analytic=False, x=Argument(fractional)),
    op("np.around({x})", "torch.round({x})", analytic=False, x=Argument(fractional)),
    op("np.fabs({x})", "torch.abs({x})", analytic=False, x=q),
    op("np.cbrt({x})", None, analytic=False, x=q),
    op("np.degrees({x})", "torch.rad2deg({x})", analytic=False),
    op("np.rad2deg({x})", "=", analytic=False),
    op("np.radians({x})", "torch.deg2rad({x})", analytic=False),
    op("np.deg2rad({x})", "=", analytic=False),
    op("np.i0({x})", "=", analytic=False),
    op("np.nan_to_num({x})", "=", analytic=False),
    op("np.heaviside({x}, 0.5)", None, analytic=False, x=q),
    op("np.frexp({x})[0]", "torch.frexp({x})[0]", None, analytic=False, x=q,
       kink="np.abs(np.frexp({x})[0]) - 0.5"),
    op("np.modf({x})[0]", "torch.frac({x})", analytic=False, x=Argument(fractional)),
    op("np.modf({x})[0] * np.exp({x}) + np.modf({x})[1]", None, analytic=False,
       x=Argument(fractional)),
    op("np.ldexp({x}, {i})", "torch.ldexp({x}, {i}.double())", analytic=False, x=x,
       i=Argument(real, "...", "i")),
    # ---- complex ----
    op("np.abs({x})", "=", analytic=False, complex=True, x=q),
    op("np.real({x})", "torch.real({x})", analytic=False, complex=True),
    op("np.imag({x} * (1 + 2j))", "torch.imag({x} * (1 + 2j))", analytic=False, complex=True),
    op("np.conj({x})", "=", analytic=False, complex=True),
    op("np.conjugate({x}) * {x}", "torch.conj({x}) * {x}", analytic=False, complex=True),
    op("np.angle({x} + 1j)", "torch.angle({x} + 1j)", analytic=False, complex=True),
    op("np.exp(1j * {x})", "torch.exp(1j * {x})", analytic=False, complex=True),
    op("np.real_if_close({x} * 1j)", "{x} * 1j", None, analytic=False, complex=True, x=q,
       kink="np.real({x})"),
    op("{x}.real + {x}.imag * 2", None, analytic=False, complex=True),
    op("{x}.conj()", "{x}.conj()", analytic=False, complex=True),
    # ---- two arguments ----
    *[op(f"np.{name}({{x}}, {{y}})", "=", x=x, y=y) for name in ("add", "subtract", "multiply")],
    op("{x} + {y}", "=", x=x, y=y),
    op("{x} - {y} * {z}", "=", x=x, y=y, z=z),
    op("{a} * {x}", "=", x=x, a=number(-2, 2)),
    op("{a} - {x}", "=", x=x, a=number(-2, 2)),
    op("{a} / {x}", "=", x=q, a=number(-2, 2)),
    op("{a} ** {x}", "=", x=x, a=number(0.5, 2)),
    op("{x} ** {a}", "=", x=x, a=pick(1, 2, 3, 0)),
    op("{x} ** {a}", "=", name="x**-", x=q, a=pick(-1, -2, -2.0)),
    op("{x} ** {a}", "=", name="x**float", x=p, a=number(-2, 2)),
    op("-{x} / {y}", "=", x=x, y=q),
    op("np.divide({x}, {y})", "=", x=x, y=q),
    op("np.true_divide({x}, {y})", "=", x=x, y=q),
    op("np.power({x}, {y})", "torch.pow({x}, {y})", x=p, y=y),
    op("np.power({x}, {i})", "torch.pow({x}, {i})", name="power(x,ints)", x=q,
       i=Argument(real, "...", "i", low=0, high=4)),
    op("np.float_power({x}, {y})", "=", x=p, y=y),
    op("np.arctan2({x}, {y})", "=", analytic=False, x=x, y=q, kink="np.where({y} < 0, {x}, 1)"),
    op("np.hypot({x}, {y})", "=", analytic=False, x=x, y=q),
    op("np.logaddexp({x}, {y})", "=", analytic=False, x=x, y=y),
    op("np.logaddexp2({x}, {y})", "=", analytic=False, x=x, y=y),
    *[
        op(f"np.{name}({{x}}, {{y}})", "=", analytic=False, kink="{x} - {y}", x=x, y=y)
        for name in ("maximum", "minimum", "fmax", "fmin")
    ],
    op("np.remainder({x}, {y})", "=", analytic=False, kink="np.sin(np.pi * {x} / {y})", x=x, y=q),
    op("np.mod({x}, {a})", "torch.remainder({x}, {a})", analytic=False,
       kink="np.sin(np.pi * {x} / {a})", x=x, a=pick(0.7, -0.9, 2)),
    op("np.fmod({x}, {y})", "=", analytic=False, kink="np.sin(np.pi * {x} / {y})", x=x, y=q),
    op("np.floor_divide({x}, {y}) + {y}", None, analytic=False, x=x, y=q,
       kink="np.sin(np.pi * {x} / {y})"),
    op("np.divmod({x}, {y})[1] + np.divmod({x}, {y})[0] * {x}", None, analytic=False, x=x, y=q,
       kink="np.sin(np.pi * {x} / {y})"),
    op("np.copysign({x}, {y})", "=", analytic=False, x=q, y=q),
    # ---- choices ----
    op("np.where({c}, {x}, {y})", "=", c=Argument(real, "...", "b"), x=x, y=y),
    op("np.where({x} > 0, np.sin({x}), {y})", "=", analytic=False, kink="{x}", x=q, y=y),
    op("np.clip({x}, {a}, {b})", "=", analytic=False, kink="({x} - {a}) * ({x} - {b})", x=x,
       a=number(-1, 0), b=number(0.1, 1)),
    op("np.clip({x}, None, {b})", "torch.clip({x}, max={b})", analytic=False, kink="{x} - {b}",
       x=x, b=number(0.1, 1)),
    op("np.clip({x}, {y}, {z})", None, analytic=False, x=x, y=y, z=z, name="clip(x,y,z)",
       kink="({x} - {y}) * ({x} - {z}) * ({z} - {y})"),
    op("{x}.clip({a}, {b})", "=", analytic=False, kink="({x} - {a}) * ({x} - {b})", x=x,
       a=number(-1, 0), b=number(0.1, 1)),
    op("np.select([{c}, {d}], [{x}, {y}], {a})",
       "torch.where({c}, {x}, torch.where({d}, {y}, {a}))",
       c=Argument(real, "...", "b"), d=Argument(real, "...", "b"), x=x, y=y, a=number(-2, 2)),
    op("np.choose({i}, [{x}, {y}, {z}])",
       "torch.where({i} == 0, {x}, torch.where({i} == 1, {y}, {z}))",
       i=Argument(real, "...", "i", low=0, high=3), x=x, y=y, z=z),
    op("np.piecewise({x}, [{x} < 0, {x} >= 1], [lambda t: t * t, np.sin, lambda t: 2 * t])", None,
       None, analytic=False, kink="{x} * ({x} - 1)"),
    op("np.unwrap({x}, axis={axis})", None, analytic=False, x=Argument(real, "..., n"),
       kink="np.cos(np.diff({x}, axis={axis}) / 2)", axis=pick(-1)),
    op("np.vectorize(lambda t: t * t + 1)({x})", None, None, analytic=False),
    op("{x}.astype(np.float64) * 2", None, analytic=False),
]
