"""L-BFGS, by SciPy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import MissingExtraError, NoGradientError
from autograd_nn.optim.optimizer import check_range, check_real, checked
from autograd_nn.tensor import Tensor
from autograd_nn.traced import settled


class LBFGS:
    """Minimise a function of all parameters at once, by what its gradients tell of its curvature.

    SciPy's L-BFGS-B does the work (the extra ``[scipy]``): Liu & Nocedal, "On the limited memory
    BFGS method for large scale optimization" (1989), with Moré & Thuente's line search.  Every
    call of `step` is a run of its own, of up to `max_iter` iterations.

    Parameters
    ----------
    parameters : iterable of Tensor
        Real leaves that require a gradient, such as ``model.parameters()``.
    max_iter : int
        At most how many iterations a step makes.
    tolerance_grad : float
        Stop where no entry of the gradient is larger.
    tolerance_change : float
        Stop where an iteration lowers the loss relatively by less.
    history_size : int
        How many pairs of steps and changes of the gradient are remembered.

    Raises
    ------
    MissingExtraError
        If SciPy is not installed.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = LBFGS([x])
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 3) ** 2 * np.array([1, 10])).sum()
    ...     loss.backward()
    ...     return loss
    >>> first = optimizer.step(closure)
    >>> first.item(), x.numpy().round(4).tolist()
    (14.0, [3.0, 3.0])
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        max_iter: int = 20,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
    ) -> None:
        check_range("LBFGS", 1, np.inf, max_iter=max_iter, history_size=history_size)
        tolerances = {"tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change}
        check_range("LBFGS", 0, np.inf, **tolerances)
        self.parameters = checked("LBFGS", parameters)
        check_real("LBFGS", self.parameters)
        self.minimize = minimiser()
        self.options = {
            "maxiter": max_iter,
            "maxfun": max_iter * 5 // 4 + 1,
            "gtol": tolerance_grad,
            "ftol": tolerance_change,
            "maxcor": history_size,
        }

    def step(self, closure: Callable[[], Any]) -> Any:
        """Minimise; return the loss from before.

        `closure` forgets the gradients, computes the loss, goes backward and returns the loss.
        Afterwards the gradients are those at the new parameters.
        """
        losses: list[Any] = []
        points: list[NDArray[np.float64]] = []

        def evaluate(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            self.move_to(point)
            loss = closure()
            losses.append(loss)
            points[:] = [point.copy()]
            return float(getattr(loss, "value", loss)), self.gradient()

        start = np.concatenate([np.ravel(p.value) for p in self.parameters]).astype(float)
        found = self.minimize(evaluate, start, jac=True, method="L-BFGS-B", options=self.options)
        if not np.array_equal(found.x, points[0]):  # the last try was not the best
            evaluate(found.x)
        return losses[0]

    def move_to(self, point: NDArray[np.float64]) -> None:
        """Write one long vector into the parameters."""
        ends = np.cumsum([p.size for p in self.parameters])
        for parameter, part in zip(self.parameters, np.split(point, ends[:-1]), strict=True):
            parameter.write(settled(part.reshape(parameter.shape).copy()), "LBFGS.step")
            parameter.refresh()

    def gradient(self) -> NDArray[np.float64]:
        """Lay all gradients out as one long vector."""
        parts = []
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                message = f"LBFGS.step: closure brings parameter {i} no gradient; call backward()"
                raise NoGradientError(message)
            parts.append(np.ravel(parameter.grad.value))
        return np.concatenate(parts).astype(float)

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: every step is a run of its own, so that no step leaves a state."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned: nothing."""
        if state:
            message = (
                f"LBFGS.load_state_dict: the state has {', '.join(sorted(state))}; load one that "
                "state_dict() of an LBFGS returned"
            )
            raise KeyError(message)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters:
            parameter.zero_grad()


def minimiser() -> Any:
    """Import SciPy's minimiser, or say how to get it."""
    try:
        from scipy.optimize import minimize  # noqa: PLC0415 (only when asked for)
    except ImportError as error:
        message = "LBFGS needs SciPy: pip install 'autograd_nn[scipy]'"
        raise MissingExtraError(message) from error
    return minimize
