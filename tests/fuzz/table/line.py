"""How a line of the table is written."""

import re

from ..domains import real
from ..operation import SAME, Argument, Operation, Param


def op(
    numpy: str,
    torch: str | None = None,
    jax: str | None = SAME,
    *,
    kink: str = "",
    analytic: bool = True,
    complex: bool | None = None,  # noqa: A002 (the dtype)
    name: str = "",
    **drawn: Argument | Param,
) -> Operation:
    """Write one line of the table.

    The spellings: NumPy's, PyTorch's, JAX's; None if there is none, "=" if it is NumPy's but
    for the name of the module.  `analytic` says that the complex step may judge NumPy's
    spelling, and then (unless said otherwise) that it takes complex numbers.  The rest says how
    arguments and parameters are drawn; without any, `x` is drawn from all real numbers.
    """
    arguments = {k: v for k, v in drawn.items() if isinstance(v, Argument)}
    params: dict[str, Param] = {k: v for k, v in drawn.items() if not isinstance(v, Argument)}
    spellings = {"numpy": numpy}
    if torch is not None:
        spellings["torch"] = numpy.replace("np.", "torch.") if torch == SAME else torch
    if jax is not None:
        spellings["jax"] = numpy.replace("np.", "jnp.") if jax == SAME else jax
    return Operation(
        name or title(numpy),
        spellings,
        arguments or {"x": Argument(real)},
        params,
        kink,
        analytic,
        analytic if complex is None else complex,
    )


def title(numpy: str) -> str:
    """Name an operation by its spelling, shortened."""
    return re.sub(r"np\.|[{} ]", "", numpy.replace("{out}", "out"))
