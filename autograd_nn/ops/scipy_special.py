"""SciPy's special functions; imported when the first of them meets a Tensor.

Arguments whose derivative has no closed form (orders of Bessel functions, parameters of
incomplete integrals) have no rule: differentiating by them is refused.  The formulas are those
of the Digital Library of Mathematical Functions (DLMF, https://dlmf.nist.gov).
"""

import math
from typing import Any

import numpy as np
import scipy.special as sp

from autograd_nn import table
from autograd_nn.errors import NoRuleError
from autograd_nn.fitting import Value
from autograd_nn.primitive import Rule

ROOT_PI, ROOT_2, ROOT_2PI = math.sqrt(math.pi), math.sqrt(2), math.sqrt(2 * math.pi)


def real(name: str, x: Value) -> Value:
    """Return `x`, or refuse it if it is complex, where the derivative is not known or is none."""
    if x.dtype.kind == "c":
        message = (
            f"the derivative of scipy.special.{name} is known for real arguments only; take the "
            "real part, or call detach() on that argument"
        )
        raise NoRuleError(message)
    return x


class AskUfunc:
    """Answer which ufunc a function applies."""

    def __array_ufunc__(self, ufunc: np.ufunc, *_args: Any, **_kwargs: Any) -> np.ufunc:
        return ufunc

    def __array_namespace__(self, **_kwargs: Any) -> Any:
        return np


def ufunc_of(function: Any, n_data: int) -> Any:
    """Find the ufunc of a Python function: zeta's, and with SCIPY_ARRAY_API=1 of all."""
    return function if isinstance(function, np.ufunc) else function(*[AskUfunc()] * n_data)


def elementwise(function: Any, *rules: Rule | None) -> None:
    """Enter a function under its ufunc, by which it reaches the table."""
    table.elementwise(ufunc_of(function, len(rules)), *rules)


# ---- sigmoid, logit, errors and normal distributions ------------------------------------------

elementwise(sp.expit, lambda v, y, x: v * (y * sp.expit(-x)))  # not 1 - y, which rounds to 0
elementwise(sp.logit, lambda v, _y, x: v / (x * (1 - x)))
elementwise(sp.log_expit, lambda v, _y, x: v * sp.expit(-x))
elementwise(sp.erf, lambda v, _y, x: v * (2 / ROOT_PI * np.exp(-x * x)))
elementwise(sp.erfc, lambda v, _y, x: -v * (2 / ROOT_PI * np.exp(-x * x)))
elementwise(sp.erfi, lambda v, _y, x: v * (2 / ROOT_PI * np.exp(x * x)))
elementwise(sp.erfinv, lambda v, y, _x: v * (ROOT_PI / 2 * np.exp(y * y)))
elementwise(sp.erfcinv, lambda v, y, _x: -v * (ROOT_PI / 2 * np.exp(y * y)))
elementwise(sp.dawsn, lambda v, y, x: v * (1 - 2 * x * y))
elementwise(sp.ndtr, lambda v, _y, x: v * (np.exp(-x * x / 2) / ROOT_2PI))
elementwise(sp.ndtri, lambda v, y, _x: v * (ROOT_2PI * np.exp(y * y / 2)))
elementwise(sp.log_ndtr, lambda v, _y, x: v * hazard(x))


@lambda rule: elementwise(sp.erfcx, rule)
def erfcx_rule(v: Value, y: Value, x: Value) -> Value:
    """Use ``2 x y - 2 / sqrt(pi)``, or where that cancels its asymptotic series (DLMF 7.12.1)."""
    limit = 10  # beyond it, twelve terms are exact to rounding
    far = x > limit
    t = -0.5 / np.square(np.where(far, x, limit))
    series: Value = 0.0
    for odd in range(23, 0, -2):
        series = (1 + series) * (odd * t)
    return v * (2 / ROOT_PI * np.where(far, series, ROOT_PI * x * y - 1))


def hazard(x: Value) -> Value:
    """Compute ``d log_ndtr / dx``, the density over the distribution, accurate in both tails."""
    below = x < 0
    low, high = np.where(below, x, 0), np.where(below, 0, x)
    return np.where(
        below,
        math.sqrt(2 / math.pi) / sp.erfcx(low / -ROOT_2),
        np.exp(-high * high / 2) / (ROOT_2PI * sp.ndtr(high)),
    )


# ---- gamma and beta functions -----------------------------------------------------------------

elementwise(sp.gamma, lambda v, y, x: v * (y * sp.psi(x)))
elementwise(sp.gammaln, lambda v, _y, x: v * sp.psi(x))
elementwise(sp.loggamma, lambda v, _y, x: v * sp.psi(x))
elementwise(sp.psi, lambda v, _y, x: v * sp.zeta(2, real("psi", x)))
elementwise(sp.gammasgn, lambda v, *_: np.zeros_like(v))
elementwise(
    sp.beta,
    lambda v, z, a, b: v * (z * (sp.psi(a) - sp.psi(a + b))),
    lambda v, z, a, b: v * (z * (sp.psi(b) - sp.psi(a + b))),
)
elementwise(
    sp.betaln,
    lambda v, _z, a, b: v * (sp.psi(a) - sp.psi(a + b)),
    lambda v, _z, a, b: v * (sp.psi(b) - sp.psi(a + b)),
)
elementwise(
    sp.binom,
    lambda v, z, n, k: v * (z * (sp.psi(n + 1) - sp.psi(n - k + 1))),
    lambda v, z, n, k: v * (z * (sp.psi(n - k + 1) - sp.psi(k + 1))),
)
elementwise(
    sp.poch,
    lambda v, y, z, m: v * (y * (sp.psi(z + m) - sp.psi(z))),
    lambda v, y, z, m: v * (y * sp.psi(z + m)),
)


@lambda rule: elementwise(sp.rgamma, rule)
def rgamma_rule(v: Value, y: Value, x: Value) -> Value:
    """Reflect where x < 1/2 (DLMF 5.5.3): finite also at 0, -1, ..., the poles of gamma."""
    left = 2 * x < 1
    low, high = np.where(left, x, 0), np.where(left, 1, x)
    reflected = sp.gamma(1 - low) * np.cos(math.pi * low) - y * sp.psi(1 - low)
    return v * np.where(left, reflected, -y * sp.psi(high))


elementwise(sp.zeta, None, lambda v, _z, s, q: v * (-s * sp.zeta(s + 1, q)))


def polygamma_rule(v: Value, _y: Value, n: Value, x: Value) -> Value:
    """Differentiate once more."""
    return v * polygamma(n + 1, real("polygamma", x))


@lambda function: table.elementwise(function, None, polygamma_rule)
def polygamma(n: Value, x: Value) -> Value:
    """Differentiate ``scipy.special.psi`` `n` times: the polygamma functions; keeps float32."""
    return sp.polygamma(n, x).astype(sp.psi(x).dtype)


def multigammaln(a: Value, d: int) -> Value:
    """Compute the logarithm of the multivariate gamma function of dimension `d`."""
    if np.any(np.less_equal(a, 0.5 * (d - 1))):
        message = f"multigammaln: argument a must be greater than (d - 1) / 2 = {0.5 * (d - 1)}"
        raise ValueError(message)
    terms = [sp.gammaln(a - j / 2) for j in range(d)]
    return d * (d - 1) / 4 * math.log(math.pi) + sum(terms[1:], terms[0])


def beta_density(a: Value, b: Value, x: Value) -> Value:
    """Compute ``d betainc(a, b, x) / dx``."""
    return np.exp(sp.xlogy(a - 1, x) + sp.xlog1py(b - 1, -x) - sp.betaln(a, b))


def gamma_density(a: Value, x: Value) -> Value:
    """Compute ``d gammainc(a, x) / dx``."""
    return np.exp(sp.xlogy(a - 1, x) - x - sp.gammaln(a))


elementwise(sp.gammainc, None, lambda v, _y, a, x: v * gamma_density(a, x))
elementwise(sp.gammaincc, None, lambda v, _y, a, x: -v * gamma_density(a, x))
elementwise(sp.gammaincinv, None, lambda v, x, a, _y: v / gamma_density(a, x))
elementwise(sp.gammainccinv, None, lambda v, x, a, _y: -v / gamma_density(a, x))
elementwise(sp.betainc, None, None, lambda v, _y, a, b, x: v * beta_density(a, b, x))
elementwise(sp.betaincc, None, None, lambda v, _y, a, b, x: -v * beta_density(a, b, x))
elementwise(sp.betaincinv, None, None, lambda v, x, a, b, _y: v / beta_density(a, b, x))
elementwise(sp.betainccinv, None, None, lambda v, x, a, b, _y: -v / beta_density(a, b, x))

# ---- Bessel functions (DLMF 10.6, 10.29) ------------------------------------------------------

elementwise(sp.j0, lambda v, _y, x: -v * sp.j1(x))
elementwise(sp.j1, lambda v, _y, x: v * ((sp.j0(x) - sp.jv(2, x)) / 2))
elementwise(sp.y0, lambda v, _y, x: -v * sp.y1(x))
elementwise(sp.y1, lambda v, _y, x: v * ((sp.y0(x) - sp.yv(2, x)) / 2))
elementwise(sp.jv, None, lambda v, _y, n, x: v * ((sp.jv(n - 1, x) - sp.jv(n + 1, x)) / 2))
elementwise(sp.yv, None, lambda v, _y, n, x: v * ((sp.yv(n - 1, x) - sp.yv(n + 1, x)) / 2))
elementwise(sp.yn, None, lambda v, _y, n, x: v * ((sp.yn(n - 1, x) - sp.yn(n + 1, x)) / 2))
elementwise(sp.i0, lambda v, _y, x: v * sp.i1(x))
elementwise(sp.i1, lambda v, _y, x: v * ((sp.i0(x) + sp.iv(2, x)) / 2))
elementwise(sp.iv, None, lambda v, _y, n, x: v * ((sp.iv(n - 1, x) + sp.iv(n + 1, x)) / 2))
elementwise(sp.i0e, lambda v, y, x: v * (sp.i1e(x) - np.sign(x) * y))
elementwise(sp.i1e, lambda v, y, x: v * ((sp.i0e(x) + sp.ive(2, x)) / 2 - np.sign(x) * y))
elementwise(
    sp.ive,
    None,
    lambda v, y, n, x: (
        v * ((sp.ive(n - 1, x) + sp.ive(n + 1, x)) / 2 - np.sign(real("ive", x)) * y)
    ),
)
elementwise(sp.k0, lambda v, _y, x: -v * sp.k1(x))
elementwise(sp.k1, lambda v, _y, x: v * ((sp.k0(x) + sp.kv(2, x)) / -2))
elementwise(sp.k0e, lambda v, y, x: v * (y - sp.k1e(x)))
elementwise(sp.k1e, lambda v, y, x: v * (y - (sp.k0e(x) + sp.kve(2, x)) / 2))
elementwise(sp.kv, None, lambda v, _y, n, x: v * ((sp.kv(n - 1, x) + sp.kv(n + 1, x)) / -2))
elementwise(sp.kn, None, lambda v, _y, n, x: v * ((sp.kn(abs(n - 1), x) + sp.kn(n + 1, x)) / -2))
elementwise(sp.kve, None, lambda v, y, n, x: v * (y - (sp.kve(n - 1, x) + sp.kve(n + 1, x)) / 2))

# ---- logarithms, entropies, powers ------------------------------------------------------------
# Where x is 0, so is x log y for every y: its slope is 0 in y, and also in x where log y fails.

elementwise(
    sp.xlogy,
    lambda v, _z, x, y: v * np.log(np.where(fails(x, y), np.ones_like(x), y)),
    lambda v, _z, x, y: v * (x / np.where(fails(x, y), 1, y)),
)
elementwise(
    sp.xlog1py,
    lambda v, _z, x, y: v * np.log1p(np.where(fails(x, y + 1), np.zeros_like(x), y)),
    lambda v, _z, x, y: v * (x / np.where(fails(x, y + 1), 1, y + 1)),
)
elementwise(sp.entr, lambda v, _y, x: -v * (np.log(x) + 1))
elementwise(
    sp.rel_entr,
    lambda v, _z, x, y: v * (np.log(ratio(x, y)) + 1),
    lambda v, _z, x, y: -v * ratio(x, y),
)
elementwise(
    sp.kl_div,
    lambda v, _z, x, y: v * np.log(ratio(x, y)),
    lambda v, _z, x, y: v * (1 - ratio(x, y)),
)


def fails(x: Value, y: Value) -> Value:
    """Tell where x is 0 and y has no logarithm."""
    return np.logical_and(x == 0, y <= 0)


def ratio(x: Value, y: Value) -> Value:
    """Divide, taking 0 / 0 as 0."""
    return x / np.where(np.logical_and(x == 0, y == 0), np.ones_like(x), y)


elementwise(sp.expm1, lambda v, _y, x: v * np.exp(x))
elementwise(sp.log1p, lambda v, _y, x: v / (1 + x))
elementwise(sp.cosm1, lambda v, _y, x: -v * np.sin(x))
elementwise(sp.exp2, lambda v, y, _x: v * (y * math.log(2)))
elementwise(sp.exp10, lambda v, y, _x: v * (y * math.log(10)))
elementwise(sp.cbrt, lambda v, y, _x: v / (3 * y * y))
elementwise(sp.exprel, lambda v, _y, x: v * slope_of_exprel(x))
elementwise(
    sp.boxcox,
    lambda v, _y, x, p: v * x ** (p - 1),
    lambda v, _y, x, p: v * (np.log(x) ** 2 * slope_of_exprel(p * np.log(x))),
)
elementwise(
    sp.boxcox1p,
    lambda v, _y, x, p: v * np.exp((p - 1) * np.log1p(x)),
    lambda v, _y, x, p: v * (np.log1p(x) ** 2 * slope_of_exprel(p * np.log1p(x))),
)
elementwise(
    sp.inv_boxcox,
    lambda v, x, y, p: v * (x / (1 + p * y)),
    lambda v, x, y, p: -v * (x * slope_of_logrel(y, p)),
)
elementwise(
    sp.inv_boxcox1p,
    lambda v, x, y, p: v * ((x + 1) / (1 + p * y)),
    lambda v, x, y, p: -v * ((x + 1) * slope_of_logrel(y, p)),
)


def slope_of_exprel(x: Value) -> Value:
    """Differentiate ``expm1(x) / x``, smoothly through 0."""
    return sp.hyp1f1(2, 3, x) / 2


def slope_of_logrel(y: Value, p: Value) -> Value:
    """Differentiate ``-log1p(p * y) / p`` by p, smoothly through 0."""
    return y * y / 2 * sp.hyp2f1(2, 2, 3, -p * y)


# ---- what robust regression, quadrature and physics add ---------------------------------------

elementwise(
    sp.huber,
    lambda v, _z, d, r: v * np.where(d < 0, 0, np.maximum(np.abs(r) - d, 0)),
    lambda v, _z, d, r: v * np.where(d < 0, 0, np.clip(r, -d, d)),
)
elementwise(
    sp.pseudo_huber,
    lambda v, _z, d, r: v * (np.square(r * r / (length(d, r) + d)) / length(d, r)),
    lambda v, _z, d, r: v * (d * r / length(d, r)),
)


def length(d: Value, r: Value) -> Value:
    """Compute the hypotenuse, or 1 where it is 0."""
    h = np.hypot(d, r)
    return np.where(h == 0, 1, h)


elementwise(sp.expi, lambda v, _y, x: v * (np.exp(x) / x))
elementwise(sp.exp1, lambda v, _y, x: -v * (np.exp(-x) / x))
elementwise(sp.spence, lambda v, _y, x: -v * sp.hyp2f1(1, 1, 2, 1 - x))
elementwise(sp.ellipk, lambda v, _y, m: v * (math.pi / 8 * sp.hyp2f1(1.5, 1.5, 2, m)))
elementwise(sp.ellipe, lambda v, _y, m: -v * (math.pi / 8 * sp.hyp2f1(0.5, 1.5, 2, m)))
elementwise(sp.hyp0f1, None, lambda v, _y, b, x: v * (sp.hyp0f1(b + 1, x) / b))
elementwise(sp.hyp1f1, None, None, lambda v, _y, a, b, x: v * (a / b * sp.hyp1f1(a + 1, b + 1, x)))
elementwise(
    sp.hyp2f1,
    *(None, None, None),
    lambda v, _y, a, b, c, x: v * (a * b / c * sp.hyp2f1(a + 1, b + 1, c + 1, x)),
)
