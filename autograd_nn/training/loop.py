"""fit: the training loop, run as it is written or recorded once and replayed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.batch import Loss, Metrics, measured
from autograd_nn.datasets import batches
from autograd_nn.nn.module import Module, evaluating
from autograd_nn.optim import LBFGS, LRSchedule, Optimizer
from autograd_nn.parallel import DataParallel, Group
from autograd_nn.saving import load
from autograd_nn.traced import no_grad
from autograd_nn.training.callbacks import Checkpoint
from autograd_nn.training.history import History
from autograd_nn.training.progress import Progress
from autograd_nn.training.run import Run
from autograd_nn.training.steps import Step, clipping, parallel_step_of, step_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    Data = tuple[ArrayLike, ArrayLike]

Measure = Callable[[Any, Any], dict[str, float]]  # of a batch: the loss and the metrics


def fit(
    model: Module,
    data: Data,
    loss: Loss,
    optimizer: Optimizer | LBFGS,
    epochs: int,
    *,
    batch_size: int = 32,
    rng: np.random.Generator | int | None = None,
    validation: Data | None = None,
    metrics: Metrics | None = None,
    schedule: LRSchedule | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    callbacks: Sequence[Callable[[Run], Any]] = (),
    compile: bool | str = False,  # noqa: A002 (what it turns on is called so)
    parallel: Group | None = None,
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
    optimizer : Optimizer or LBFGS
        Of the model's parameters.  LBFGS minimises the loss of each batch: give it all samples as
        one, ``batch_size=len(inputs)``.
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
    clip_norm : float, optional
        Before each step, all gradients together are made at most so long, by `clip_grad_norm_`.
    clip_value : float, optional
        Before each step, every entry of a gradient is limited to so much, by `clip_grad_value_`;
        one or the other.
    callbacks : sequence of callable ``(run) -> None``
        Called after every epoch with the `Run`; one may call ``run.stop(reason)``,
        or ``run.pause()`` to go on another time.
    compile : bool, "numpy" or "numba"
        Whether a step is recorded once for each shape of a batch, then run as a flat program; by
        which backend.  With `parallel`, that is a step without the optimiser's part.
    parallel : autograd_nn.parallel.Group, optional
        The ranks that train together, each called with the same arguments; see `DataParallel`.
        Rank 0 shows progress, saves, and reads what is resumed, by any number of ranks.
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
    ParallelError
        If ranks do not do the same; checked after every epoch, before a `Checkpoint` saves.

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
    check(model, optimizer, schedule, epochs, parallel)
    clip = clipping(optimizer, clip_norm, clip_value)
    data, metrics = pair("fit", "data", data), metrics or {}
    if validation is not None:
        validation = pair("fit", "validation", validation)
    # A checkpoint is of what the other callbacks leave behind.
    ordered = sorted(callbacks, key=lambda callback: isinstance(callback, Checkpoint))
    run = Run(model, optimizer, np.random.default_rng(rng), schedule, ordered)
    backend = "numpy" if compile is True else compile or None
    leads = parallel is None or parallel.rank == 0
    if resume is not None and leads:
        load(resume, **run.parts())
    model.train()
    if parallel is None:
        example = next(batches(*data, batch_size, shuffle=False))
        step = step_of(model, loss, optimizer, clip, example, backend)
        learn, judge = measure_of(step, metrics), judge_of(model, loss, metrics)
    else:
        parallel.broadcast(**run.parts())
        replica = DataParallel(model, loss, parallel, metrics=metrics, compile=compile)
        learn, judge = parallel_step_of(replica, optimizer, clip), replica.evaluate
        ordered = [x for x in ordered if leads or not isinstance(x, Checkpoint)]
    with Progress(epochs, run.epoch, shown=progress and leads) as shown:
        while run.epoch < epochs and not (run.history.stopped or run.paused):
            if schedule is not None and run.epoch:
                schedule.step()
            record = averaged(batches(*data, batch_size, run.rng), learn)
            if validation is not None:
                found = evaluated(model, validation, judge, batch_size)
                record |= {f"val_{name}": number for name, number in found.items()}
            run.history.append(record)
            if not isfinite(record["loss"]):
                run.stop(f"the loss is {record['loss']}")
            if parallel is not None:
                parallel.check_alike("fit", **run.parts())
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
    data = pair("evaluate", "data", data)
    return evaluated(model, data, judge_of(model, loss, metrics or {}), batch_size)


def evaluated(model: Module, data: Data, judge: Measure, batch_size: int) -> dict[str, float]:
    """Measure a model by a function of a batch."""
    with evaluating(model), no_grad():
        return averaged(batches(*data, batch_size, shuffle=False), judge)


def judge_of(model: Module, loss: Loss, metrics: Metrics) -> Measure:
    """Make the function that measures a batch, and does not learn from it."""

    def forward(x: Any, y: Any) -> tuple[Any, Any]:
        prediction = model(x)
        return loss(prediction, y), prediction

    return measure_of(forward, metrics)


def measure_of(step: Step, metrics: Metrics) -> Measure:
    """Make the function that returns what is measured of a batch as numbers."""
    return lambda x, y: measured(*step(x, y), y, metrics)


def averaged(parts: Iterator[tuple[Any, Any]], measure: Measure) -> dict[str, float]:
    """Average the loss and the metrics over all samples, a batch at a time."""
    sums: dict[str, float] = {}
    n = 0
    for x, y in parts:
        for name, number in measure(x, y).items():
            sums[name] = sums.get(name, 0.0) + len(x) * number
        n += len(x)
    return {name: total / n for name, total in sums.items()}


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


def check(model: Any, optimizer: Any, schedule: Any, epochs: Any, parallel: Any) -> None:
    """Refuse arguments that would only fail, or do nothing, later."""
    for name, value, kind, wanted in (
        ("model", model, Module, "a Module"),
        ("optimizer", optimizer, Optimizer | LBFGS, "one of autograd_nn.optim"),
    ):
        if not isinstance(value, kind):
            message = f"fit: argument {name} is a {type(value).__name__}; give {wanted}"
            raise TypeError(message)
    own = {id(parameter) for parameter in model.parameters()}
    stepped = {id(parameter) for parameter in optimizer.parameters}
    if not own & stepped:
        message = (
            "fit: argument optimizer has none of the model's parameters; make it of "
            "model.parameters()"
        )
        raise ValueError(message)
    if parallel is not None and not isinstance(parallel, Group):
        message = f"fit: argument parallel is a {type(parallel).__name__}; give a parallel.Group"
        raise TypeError(message)
    if parallel is not None and not stepped <= own:
        message = (
            "fit: argument optimizer has parameters that are not the model's, whose gradients "
            "parallel would not add up; make them the model's too"
        )
        raise ValueError(message)
    if schedule is not None and getattr(schedule, "optimizer", None) is not optimizer:
        message = "fit: argument schedule is not one of this optimizer; make it of the same"
        raise ValueError(message)
    if not (isinstance(epochs, int | np.integer) and epochs > 0):
        message = f"fit: argument epochs={epochs!r} must be a whole number above 0"
        raise ValueError(message)
