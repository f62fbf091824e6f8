"""Learning rates that change with time: each is a formula of the number of steps.

Closed forms, so that a schedule can be resumed at any step.  Call ``schedule.step()`` once after
every epoch (or every step) of training, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, inf, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.optim.optimizer import Optimizer, check_range


class LRSchedule:
    """Set the learning rate of an optimiser by a formula; subclasses define `lr_at`.

    Parameters
    ----------
    optimizer : Optimizer
        Its `initial_lr`, the rate that it was made with, is what most schedules scale.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            message = (
                f"{type(self).__name__}: argument optimizer is a {type(optimizer).__name__}; pass "
                "one of autograd_nn.optim that has a learning rate"
            )
            raise TypeError(message)
        self.optimizer, self.base_lr, self.last_epoch = optimizer, optimizer.initial_lr, 0
        self.go_to(0)

    def lr_at(self, epoch: int) -> float:
        """Compute the learning rate after that many steps of the schedule."""
        message = f"{type(self).__name__} defines no lr_at(); give it one"
        raise NotImplementedError(message)

    def go_to(self, epoch: int) -> None:
        """Set the learning rate to what it is after that many steps of the schedule."""
        self.optimizer.set_lr(self.lr_at(epoch))

    def step(self) -> None:
        """Go on by one, and set the learning rate."""
        self.last_epoch += 1
        self.go_to(self.last_epoch)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return how many steps were taken, as an array in a dict."""
        return {"last_epoch": np.array(self.last_epoch)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where `state_dict` was called, and set the learning rate."""
        if set(state) != {"last_epoch"}:
            message = (
                f"{type(self).__name__}.load_state_dict: the state has {sorted(state)}, not "
                "last_epoch alone; load one that state_dict() of a schedule returned"
            )
            raise KeyError(message)
        self.last_epoch = int(state["last_epoch"])
        self.go_to(self.last_epoch)


class StepLR(LRSchedule):
    """Multiply the learning rate by `gamma` every `step_size` steps.

    >>> from autograd_nn import Tensor, optim
    >>> optimizer = optim.SGD([Tensor(0.0, requires_grad=True)], lr=1.0)
    >>> [StepLR(optimizer, step_size=2, gamma=0.5).lr_at(t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        check_range("StepLR", 1, inf, step_size=step_size)
        check_range("StepLR", 0, inf, gamma=gamma)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """Compute the learning rate after that many steps."""
        return float(self.base_lr * self.gamma ** (epoch // self.step_size))


class LinearLR(LRSchedule):
    """Warm up (or cool down): go from one factor to another in a straight line, then stay.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float
        What the learning rate is multiplied by at first and at last.
    total_iters : int
        How many steps lie between.

    Examples
    --------
    >>> from autograd_nn import Tensor, optim
    >>> optimizer = optim.SGD([Tensor(0.0, requires_grad=True)], lr=1.0)
    >>> [LinearLR(optimizer, 0.5, 1.0, 2).lr_at(t) for t in range(4)]
    [0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        check_range("LinearLR", 1, inf, total_iters=total_iters)
        check_range("LinearLR", 0, inf, start_factor=start_factor, end_factor=end_factor)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """Compute the learning rate after that many steps."""
        way = min(epoch, self.total_iters) / self.total_iters
        return self.base_lr * (self.start_factor + (self.end_factor - self.start_factor) * way)


class CosineAnnealingLR(LRSchedule):
    """Follow half a cosine from the learning rate down to `eta_min` in `T_max` steps.

    Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without
    the restarts: beyond `T_max` the cosine goes on, and up again.

    >>> from autograd_nn import Tensor, optim
    >>> optimizer = optim.SGD([Tensor(0.0, requires_grad=True)], lr=1.0)
    >>> [round(CosineAnnealingLR(optimizer, T_max=2).lr_at(t), 12) for t in range(3)]
    [1.0, 0.5, 0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        check_range("CosineAnnealingLR", 1, inf, T_max=T_max)
        check_range("CosineAnnealingLR", 0, inf, eta_min=eta_min)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """Compute the learning rate after that many steps."""
        return along_cosine(self.base_lr, self.eta_min, epoch / self.T_max)


class OneCycleLR(LRSchedule):
    """Rise to `max_lr` along half a cosine, then fall far below where it began.

    Smith & Topin, "Super-convergence" (2019), in the two phases of PyTorch.  Momentum goes the
    other way: it is lowest where the rate is highest.

    Parameters
    ----------
    optimizer : Optimizer
    max_lr : float
        The highest rate.
    total_steps : int
        How long the cycle is: ``step()`` may be called ``total_steps - 1`` times.
    pct_start : float
        Which share of the cycle is spent rising.
    div_factor : float
        The cycle begins at ``max_lr / div_factor``.
    final_div_factor : float
        It ends at what it began with, divided by this.
    cycle_momentum : bool
        Whether momentum is set: ``momentum`` of SGD and RMSprop, made with one above 0, or the
        first of Adam's ``betas``.  It is a number: a compiled step is recorded anew when it
        changes.
    base_momentum, max_momentum : float
        The lowest momentum, and that at the beginning and the end.

    Examples
    --------
    >>> from autograd_nn import Tensor, optim
    >>> optimizer = optim.SGD([Tensor(0.0, requires_grad=True)], lr=1.0, momentum=0.9)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> [round(schedule.lr_at(t), 4) for t in (0, 2, 9)]
    [0.04, 1.0, 0.0]
    >>> [round(schedule.momentum_at(t), 4) for t in (0, 2, 9)]
    [0.95, 0.85, 0.95]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        cycle_momentum: bool = True,  # noqa: FBT001, FBT002 (PyTorch's signature)
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
    ) -> None:
        check_range("OneCycleLR", 2, inf, total_steps=total_steps)
        check_range("OneCycleLR", 0, 1, pct_start=pct_start)
        if not (max_lr > 0 and div_factor > 0 and final_div_factor > 0):
            message = (
                f"OneCycleLR: max_lr={max_lr!r}, div_factor={div_factor!r} and final_div_factor="
                f"{final_div_factor!r} must be positive"
            )
            raise ValueError(message)
        momenta = {"base_momentum": base_momentum, "max_momentum": max_momentum}
        check_range("OneCycleLR", 0, 1, **momenta)
        if cycle_momentum and isinstance(optimizer, Optimizer) and not has_momentum(optimizer):
            message = (
                f"OneCycleLR: {type(optimizer).__name__} has no momentum to change; make it with "
                "one above 0, or pass cycle_momentum=False"
            )
            raise ValueError(message)
        self.max_lr, self.total_steps, self.pct_start = max_lr, total_steps, pct_start
        self.first_lr = max_lr / div_factor
        self.final_lr = self.first_lr / final_div_factor
        self.cycle_momentum = cycle_momentum
        self.base_momentum, self.max_momentum = base_momentum, max_momentum
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """Compute the learning rate after that many steps."""
        return self.along_cycle(epoch, self.first_lr, self.max_lr, self.final_lr)

    def momentum_at(self, epoch: int) -> float:
        """Compute the momentum after that many steps."""
        return self.along_cycle(epoch, self.max_momentum, self.base_momentum, self.max_momentum)

    def along_cycle(self, epoch: int, first: float, top: float, last: float) -> float:
        """Go from the first value to that at the top, then to the last."""
        end = self.total_steps - 1
        if epoch > end:
            message = f"OneCycleLR: step {epoch} is beyond the cycle of total_steps={end + 1}"
            raise ValueError(message)
        turn = self.pct_start * self.total_steps - 1
        if epoch <= turn:
            return along_cosine(first, top, epoch / turn if turn else 1.0)
        return along_cosine(top, last, (epoch - turn) / (end - turn))

    def go_to(self, epoch: int) -> None:
        """Set the learning rate, and the momentum."""
        super().go_to(epoch)
        if self.cycle_momentum:
            optimizer: Any = self.optimizer
            if hasattr(optimizer, "betas"):
                optimizer.betas = self.momentum_at(epoch), *optimizer.betas[1:]
            else:
                optimizer.momentum = self.momentum_at(epoch)


def has_momentum(optimizer: Any) -> bool:
    """Tell whether an optimiser has what a cycle changes."""
    return hasattr(optimizer, "betas") or bool(getattr(optimizer, "momentum", 0))


class SequentialLR(LRSchedule):
    """Follow one schedule after another, such as a warm-up and then a cosine.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : sequence of LRSchedule
        Of the same optimiser; each begins anew at its milestone.
    milestones : sequence of int
        After how many steps the second schedule begins, the third, and so on.

    Examples
    --------
    >>> from autograd_nn import Tensor, optim
    >>> optimizer = optim.SGD([Tensor(0.0, requires_grad=True)], lr=1.0)
    >>> warm_up, cool_down = LinearLR(optimizer, 0.5, 1, 2), CosineAnnealingLR(optimizer, 2)
    >>> schedule = SequentialLR(optimizer, [warm_up, cool_down], milestones=[2])
    >>> [round(schedule.lr_at(t), 12) for t in range(5)]
    [0.5, 0.75, 1.0, 0.5, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRSchedule], milestones: Sequence[int]
    ) -> None:
        if len(milestones) != len(schedulers) - 1 or [*milestones] != sorted(milestones):
            message = (
                f"SequentialLR: milestones={[*milestones]!r} must be {len(schedulers) - 1} rising "
                f"numbers, one between any two of the {len(schedulers)} schedulers"
            )
            raise ValueError(message)
        if any(schedule.optimizer is not optimizer for schedule in schedulers):
            message = "SequentialLR: argument schedulers holds one of another optimizer"
            raise ValueError(message)
        self.schedulers, self.milestones = [*schedulers], [*milestones]
        super().__init__(optimizer)

    def lr_at(self, epoch: int) -> float:
        """Compute the learning rate after that many steps."""
        schedule, since = self.followed_at(epoch)
        return schedule.lr_at(since)

    def go_to(self, epoch: int) -> None:
        """Set what the schedule that is followed then sets."""
        schedule, since = self.followed_at(epoch)
        schedule.go_to(since)

    def followed_at(self, epoch: int) -> tuple[LRSchedule, int]:
        """Find which schedule is followed after that many steps, and how many are its own."""
        passed = [milestone for milestone in self.milestones if milestone <= epoch]
        return self.schedulers[len(passed)], epoch - (passed[-1] if passed else 0)


def along_cosine(start: float, end: float, way: float) -> float:
    """Go from `start` (way 0) to `end` (way 1) along half a cosine."""
    return end + (start - end) * (1 + cos(pi * way)) / 2
