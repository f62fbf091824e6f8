"""SciPy's special functions, where SciPy is installed."""

from importlib.util import find_spec
from typing import Any

from ..domains import above_one, between, positive, real
from ..operation import SAME, Argument, Operation
from ..parameters import axes, axis, number, pick
from .line import op as line

x, y, p, b = Argument(real), Argument(real), Argument(positive), Argument(between)
IN_TORCH = (
    "expit erf erfc erfcx ndtr log_ndtr i0 i0e i1 i1e logit erfinv ndtri gammaln psi digamma entr"
).split()
IN_JAX = (
    "expit erf erfc ndtr log_ndtr i0 i0e i1 i1e logit ndtri gammaln digamma gamma entr expi exp1 "
    "spence erfinv"
).split()
UNARY = {
    real: "expit erf erfc erfcx erfi ndtr log_ndtr i0 i0e i1 i1e j0 j1 log_expit exp10 cosm1 dawsn",
    between: "logit erfinv erfcinv ndtri ellipk ellipe",
    positive: "gammaln loggamma psi digamma gamma rgamma y0 y1 k0 k1 k0e k1e entr exprel exp1 expi "
    "spence",
}


def op(scipy: str, torch: str | None = None, jax: str | None = SAME, **drawn: Any) -> Operation:
    """Write a line; "=" is the same name in a library's own module of special functions."""
    return line(
        scipy,
        scipy.replace("special.", "torch.special.") if torch == SAME else torch,
        scipy.replace("special.", "jax.scipy.special.") if jax == SAME else jax,
        analytic=False,
        **drawn,
    )


def unary(name: str, argument: Argument) -> Operation:
    torch = SAME if name in IN_TORCH else None
    jax = SAME if name in IN_JAX else None
    return op(f"special.{name}({{x}})", torch, jax, x=argument)


# fmt: off
OPERATIONS = [
    *[unary(name, Argument(domain)) for domain, names in UNARY.items() for name in names.split()],
    op("special.xlogy({x}, {y})", SAME, x=x, y=p),
    op("special.xlog1py({x}, {y})", SAME, x=x, y=p),
    op("special.rel_entr({x}, {y})", "{x} * torch.log({x} / {y})", x=p, y=p),
    op("special.kl_div({x}, {y})", "{x} * torch.log({x} / {y}) - {x} + {y}", x=p, y=p),
    op("special.beta({x}, {y})", x=p, y=p),
    op("special.betaln({x}, {y})", x=p, y=p),
    op("special.betainc({a}, {c}, {x})", None, x=b, a=number(0.5, 2), c=number(0.5, 2)),
    op("special.gammainc({a}, {x})", None, x=p, a=number(0.5, 2)),
    op("special.gammaincc({a}, {x})", None, x=p, a=number(0.5, 2)),
    op("special.polygamma({k}, {x})", SAME, x=Argument(above_one), k=pick(0, 1, 2)),
    op("special.zeta({a}, {x})", None, None, x=Argument(above_one), a=number(1.2, 4)),
    *[
        op(f"special.{name}({{a}}, {{x}})", None, None, x=p, a=number(0, 2))
        for name in ("iv", "ive", "jv", "kv", "kve", "yv", "hyp0f1", "poch")
    ],
    *[
        op(f"special.{name}({{k}}, {{x}})", None, None, x=p, k=pick(0, 1, 2))
        for name in ("kn", "yn")
    ],
    *[
        op(f"special.{name}({{x}}, {{a}})", None, None, x=p, a=number(0.2, 2))
        for name in ("boxcox", "boxcox1p", "inv_boxcox", "inv_boxcox1p")
    ],
    *[
        op(f"special.{name}({{a}}, {{x}})", None, None, x=b, a=number(0.5, 2))
        for name in ("gammaincinv", "gammainccinv", "pseudo_huber")
    ],
    *[
        op(f"special.{name}({{a}}, {{c}}, {{x}})", None, None, x=b, a=number(0.5, 2),
           c=number(0.5, 2))
        for name in ("betaincc", "betaincinv", "betainccinv", "hyp1f1")
    ],
    op("special.hyp2f1({a}, {c}, 1.7, {x})", None, None, x=b, a=number(0.5, 2), c=number(0.5, 2)),
    op("special.binom(3.5, {x})", None, None, x=b),
    op("special.huber({a}, {x})", None, None, x=p, a=pick(5.0, 0.1)),
    op("special.logsumexp({x}, axis={axis})", "torch.logsumexp({x}, dim={dims})", axis=axes),
    op("special.logsumexp({x}, axis={axis}, b={y}, keepdims=True)", None, None, x=x, y=p,
       axis=axis),
    op("special.softmax({x}, axis={axis})", "torch.softmax({x}, dim={axis})",
       "jax.nn.softmax({x}, axis={axis})", axis=axis),
    op("special.log_softmax({x}, axis={axis})", "torch.log_softmax({x}, dim={axis})",
       "jax.nn.log_softmax({x}, axis={axis})", axis=axis),
] if find_spec("scipy") else []
