"""fit: the training loop, run as it is written or recorded once and replayed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.datasets import batches
from autograd_nn.nn import Module
from autograd_nn.optim import LRSchedule, Optimizer
from autograd_nn.program import compile as compiled
from autograd_nn.saving import load
from autograd_nn.tensor import Tensor
from autograd_nn.traced import no_grad
from autograd_nn.training.callbacks import Checkpoint
from autograd_nn.training.history import History
from autograd_nn.training.metrics import plain
from autograd_nn.training.progress import Progress
from autograd_nn.training.run import Run

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Data = tuple[ArrayLike, ArrayLike]
    Loss = Callable[[Any, Any], Any]
    Metrics = Mapping[str, Callable[[Any, Any], float]]


def fit(
    model: Module,
    data: Data,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    *,
    batch_size: int = 32,
    rng: np.random.Generator | int | None = None,
    validation: Data | None = None,
    metrics: Metrics | None = None,
    schedule: LRSchedule | None = None,
    callbacks: Sequence[Callable[[Run], Any]] = (),
    compile: bool | str = False,  # noqa: A002 (what it turns on is called so)
    resume: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> History:
    """Train a model, and return what was measured after every epoch.

    Parameters
    ----------
    model : Module
        Put into training mode, and left in it.
    data : pair of array_like
        Inputs and targets, with a sample a row, as many in each.
    loss : callable ``(prediction, target) -> number``
        One of `autograd_nn.nn`, such as ``nn.cross_entropy``.
    optimizer : Optimizer
        Of the model's parameters.
    epochs : int
        How often all samples are seen, those before a resumption included.
    batch_size : int
        How many samples a step sees; the last of an epoch sees what is left.
    rng : Generator or int, optional
        Where the order of the samples is drawn from, anew for each epoch.
    validation : pair of array_like, optional
        Inputs and targets to be measured, not trained on, after every epoch.
    metrics : dict of str to callable ``(prediction, target) -> number``, optional
        What else is measured, of arrays; the mean over a batch, such as `accuracy`.
    schedule : LRSchedule, optional
        Steps between epochs.  If compiled, give the optimiser its rate as a Tensor: a number
        that changes is recorded anew.
    callbacks : sequence of callable ``(run) -> None``
        Called after every epoch with the `Run`; one may call ``run.stop(reason)``,
        or ``run.pause()`` to go on another time.
    compile : bool, "numpy" or "numba"
        Whether a step is recorded once for each shape of a batch, then run as a flat program; by
        which backend.
    resume : path, optional
        What a `Checkpoint` of a call with the same arguments saved, to go on from.
    progress : bool
        Whether progress is shown on standard error: a bar on a terminal, else a few lines.

    Returns
    -------
    History
        ``loss``, and the metrics, are means over the samples of an epoch, each batch measured
        before it was learned from.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of these.
    CheckpointError
        If what is to be resumed does not fit, or is damaged.

    Notes
    -----
    Training stops after an epoch whose loss is not finite.

    Examples
    --------
    >>> from autograd_nn import datasets, nn, optim
    >>> xor = datasets.xor()
    >>> model = nn.MLP((2, 8, 2), activation=nn.Tanh, rng=0)
    >>> optimizer = optim.Adam(model.parameters(), lr=0.05)
    >>> data = xor.features, xor.labels
    >>> history = fit(model, data, nn.cross_entropy, optimizer, epochs=100, rng=0, progress=False)
    >>> len(history), history["loss"][-1] < 0.05
    (100, True)
    """
    check(model, optimizer, schedule, epochs)
    data, metrics = pair("fit", "data", data), metrics or {}
    if validation is not None:
        validation = pair("fit", "validation", validation)
    # A checkpoint is of what the other callbacks leave behind.
    ordered = sorted(callbacks, key=lambda callback: isinstance(callback, Checkpoint))
    run = Run(model, optimizer, np.random.default_rng(rng), schedule, ordered)
    if resume is not None:
        load(resume, **run.parts())
    model.train()
    step = step_of(model, loss, optimizer)
    if compile:
        first = next(batches(*data, batch_size, shuffle=False))
        step = compiled(step, *first, backend=compile if isinstance(compile, str) else "numpy")
    with Progress(epochs, run.epoch, shown=progress) as shown:
        while run.epoch < epochs and not (run.history.stopped or run.paused):
            if schedule is not None and run.epoch:
                schedule.step()
            record = averaged(batches(*data, batch_size, run.rng), step, metrics)
            if validation is not None:
                found = evaluate(model, validation, loss, metrics, batch_size=batch_size)
                record |= {f"val_{name}": number for name, number in found.items()}
            run.history.append(record)
            if not isfinite(record["loss"]):
                run.stop(f"the loss is {record['loss']}")
            for callback in ordered:
                callback(run)
            shown.show(run.history)
    return run.history


def evaluate(
    model: Module,
    data: Data,
    loss: Loss,
    metrics: Metrics | None = None,
    *,
    batch_size: int = 1024,
) -> dict[str, float]:
    """Measure a model in evaluation mode, without training it.

    Parameters
    ----------
    model : Module
        Afterwards in the mode that it was in, and so are all modules within.
    data : pair of array_like
        Inputs and targets, with a sample a row, as many in each.
    loss, metrics : callable, dict of callables
        As of `fit`.
    batch_size : int
        How many samples are computed at once; only time and memory depend on it.

    Returns
    -------
    dict of str to float
        ``loss`` and the metrics, means over all samples.

    Examples
    --------
    >>> from autograd_nn import nn
    >>> evaluate(nn.ReLU(), ([[1.0], [-2.0]], [[1.0], [1.0]]), nn.mse_loss)
    {'loss': 0.5}
    """

    def measure(x: Any, y: Any) -> tuple[Any, Any]:
        prediction = model(x)
        return loss(prediction, y), prediction

    data = pair("evaluate", "data", data)
    with evaluating(model), no_grad():
        return averaged(batches(*data, batch_size, shuffle=False), measure, metrics or {})


def step_of(
    model: Module, loss: Loss, optimizer: Optimizer
) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Make the function that learns from one batch, and returns the loss and the prediction."""

    def step(x: Any, y: Any) -> tuple[Any, Any]:
        optimizer.zero_grad()
        prediction = model(x)
        value = loss(prediction, y)
        if not isinstance(value, Tensor):
            message = (
                f"fit: argument loss returned a {type(value).__name__}, not a Tensor that has a "
                "gradient; compute it with NumPy's functions of the prediction itself"
            )
            raise TypeError(message)
        value.backward()
        optimizer.step()
        return value, prediction

    return step


def averaged(
    parts: Iterator[tuple[Any, Any]],
    measure: Callable[[Any, Any], tuple[Any, Any]],
    metrics: Metrics,
) -> dict[str, float]:
    """Average the loss and the metrics over all samples, a batch at a time."""
    sums, n = dict.fromkeys(("loss", *metrics), 0.0), 0
    for x, y in parts:
        value, prediction = measure(x, y)
        sums["loss"] += len(x) * float(plain(value))
        for name, metric in metrics.items():
            sums[name] += len(x) * float(metric(plain(prediction), y))
        n += len(x)
    return {name: total / n for name, total in sums.items()}


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Put a model into evaluation mode for a while."""
    before = [(module, module.training) for _, module in model.named_modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def pair(function: str, name: str, data: Any) -> tuple[Any, Any]:
    """Return inputs and targets as arrays, or say that they are not a pair with samples."""
    if not (isinstance(data, tuple | list) and len(data) == 2):  # noqa: PLR2004 (a pair)
        message = f"{function}: argument {name} is a {type(data).__name__}; give (inputs, targets)"
        raise TypeError(message)
    x, y = map(np.asarray, data)
    if x.size == 0:
        message = f"{function}: argument {name} has inputs of shape {x.shape}; give some samples"
        raise ValueError(message)
    return x, y


def check(model: Any, optimizer: Any, schedule: Any, epochs: Any) -> None:
    """Refuse arguments that would only fail, or do nothing, later."""
    for name, value, kind in (("model", model, Module), ("optimizer", optimizer, Optimizer)):
        if not isinstance(value, kind):
            message = f"fit: argument {name} is a {type(value).__name__}; give a {kind.__name__}"
            raise TypeError(message)
    if not {id(p) for p in model.parameters()} & {id(p) for p in optimizer.parameters}:
        message = (
            "fit: argument optimizer has none of the model's parameters; make it of "
            "model.parameters()"
        )
        raise ValueError(message)
    if schedule is not None and getattr(schedule, "optimizer", None) is not optimizer:
        message = "fit: argument schedule is not one of this optimizer; make it of the same"
        raise ValueError(message)
    if not (isinstance(epochs, int | np.integer) and epochs > 0):
        message = f"fit: argument epochs={epochs!r} must be a whole number above 0"
        raise ValueError(message)
