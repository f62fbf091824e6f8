"""What a program asks to have judged: its two passes, its loss, and a point to run them at."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd_nn.compare.comparison import compare_gradients
from autograd_nn.compare.diagnosis import data
from autograd_nn.compare.diagnosis.adapters import (
    Adapted,
    adapt,
    adapt_forward,
    adapt_loss,
    linear_loss,
)
from autograd_nn.compare.diagnosis.conventions import find, has_role
from autograd_nn.compare.diagnosis.loading import Program
from autograd_nn.compare.diagnosis.losses import LOSSES, meaning
from autograd_nn.compare.diagnosis.matching import Function, Roles, takes_inputs_alone
from autograd_nn.compare.diagnosis.objects import adapt_globals, adapt_object
from autograd_nn.compare.diagnosis.problem import Point
from autograd_nn.compare.oracles import leaves
from autograd_nn.compare.rows import Verdict
from autograd_nn.errors import DiagnosisInputError
from autograd_nn.transforms import grad

DEFAULT_LOSS = "half-sse"


@dataclass(frozen=True)
class Subject:
    """Hold the arguments of `diagnose`, and what was assumed on the way, a sentence each."""

    forward: Function
    backward: Function
    loss: Function
    params: Any
    inputs: Any
    targets: Any
    returns: str
    notes: tuple[str, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """Return what `diagnose` is called with."""
        return {name: value for name, value in vars(self).items() if name != "notes"}


def subject_of(
    program: Program,
    *,
    forward: str | None = None,
    backward: str | None = None,
    loss: str | None = None,
    returns: str | None = None,
    roles: Roles | None = None,
    seed: int = 0,
) -> Subject:
    """Find in a program what is to be judged.

    Parameters
    ----------
    program : Program
    forward, backward : str, optional
        Names of functions, or of methods as "Network.forward". By default they are found by name:
        functions, or else the methods of the only class that has both, or else the only pair
        ``*_forward``, ``*_backward``.
    loss : str, optional
        The name of a function of the program, or of a loss in `LOSSES`. By default it is found by
        name. If the program has none, it is the loss for which most gradients come out right,
        else half the sum of squared errors; `Subject.notes` says so.
    returns : {"grads", "update"}, optional
    roles : mapping of str to str, optional
        As in `adapt`.
    seed : int
        Decides what has to be drawn.

    Raises
    ------
    DiagnosisInputError
        If something cannot be found or matched; the sentence says what to give.
    """
    passes = _passes(program, forward, backward)
    judge = _loss(program, loss, roles)

    def assembled(samples: int) -> Subject:
        rng = np.random.default_rng(seed)
        np.random.seed(seed)  # noqa: NPY002 (the global generator, which is what tutorials use)
        return _assembled(program, passes, judge, returns, roles, rng, samples)

    subject = assembled(data.SAMPLES)
    if not _fits(subject):
        try:
            single = assembled(1)
        except DiagnosisInputError:
            single = subject  # the code takes several samples or none
        subject = single if _fits(single) else subject
    layer = subject.loss is linear_loss
    return _with_assumed_loss(subject) if judge is None and not layer else subject


def _assembled(
    program: Program,
    passes: tuple[Any, Any],
    judge: Function | None,
    returns: str | None,
    roles: Roles | None,
    rng: np.random.Generator,
    samples: int,
) -> Subject:
    """Adapt the passes, and find or draw a point with so many samples."""
    first, second = passes
    if isinstance(first, _Method) or takes_inputs_alone(first, roles or {}):
        adapted, point = _with_state(program, first, second, roles, rng, samples)
    else:
        adapted = adapt(first, second, roles=roles, returns=returns)
        point = data.point(program, adapted, rng, samples)
    output = _tried(program, adapted, point)
    notes: tuple[str, ...] = ()
    if point.targets is None:
        shape = np.shape(output if adapted.layer else point.inputs)
        what = "A gradient from above" if adapted.layer else "Inputs"
        rest = "was" if adapted.layer else "and targets were"
        notes += (f"{what} of shape {shape} {rest} drawn at random.",)
    subject = Subject(
        adapted.forward,
        adapted.backward,
        linear_loss if adapted.layer else judge or LOSSES[DEFAULT_LOSS],
        point.params,
        point.inputs,
        data.completed(point.targets, output, rng, layer=adapted.layer),
        adapted.returns,
        notes,
    )
    if point.targets is None and not adapted.layer and _by_hand(subject) is None:
        labelled = replace(subject, targets=data.labels(output, samples, rng))
        return subject if _by_hand(labelled) is None else labelled
    return subject


def _with_state(
    program: Program,
    first: Any,
    second: Any,
    roles: Roles | None,
    rng: np.random.Generator,
    samples: int,
) -> tuple[Adapted, Point]:
    """Adapt passes whose parameters are attributes of an object, or variables of the program."""
    made = data.given(program, rng)
    template = (
        data.instance(program, first.owner, rng) if isinstance(first, _Method) else program.module
    )
    forward = getattr(template, first.name) if isinstance(first, _Method) else first
    if made is not None:
        inputs, targets = made.inputs, made.targets
    else:
        inputs, targets = data.data(program, forward, rng, samples)
    if isinstance(first, _Method):
        adapted, own = adapt_object(template, first.name, second.name, inputs, roles=roles)
    else:
        names = first.__name__, second.__name__
        adapted, own = adapt_globals(program.module, *names, inputs, roles=roles)
    params = own if made is None or made.params is None else made.params
    return adapted, Point(params, inputs, targets)


def _fits(subject: Subject) -> bool:
    """Tell whether the gradients have the shapes of the parameters, as far as can be seen."""
    hand = _by_hand(subject)
    if hand is None:
        return True
    shapes = {name: np.shape(value) for name, value in leaves(subject.params)}
    return all(shapes.get(name, np.shape(g)) == np.shape(g) for name, g in leaves(hand))


def forward_and_loss_of(
    program: Program,
    *,
    forward: str | None = None,
    loss: str | None = None,
    roles: Roles | None = None,
) -> tuple[Function, Function, tuple[str, ...]]:
    """Find in a program the forward pass and the loss, for gradients that come from elsewhere.

    Returns
    -------
    forward, loss : callable
    notes : tuple of str
        What was assumed.
    """
    function = _named(program, forward) if forward else find(program.names, "forward")
    if function is None or isinstance(function, _Method):
        message = (
            f"{program.file}: gradients from elsewhere need a forward pass that is a function of "
            "the parameters; define one, or give --forward NAME"
        )
        raise DiagnosisInputError(message)
    notes: tuple[str, ...] = ()
    judge = _loss(program, loss, roles)
    if judge is None:
        judge, notes = LOSSES[DEFAULT_LOSS], (_assumption(DEFAULT_LOSS),)
    return adapt_forward(function, roles=roles), judge, notes


@dataclass(frozen=True)
class _Method:
    owner: type
    name: str


def _passes(program: Program, forward: str | None, backward: str | None) -> tuple[Any, Any]:
    names = program.names
    first = _named(program, forward) if forward else find(names, "forward")
    second = _named(program, backward) if backward else find(names, "backward")
    if first is None and second is None:
        pairs = _method_pairs(names) or _layer_pairs(names)
        if len(pairs) > 1:
            found = ", ".join(f"--forward {f} --backward {b}" for f, b in pairs)
            message = f"{program.file} has several pairs of passes; give one of: {found}"
            raise DiagnosisInputError(message)
        if pairs:
            first, second = (_named(program, name) for name in next(iter(pairs)))
    for role, function in (("forward", first), ("backward", second)):
        if function is None:
            known = ", ".join(_functions(names))
            way = f"give --{role} NAME, one of what it defines: {known}"
            message = (
                f"{program.file}: no {role} pass was found by its name; "
                f"{way if known else 'it defines no functions: put the two passes into functions'}"
            )
            raise DiagnosisInputError(message)
    if isinstance(first, _Method) != isinstance(second, _Method):
        message = "the two passes must both be functions, or both methods of one class"
        raise DiagnosisInputError(message)
    return first, second


def _named(program: Program, name: str) -> Any:
    owner, _, method = name.rpartition(".")
    value = program.names.get(owner or name)
    if owner and inspect.isclass(value) and inspect.isfunction(getattr(value, method, None)):
        return _Method(value, method)
    if not owner and callable(value):
        return value
    known = ", ".join(_functions(program.names)) or "nothing"
    message = f"{program.file} does not define a function {name!r}; it defines {known}"
    raise DiagnosisInputError(message)


def _functions(names: Mapping[str, Any]) -> list[str]:
    """Return the names of the program's own functions and methods."""
    found = []
    for name, value in names.items():
        if getattr(value, "__module__", None) != names["__name__"]:
            continue
        if inspect.isfunction(value):
            found.append(name)
        elif inspect.isclass(value):
            found += [f"{name}.{m}" for m, f in vars(value).items() if inspect.isfunction(f)]
    return found


def _method_pairs(names: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = []
    for name in _functions(names):
        owner, _, method = name.rpartition(".")
        if owner and has_role(method, "forward"):
            others = [m for m in vars(names[owner]) if has_role(m, "backward")]
            pairs += [(name, f"{owner}.{m}") for m in others]
    return pairs


def _layer_pairs(names: Mapping[str, Any]) -> list[tuple[str, str]]:
    stems = [name.removesuffix("_forward") for name in names if name.endswith("_forward")]
    return [
        (f"{stem}_forward", f"{stem}_backward") for stem in stems if f"{stem}_backward" in names
    ]


def _loss(program: Program, name: str | None, roles: Roles | None) -> Function | None:
    if name in LOSSES and name not in program.names:
        return LOSSES[name]
    if name is not None:
        if not callable(program.names.get(name)):
            message = (
                f"{program.file} does not define a loss {name!r}; give one of its functions, or "
                f"one of {', '.join(LOSSES)}"
            )
            raise DiagnosisInputError(message)
        return adapt_loss(program.names[name], roles=roles)
    found = find(program.names, "loss")
    return None if found is None else adapt_loss(found, roles=roles)


def _tried(program: Program, adapted: Adapted, point: Point) -> Any:
    """Run the forward pass once, so that a failure is said before anything is judged."""
    try:
        return adapted.forward(deepcopy(point.params), point.inputs)[0]
    except DiagnosisInputError:
        raise
    except Exception as error:
        message = f"{program.file}: the forward pass failed: {type(error).__name__}: {error}"
        raise DiagnosisInputError(message) from error


def _with_assumed_loss(subject: Subject) -> Subject:
    """Choose the loss for which most gradients are right, then right up to a factor."""
    hand = _by_hand(subject)
    scores = {name: _score(subject, name, hand) for name in LOSSES} if hand is not None else {}
    name = max(scores, key=lambda name: scores[name], default=DEFAULT_LOSS)  # the first of equals
    return replace(subject, loss=LOSSES[name], notes=(*subject.notes, _assumption(name)))


def _assumption(name: str) -> str:
    return f"No function that is a loss was found; --loss {name} was assumed: {meaning(name)}."


def _by_hand(subject: Subject) -> Any:
    """Return what the backward pass computes; None if it fails, which is said when it is judged."""
    params, lr = deepcopy(subject.params), 1e-6
    try:
        with np.errstate(all="ignore"):
            output, cache = subject.forward(params, subject.inputs)
            arguments = params, subject.inputs, subject.targets, output, cache
            if subject.returns == "grads":
                return subject.backward(*arguments)
            returned = subject.backward(*arguments, lr)
            return _change(subject.params, params if returned is None else returned, lr)
    except Exception:  # noqa: BLE001 (whatever the user's code raises)
        return None


def _change(before: Any, after: Any, lr: float) -> Any:
    if isinstance(before, Mapping):
        return {key: _change(before[key], after[key], lr) for key in before}
    if isinstance(before, (list, tuple)):
        return [_change(old, new, lr) for old, new in zip(before, after, strict=True)]
    return (before - after) / lr


def _score(subject: Subject, name: str, hand: Any) -> tuple[int, int]:
    """Count the parameters whose gradients are right for a loss, and right up to a factor."""

    def value(params: Any) -> Any:
        return LOSSES[name](subject.forward(params, subject.inputs)[0], subject.targets)

    try:
        with np.errstate(all="ignore"):
            automatic = grad(value)(deepcopy(subject.params))
            rows = compare_gradients({"automatic": automatic, "hand": hand}, rtol=1e-3).rows
    except Exception:  # noqa: BLE001 (the user's code may not run on Tensors)
        return 0, 0
    verdicts = [row.verdict for row in rows]
    return verdicts.count(Verdict.AGREES), verdicts.count(Verdict.FACTOR)
