"""Parameters, inputs and targets for a person's code: the program's own, or drawn to fit it.

A program may give them all by ``make_problem(rng) -> (params, inputs, targets)``. Otherwise the
parameters are its variables of the names that the forward pass takes, or what its function
``initialize...`` makes, called with sizes that are distinct primes. Inputs and targets are its
variables of such names (``X``, ``y``), or drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.compare.diagnosis.adapters import Adapted
from autograd_nn.compare.diagnosis.conventions import (
    arguments,
    find,
    gradients_by_name,
    has_role,
    plain,
    returned,
)
from autograd_nn.compare.diagnosis.loading import Program
from autograd_nn.compare.diagnosis.matching import Function
from autograd_nn.compare.diagnosis.problem import Point
from autograd_nn.errors import DiagnosisInputError

SAMPLES = 7
SIZES = {"inputs": 3, "hidden": 5, "outputs": 2}  # distinct primes: 1/N and 2/(N K) differ
MORE_SIZES = (11, 13, 17, 19)
_ONE_LAYER = {
    "x": (SAMPLES, 5), "w": (5, 3), "b": (3,), "gamma": (5,), "beta": (5,),
}  # fmt: skip


def given(program: Program, rng: np.random.Generator) -> Point | None:
    """Return what the program's make_problem gives; None if it has none."""
    if (maker := find(program.names, "problem")) is None:
        return None
    made = maker(rng)
    if not isinstance(made, tuple) or len(made) != 3:  # noqa: PLR2004
        message = "make_problem(rng) must return the three (params, inputs, targets)"
        raise DiagnosisInputError(message)
    return Point(*made)


def point(program: Program, adapted: Adapted, rng: np.random.Generator, samples: int) -> Point:
    """Find or draw a point for functions; targets may be None, to be `completed`."""
    if (made := given(program, rng)) is not None:
        return made
    if adapted.layer:
        params = {name: _layer_array(program, name, rng) for name in adapted.parameters}
        return Point(params, next(iter(params.values())), None)  # inputs say what N is
    params = _params(program, adapted, rng)
    inputs, targets = data(program, lambda x: adapted.forward(deepcopy(params), x)[0], rng, samples)
    return Point(params, inputs, targets)


def data(
    program: Program, forward: Function, rng: np.random.Generator, samples: int
) -> tuple[NDArray[Any], Any]:
    """Return the program's own inputs and targets if they fit a forward pass, or draw inputs."""
    inputs = _variable(program.names, "inputs")
    if inputs is not None and _runs(forward, inputs):
        return inputs, _variable(program.names, "targets")
    return _fitting(forward, rng, samples), None


def completed(targets: Any, output: Any, rng: np.random.Generator, *, layer: bool) -> Any:
    """Return targets; drawn like the output if there are none, one-hot for probabilities."""
    if targets is not None:
        return targets
    output = np.asarray(output, float)
    if layer:
        return rng.standard_normal(output.shape)
    for axis in range(output.ndim):
        if output.shape[axis] > 1 and np.allclose(output.sum(axis=axis), 1):
            chosen = rng.integers(output.shape[axis], size=np.delete(output.shape, axis))
            return np.moveaxis(np.eye(output.shape[axis])[chosen], -1, axis)
    return rng.uniform(0.05, 0.95, output.shape)


def labels(output: Any, samples: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a class for each sample, of those that an output has columns for, or rows."""
    shape = np.shape(output)
    classes = shape[0] if len(shape) > 1 and shape[1] == samples != shape[0] else shape[-1]
    return rng.integers(max(classes, 2), size=samples)


def instance(program: Program, owner: type, rng: np.random.Generator) -> Any:
    """Copy the program's only object of a class, or make one, its sizes distinct primes."""
    own = list({id(x): x for x in program.names.values() if type(x) is owner}.values())
    return deepcopy(own[0]) if len(own) == 1 else _built(owner, rng)


def _built(owner: type, rng: np.random.Generator) -> Any:
    return _called(owner, dict(list(arguments(owner.__init__).items())[1:]), rng)  # type: ignore[misc]


def _params(program: Program, adapted: Adapted, rng: np.random.Generator) -> Any:
    names = program.names
    if not adapted.parameters:
        own = [value for name, value in names.items() if has_role(name, "params")]
        own = [value for value in own if isinstance(value, (dict, list))]
        if len(own) == 1:
            return own[0]
    elif all(name in names and not callable(names[name]) for name in adapted.parameters):
        return {name: names[name] for name in adapted.parameters}
    maker = find(names, "initialise")
    if maker is None:
        what = ", ".join(adapted.parameters) or "params"
        message = (
            f"{program.file}: no values were found for the parameters ({what}); define them as "
            "variables, or define make_problem(rng) that returns (params, inputs, targets)"
        )
        raise DiagnosisInputError(message)
    made = _called(maker, arguments(maker), rng)
    if not adapted.parameters:
        return made
    if isinstance(made, Mapping):
        named = dict(made)
    else:
        parts = made if isinstance(made, (tuple, list)) else (made,)
        called = returned(maker)
        named = dict(zip(called, parts, strict=True)) if len(called) == len(parts) else {}
        if not set(adapted.parameters) <= set(named) and len(parts) == len(adapted.parameters):
            named = dict(zip(adapted.parameters, parts, strict=True))  # by order
    known = gradients_by_name(named, adapted.parameters)
    missing = [name for name in adapted.parameters if name not in known]
    if missing:
        message = (
            f"{maker.__name__} makes {', '.join(named)}, but the forward pass takes "
            f"{', '.join(adapted.parameters)}; define make_problem(rng) that returns (params, "
            "inputs, targets)"
        )
        raise DiagnosisInputError(message)
    return {name: named[known[name]] for name in adapted.parameters}


def _called(maker: Function, wanted: Mapping[str, bool], rng: np.random.Generator) -> Any:
    """Call what makes parameters, with primes for sizes."""
    hidden, others = iter((SIZES["hidden"], *MORE_SIZES)), iter(reversed(MORE_SIZES))
    given: dict[str, Any] = {}
    for name, required in wanted.items():
        if plain(name) in {"rng", "generator"}:
            given[name] = rng
        elif required:
            given[name] = _argument(plain(name), hidden, others)
    try:
        return maker(**given)
    except Exception as error:
        sizes = ", ".join(f"{name}={value!r}" for name, value in given.items())
        message = (
            f"{maker.__name__}({sizes}) failed ({type(error).__name__}: {error}); define "
            "make_problem(rng) that returns (params, inputs, targets)"
        )
        raise DiagnosisInputError(message) from error


def _argument(name: str, hidden: Iterator[int], others: Iterator[int]) -> Any:
    """Choose a value for an argument of what makes parameters, by its plain name."""
    if name in {"sizes", "layers", "layersizes", "layerdims", "layersdims", "dims", "shape"}:
        return list(SIZES.values())
    if has_role(name, "lr") or "seed" in name:
        return 1
    if "hid" in name or name in {"nh", "h"}:
        return next(hidden)
    if "out" in name or "class" in name or name in {"ny", "k"}:
        return SIZES["outputs"]
    if "in" in name or "feature" in name or name in {"nx", "d", "n"}:
        return SIZES["inputs"]
    return next(others)


def _variable(names: Mapping[str, Any], role: str) -> Any:
    """Return the program's only array of a role; None if it has none, or several."""
    found = {
        name: value
        for name, value in names.items()
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and has_role(name, role)
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _runs(forward: Function, *args: Any) -> bool:
    try:
        forward(*args)
    except Exception:  # noqa: BLE001 (the variable is meant for something else)
        return False
    return True


def _fitting(run: Function, rng: np.random.Generator, samples: int) -> NDArray[np.float64]:
    """Draw inputs of the first shape that a forward pass accepts, samples first or last."""
    problems, running = [], []
    for shape in _shapes(samples):
        x = rng.standard_normal(shape)
        try:
            with np.errstate(all="ignore"):
                output = np.asarray(run(x), float)
        except Exception as error:  # noqa: BLE001 (this shape does not fit)
            problems.append(f"{shape}: {error}")
            continue
        if len(shape) > 1 and samples not in output.shape:
            problems.append(f"{shape}: the output has shape {output.shape}")
        elif np.isfinite(output).all():
            return x
        else:
            running.append(x)
    if running:
        return running[0]  # which line makes NaN is said when it is judged
    message = (
        "no shape of the inputs was found that the forward pass accepts "
        f"({problems[0]}); define the inputs as a variable X, or define make_problem(rng) that "
        "returns (params, inputs, targets)"
    )
    raise DiagnosisInputError(message)


def _shapes(samples: int) -> Iterator[tuple[int, ...]]:
    lengths = (*SIZES.values(), *MORE_SIZES, 1, 4)
    yield from ((samples, n) for n in lengths)
    yield from ((n, samples) for n in lengths)
    yield from ((n,) for n in lengths)


def _layer_array(program: Program, name: str, rng: np.random.Generator) -> NDArray[Any]:
    value = program.names.get(name)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value
    if name.lower() in _ONE_LAYER:
        return rng.standard_normal(_ONE_LAYER[name.lower()])
    message = (
        f"{program.file}: no value was found for the argument {name!r} of the layer; define it as "
        "a variable, or define make_problem(rng) that returns (params, inputs, targets)"
    )
    raise DiagnosisInputError(message)
