"""save and load: checkpoints of models, optimisers and random generators.

A checkpoint maps names to values.  A value is an array, plain data, or a dict of them, such as a
``state_dict()``: two levels, so that the array "0.weight" of "model" is named "model.0.weight".
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn import safetensors
from autograd_nn.errors import CheckpointError
from autograd_nn.tensor import Tensor

VERSION = "1"
Checkpoint = dict[str, Any]


def save(path: str | os.PathLike[str], /, **objects: Any) -> None:
    """Write a checkpoint to `path`: whole or not at all, with a checksum, on disk when it returns.

    Parameters
    ----------
    path : path
        What is there is replaced at the end; a crash at any moment leaves it, or the new one.
    **objects
        What to save, under the names that `load` is to use, such as ``model=``, ``optimizer=``,
        ``rng=``: objects with ``state_dict()``, NumPy's Generators, Tensors, arrays, plain data
        (text, numbers, None, and lists and dicts of them), or a dict of arrays and plain data.

    Raises
    ------
    TypeError
        If something cannot be saved.
    DtypeError
        If an array has a dtype without a name in the format, such as float128 or object.
    OSError
        If the file cannot be written.

    Notes
    -----
    The format is safetensors, which other libraries read.  Nothing in it is ever executed.
    Complex arrays are stored as pairs of floats, along a last axis.  If the process is killed,
    a draft may be left beside the file, ``.<name>.<random>.tmp``; a save an hour later removes it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from autograd_nn import nn
    >>> model, twin = nn.MLP((2, 3, 1), rng=0), nn.MLP((2, 3, 1), rng=1)
    >>> with TemporaryDirectory() as folder:
    ...     save(Path(folder, "run.safetensors"), model=model, epoch=7)
    ...     found = load(Path(folder, "run.safetensors"), model=twin)
    >>> found["epoch"], bool((twin(np.ones(2)) == model(np.ones(2))).all())
    (7, True)
    """
    arrays: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    for name, value in objects.items():
        if "." in name:
            message = f"save: name {name!r} has a dot, which separates names in the file"
            raise ValueError(message)
        found = state_of(value)
        if isinstance(found, Mapping):
            plain[name] = {}
            for key, part in found.items():
                put(part, f"{name}.{key}", key, arrays, plain[name])
        else:
            put(found, name, name, arrays, plain)
    pairs = [name for name, array in arrays.items() if array.dtype.kind == "c"]
    for name in pairs:
        arrays[name] = np.stack([arrays[name].real, arrays[name].imag], axis=-1)
    texts = {"format": "autograd_nn", "format_version": VERSION}
    safetensors.write(
        path, arrays, texts | {"complex": json.dumps(pairs), "plain": json.dumps(plain)}
    )


def load(path: str | os.PathLike[str], /, **objects: Any) -> Checkpoint:
    """Read a checkpoint, and restore objects in place: all of them, or none.

    Parameters
    ----------
    path : path
        What `save` wrote.
    **objects
        What to restore, under the names that they were saved with: objects with
        ``load_state_dict()``, made in the same way, and NumPy's Generators of the same kind.

    Returns
    -------
    dict
        All that was saved, by name: arrays, plain data, and dicts of them for what had a state.
        What was a number of NumPy's is an array without axes.

    Raises
    ------
    CheckpointError
        If the file is damaged, in any bit, or foreign, or does not fit the objects.  Nothing is
        restored then.
    OSError
        If the file cannot be read.
    """
    arrays, texts = safetensors.read(path)
    where = os.fspath(path)
    if (texts.get("format"), texts.get("format_version")) != ("autograd_nn", VERSION):
        message = (
            f"load: {where} has version {texts.get('format_version')!r} of the format; this is "
            f"version {VERSION!r}; load it with the release of autograd_nn that saved it"
        )
        raise CheckpointError(message)
    try:
        checkpoint = assembled(arrays, texts)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        message = f"load: {where} holds what save does not write ({error})"
        raise CheckpointError(message) from error
    restore(where, checkpoint, objects)
    return checkpoint


def state_of(value: Any) -> Any:
    """Return what is to be saved of an object: an array, plain data, or a dict of them."""
    if hasattr(value, "state_dict"):
        return value.state_dict()
    return generator_state(value) if isinstance(value, np.random.Generator) else value


def generator_state(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a Generator; some kinds keep arrays one level down."""
    state = dict(rng.bit_generator.state)
    inner = {
        key: part.tolist() if isinstance(part, np.ndarray) else part
        for key, part in state["state"].items()
    }
    return state | {"state": inner}


def put(value: Any, name: str, key: Any, arrays: dict[str, Any], plain: dict[str, Any]) -> None:
    """Put a value where it belongs: arrays under their `name`, plain data under their `key`."""
    if not isinstance(key, str):
        message = f"save: {name} is named by a {type(key).__name__}; names must be texts"
        raise TypeError(message)
    if isinstance(value, Tensor):
        value = value.value
    if isinstance(value, np.ndarray | np.generic):
        arrays[name] = np.asarray(value)
    else:
        check_plain(name, value)
        plain[key] = value


def check_plain(name: str, value: Any) -> None:
    """Refuse what JSON would not give back as it was."""
    try:
        same = alike(value, json.loads(json.dumps(value)))
    except (TypeError, ValueError, RecursionError) as error:
        same, reason = False, f" ({error})"
    else:
        reason = " (of tuples make lists, of keys texts)"
    if not same:
        message = (
            f"save: {name} is a {type(value).__name__} that cannot be saved{reason}; give what "
            "has a state_dict(), a Generator, an array, or numbers, texts, lists and dicts"
        )
        raise TypeError(message)


def alike(one: Any, other: Any) -> bool:
    """Tell whether two trees of plain data are the same, NaN included."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [*one] == [*other] and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other or one != one)  # noqa: PLR0124 (NaN)


def assembled(arrays: dict[str, Any], texts: dict[str, str]) -> Checkpoint:
    """Put arrays and plain data together again."""
    checkpoint, pairs = json.loads(texts["plain"]), json.loads(texts["complex"])
    if not isinstance(checkpoint, dict):
        message = "no names"
        raise TypeError(message)
    for name in pairs:
        real, imaginary = np.moveaxis(arrays[name], -1, 0)
        arrays[name] = np.empty(real.shape, np.result_type(real, np.complex64))
        arrays[name].real, arrays[name].imag = real, imaginary
    for name, array in arrays.items():
        owner, dot, key = name.partition(".")
        place = checkpoint[owner] if dot else checkpoint
        if (key if dot else owner) in place:
            message = f"{name} comes twice"
            raise ValueError(message)
        place[key if dot else owner] = array
    return checkpoint


def restore(where: str, checkpoint: Checkpoint, objects: Mapping[str, Any]) -> None:
    """Load states into objects; if one does not take it, give back what the others had."""
    missing = sorted(objects.keys() - checkpoint.keys())
    if missing:
        message = (
            f"load: {where} holds {', '.join(sorted(checkpoint)) or 'nothing'}, but no "
            f"{', '.join(missing)}; give the names that it was saved with"
        )
        raise CheckpointError(message)
    for name, target in objects.items():
        if not (hasattr(target, "load_state_dict") or isinstance(target, np.random.Generator)):
            message = (
                f"load: argument {name} is a {type(target).__name__}, which cannot be restored in "
                "place; take it from what load returns"
            )
            raise TypeError(message)
    before = {name: state_of(target) for name, target in objects.items()}
    touched: list[str] = []
    try:
        for name, target in objects.items():
            touched.append(name)
            take(target, checkpoint[name])
    except BaseException as error:
        for name in touched:
            take(objects[name], before[name])
        if not isinstance(error, Exception):
            raise
        reason = error.args[0] if error.args else error
        message = f"load: {where} does not fit argument {touched[-1]}: {reason}"
        raise CheckpointError(message) from error


def take(target: Any, state: Any) -> None:
    """Give an object its state."""
    if isinstance(target, np.random.Generator):
        target.bit_generator.state = state
    else:
        target.load_state_dict(state)
