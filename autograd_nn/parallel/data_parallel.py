"""DataParallel: the gradient of a batch, a shard at a time, on whichever ranks there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isclose
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.batch import Loss, Metrics, forward_and_backward, measured, plain
from autograd_nn.nn.module import Module, evaluating
from autograd_nn.optim.optimizer import own
from autograd_nn.parallel.buffers import Buffers
from autograd_nn.parallel.group import Group, Term
from autograd_nn.program import compile as compiled
from autograd_nn.tensor import Tensor
from autograd_nn.traced import no_grad


class DataParallel:
    """Bring the gradient of a batch to a model's parameters, its shards computed side by side.

    It takes the place of forward and backward, not of the optimiser, so that clipping, schedules
    and steps stay what they are: every rank has the whole gradient and makes the same step.
    Every rank is given the whole batch, and takes its shards of it.

    Parameters
    ----------
    model : Module
        All ranks begin with the parameters and buffers of rank 0.
    loss : callable ``(prediction, target) -> Tensor``
        A mean or a sum over the samples, such as ``nn.cross_entropy``.  Where samples count
        differently, by weights of classes or labels to be ignored, give a sum: a mean of each
        shard would be over what counts there.
    group : Group
    metrics : dict of str to callable ``(prediction, target) -> number``, optional
        What else is measured, of arrays; the mean over a batch, such as `accuracy`.
    reduction : {"mean", "sum"}, optional
        How the loss of a batch is made of those of its samples.  By default found out from the
        loss of the first batch and those of its halves.
    compile : bool, "numpy" or "numba"
        Whether forward and backward are recorded once for each shape of a shard, then run as a
        flat program; by which backend.
    check_every : int
        After how many batches the ranks compare checksums of their models and of their batches,
        as they do at the first.

    Notes
    -----
    A shard counts by its samples: where the number of shards does not divide theirs, shards differ
    in size, and are weighted by it if the loss is a mean.

    A `Dropout` draws for each shard by a key of that shard.  A batch normalisation takes each shard
    by itself (Hoffer, Hubara & Soudry, "Train longer, generalize better", 2017, call that ghost
    batch normalisation), so that the number of shards is a matter of the model there; its running
    means, like any buffer of floats that shards change, become the mean of what these leave.

    With one shard, all numbers are those of training without this class.  More shards add in
    another order, and round differently; how many ranks compute them changes no bit.

    Examples
    --------
    >>> from autograd_nn import datasets, nn, optim
    >>> xor = datasets.xor()
    >>> model = nn.MLP((2, 8, 2), activation=nn.Tanh, rng=0)
    >>> optimizer = optim.Adam(model.parameters(), lr=0.05)
    >>> replica = DataParallel(model, nn.cross_entropy, Group(shards=4))
    >>> for step in range(100):
    ...     found = replica.backward(xor.features, xor.labels)
    ...     optimizer.step()
    >>> found["loss"] < 0.05
    True
    """

    def __init__(
        self,
        model: Module,
        loss: Loss,
        group: Group,
        *,
        metrics: Metrics | None = None,
        reduction: str | None = None,
        compile: bool | str = False,  # noqa: A002 (what it turns on is called so)
        check_every: int = 100,
    ) -> None:
        for name, value, kind in (("model", model, Module), ("group", group, Group)):
            if not isinstance(value, kind):
                given, wanted = type(value).__name__, kind.__name__
                message = f"DataParallel: argument {name} is a {given}; give a {wanted}"
                raise TypeError(message)
        if reduction not in (None, "mean", "sum"):
            message = f"DataParallel: argument reduction={reduction!r} must be 'mean' or 'sum'"
            raise ValueError(message)
        if not (isinstance(check_every, int) and check_every > 0):
            message = f"DataParallel: check_every={check_every!r} must be a whole number above 0"
            raise ValueError(message)
        self.model, self.loss, self.group = model, loss, group
        self.metrics, self.reduction = metrics or {}, reduction
        self.check_every, self.batches = check_every, 0
        self.parameters, self.buffers = model.parameters(), Buffers(model)
        self.learn, self.compile = learner(model, loss), compile
        group.broadcast(model=model)

    def backward(self, X: Any, y: Any) -> dict[str, float]:
        """Set every parameter's `grad` to the gradient of the whole batch's loss.

        Parameters
        ----------
        X, y : array_like
            The batch, the same on all ranks: inputs and targets, with a sample a row.

        Returns
        -------
        dict of str to float
            ``loss`` and the metrics, of the whole batch.

        Raises
        ------
        ParallelError
            If the ranks have different batches, or their models differ by now.
        ValueError
            If the loss is neither a mean over the samples nor a sum, or if there are no samples.
        """
        X, y = self.checked(X, y)
        if self.batches % self.check_every == 0:
            self.group.check_alike("DataParallel", inputs=X, targets=y, model=self.model)
        if self.compile and self.batches == 0:
            backend = self.compile if isinstance(self.compile, str) else "numpy"
            first = self.group.slices(len(X))[0]
            self.learn = compiled(self.learn, X[first], y[first], backend=backend)
        self.batches += 1
        self.buffers.begin_batch()
        numbers, flags, *arrays = self.group.sum(self.learned(X, y))
        n, present = len(self.parameters), [bool(flag) for flag in flags]
        for parameter, gradient, is_present in zip(self.parameters, arrays, present, strict=False):
            set_gradient(parameter, gradient if is_present else None)
        means = zip(arrays[n:], present[n:], strict=True)
        self.buffers.end_batch(self.group.own[-1], means)
        return self.named(numbers)

    def evaluate(self, X: Any, y: Any) -> dict[str, float]:
        """Measure a batch in evaluation mode, without learning from it.

        Parameters and results are those of `backward`.
        """
        X, y = self.checked(X, y)
        with evaluating(self.model), no_grad():
            (numbers,) = self.group.sum(self.judged(X, y))
        return self.named(numbers)

    def learned(self, X: Any, y: Any) -> Iterator[list[Term]]:
        """Yield, for each shard, the numbers, what has a gradient or has changed, and these."""
        for i, rows, share, weight in self.shards(len(X)):
            self.buffers.begin_shard(i)
            value, prediction = self.learn(X[rows], y[rows])
            gradients = [parameter.grad for parameter in self.parameters]
            flags = [*(g is not None for g in gradients), *self.buffers.changed()]
            yield [
                (self.numbers(value, prediction, y[rows], share, weight), 1.0),
                (np.array(flags, float), 1.0),
                *(
                    (gradient_of(p, g), weight)
                    for p, g in zip(self.parameters, gradients, strict=True)
                ),
                *((np.asarray(buffer.value), share) for buffer in self.buffers.floats),
            ]

    def judged(self, X: Any, y: Any) -> Iterator[list[Term]]:
        """Yield the numbers of each shard."""
        for _, rows, share, weight in self.shards(len(X)):
            prediction = self.model(X[rows])
            value = self.loss(prediction, y[rows])
            yield [(self.numbers(value, prediction, y[rows], share, weight), 1.0)]

    def shards(self, n: int) -> Iterator[tuple[int, slice, float, float]]:
        """Yield number, rows, share of the samples and weight in the loss of this rank's shards.

        A shard without rows has those of the first, and no weight: so every rank has seen some.
        """
        slices = self.group.slices(n)
        for i in self.group.own:
            share = (slices[i].stop - slices[i].start) / n
            weight = share if self.reduction == "mean" else float(share > 0)
            yield i, slices[i] if share else slices[0], share, weight

    def numbers(
        self, value: Any, prediction: Any, target: Any, share: float, weight: float
    ) -> NDArray[Any]:
        """Return what a shard adds to the loss and the metrics."""
        loss, *others = measured(value, prediction, target, self.metrics).values()
        return np.array([loss * weight, *(number * share for number in others)])

    def named(self, numbers: NDArray[Any]) -> dict[str, float]:
        """Name the loss and the metrics."""
        return dict(zip(("loss", *self.metrics), numbers.tolist(), strict=True))

    def checked(self, X: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the batch as arrays; find out, once, what the loss is over samples."""
        X, y = np.asarray(X), np.asarray(y)
        if not (X.ndim and y.ndim and len(X) == len(y) > 0):
            message = (
                f"DataParallel: X has shape {X.shape} and y {y.shape}; give a batch of samples, "
                "one a row, as many in each"
            )
            raise ValueError(message)
        if self.reduction is None:
            with evaluating(self.model), no_grad():
                self.reduction = reduction_of(self.model, self.loss, X, y)
        return X, y


def learner(model: Module, loss: Loss) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Make a function that leaves one shard's gradient; compile finds no more in it than that."""
    parameters = model.parameters()

    def learn(x: Any, y: Any) -> tuple[Any, Any]:
        for parameter in parameters:
            parameter.zero_grad()
        return forward_and_backward("DataParallel", model, loss, x, y)

    return learn


def reduction_of(model: Module, loss: Loss, x: NDArray[Any], y: NDArray[Any]) -> str:
    """Find out whether a loss is a mean or a sum over samples, from a batch and its halves."""
    if len(x) == 1:  # which has no halves: take it twice
        x, y = np.concatenate([x, x]), np.concatenate([y, y])
    half = len(x) // 2
    parts = slice(None), slice(half), slice(half, None)
    found = [plain(loss(model(x[part]), y[part])) for part in parts]
    if any(np.ndim(value) for value in found):
        message = (
            f"DataParallel: argument loss returned shape {np.shape(found[0])}; give one that "
            "returns one number, a mean or a sum over the samples"
        )
        raise ValueError(message)
    whole, first, second = map(float, found)
    share = half / len(x)
    exactness = np.finfo(np.result_type(found[0], np.float16)).eps
    mean, total = (
        isclose(whole, expected, rel_tol=float(exactness) ** 0.5)
        for expected in (share * first + (1 - share) * second, first + second)
    )
    if mean != total:
        return "mean" if mean else "sum"
    message = (
        f"DataParallel: the loss is {whole:g} of a batch, {first:g} and {second:g} of its halves; "
        "that is neither a mean over samples nor a sum; give DataParallel a loss in which all "
        "samples count alike, or reduction="
    )
    raise ValueError(message)


def gradient_of(parameter: Tensor, gradient: Tensor | None) -> NDArray[Any]:
    """Return a gradient as an array, zeros where there is none."""
    value = np.zeros_like(parameter.value) if gradient is None else gradient.value
    return np.asarray(value)


def set_gradient(parameter: Tensor, gradient: NDArray[Any] | None) -> None:
    """Write a gradient over the parameter's own, whose buffer a compiled function may know."""
    if gradient is None or parameter.grad is None:
        parameter.grad = gradient
    else:
        np.copyto(own(parameter.grad), gradient)
