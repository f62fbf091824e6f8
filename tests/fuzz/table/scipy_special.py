"""SciPy's special functions, where SciPy is installed."""

from importlib.util import find_spec

from ..domains import above_one, between, positive, real
from ..operation import SAME, Argument, Operation
from ..parameters import axes, axis, number, pick
from .line import op as line

x, y, p, b = Argument(real), Argument(real), Argument(positive), Argument(between)
NAMED = {  # PyTorch's names, where they are others
    "psi": "digamma", "j0": "bessel_j0", "j1": "bessel_j1", "y0": "bessel_y0", "y1": "bessel_y1",
}  # fmt: skip
NOT_IN_TORCH = {"erfi", "gamma", "rgamma", "k0", "k1", "exprel", "log_expit", "cbrt", "exp10"}
NOT_IN_JAX = {"psi", "j0", "j1", "y0", "y1", "k0", "k1", "rgamma", "log_expit", "exp10", "erfi"}
UNARY = {
    real: "expit erf erfc erfcx erfi ndtr log_ndtr i0 i0e i1 i1e j0 j1 log_expit exp10",
    between: "logit erfinv ndtri",
    positive: "gammaln psi digamma gamma rgamma y0 y1 k0 k1 entr exprel",
}


def op(
    scipy: str, torch: str | None = None, jax: str | None = SAME, **drawn: object
) -> Operation:
    """Write a line: `torch` and `jax` may be "=", the same in their modules of special functions."""
    return line(
        scipy,
        scipy.replace("special.", "torch.special.") if torch == SAME else torch,
        scipy.replace("special.", "jax.scipy.special.") if jax == SAME else jax,
        analytic=False,
        **drawn,  # type: ignore[arg-type]
    )


def unary(name: str, argument: Argument) -> Operation:
    torch = None if name in NOT_IN_TORCH else f"torch.special.{NAMED.get(name, name)}({{x}})"
    jax = None if name in NOT_IN_JAX else SAME
    return op(f"special.{name}({{x}})", torch, jax, x=argument)


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
    op("special.iv({a}, {x})", None, None, x=p, a=number(0, 2)),
    op("special.jv({a}, {x})", None, None, x=p, a=number(0, 2)),
    op("special.kv({a}, {x})", None, None, x=p, a=number(0, 2)),
    op("special.logsumexp({x}, axis={axis})", "torch.logsumexp({x}, dim={dims})", axis=axes),
    op("special.logsumexp({x}, axis={axis}, b={y}, keepdims=True)", None, None, x=x, y=p, axis=axis),
    op("special.softmax({x}, axis={axis})", "torch.softmax({x}, dim={axis})",
       "jax.nn.softmax({x}, axis={axis})", axis=axis),
    op("special.log_softmax({x}, axis={axis})", "torch.log_softmax({x}, dim={axis})",
       "jax.nn.log_softmax({x}, axis={axis})", axis=axis),
] if find_spec("scipy") else []  # fmt: skip
