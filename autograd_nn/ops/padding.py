"""np.pad: every mode is made of joining and picking."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.errors import NoRuleError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare, valued
from autograd_nn.ops.indexing import along, scatter
from autograd_nn.table import composite

PICKING = {"edge", "reflect", "symmetric", "wrap"}
STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max,
    "mean": np.mean,
    "median": np.median,
    "minimum": np.min,
}
OPTIONS = {
    "constant": "constant_values",
    "linear_ramp": "end_values",
    "reflect": "reflect_type",
    "symmetric": "reflect_type",
} | dict.fromkeys(STATISTICS, "stat_length")


@composite(np.pad)
def pad(array: Value, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Value:
    """Surround an array with constants, or with what its own entries say."""
    if callable(mode):
        message = (
            "np.pad with a function as its mode has no derivative rule, for that function writes "
            "into plain arrays; use one of NumPy's modes, or np.concatenate"
        )
        raise NoRuleError(message)
    shape, option = np.shape(array), OPTIONS.get(mode, "")
    check(
        {k: v for k, v in kwargs.items() if k != option or mode in PICKING}, shape, pad_width, mode
    )
    widths = [(int(a), int(b)) for a, b in pairs(spelled_out(pad_width, len(shape)), len(shape))]
    if mode in PICKING and kwargs.get("reflect_type", "even") == "even":
        places = [np.pad(np.arange(n), w, mode) for n, w in zip(shape, widths, strict=True)]
        return array[np.ix_(*places)]
    default = None if mode in STATISTICS else 0
    values = kwargs.get(option, default)
    if mode == "empty" or (mode == "constant" and isinstance(values, int | float) and values == 0):
        inner = tuple(slice(w[0], w[0] + n) for w, n in zip(widths, shape, strict=True))
        total = tuple(n + sum(w) for w, n in zip(widths, shape, strict=True))
        return scatter(array, index=inner, shape=total)
    if mode in PICKING:
        for axis, (before, after) in enumerate(widths):
            array = reflected(array, axis, before, after, skipped=mode == "reflect")
    else:
        for axis, (width, value) in enumerate(zip(widths, pairs(values, len(shape)), strict=True)):
            if any(width):
                before, after = (side(array, mode, axis, width[i], value[i], i) for i in (0, 1))
                array = np.concatenate([before, array, after], axis=axis)
    return array if np.any(widths) else np.copy(array)


def check(kwargs: dict[str, Any], shape: tuple[int, ...], pad_width: Any, mode: Any) -> None:
    """Let NumPy check a call, on an array that is empty along the same axes."""
    np.pad(np.zeros([min(n, 1) for n in shape], int), bare(pad_width), mode, **kwargs)


def spelled_out(pad_width: Any, n: int) -> Any:
    """Turn a dictionary of widths by axis into a list."""
    if not isinstance(pad_width, dict):
        return bare(pad_width)
    widths = [pad_width.get(i, pad_width.get(i - n, 0)) for i in range(n)]
    return [w if isinstance(w, tuple) else (w, w) for w in widths]


def pairs(x: Any, n: int) -> list[Any]:
    """Spell out a value, a pair or pairs for both sides of each of `n` axes, as np.pad does."""
    if x is None:
        return [(None, None)] * n
    x = gathered(x)
    wide = np.broadcast_to(np.reshape(x, (1, 1)) if x.size == 1 else x, (n, 2))
    return [(wide[i, 0], wide[i, 1]) for i in range(n)]


def gathered(x: Any) -> Value:
    """Make one array of nested sequences of numbers, which may be Tensors."""
    if isinstance(x, list | tuple):
        return np.stack([gathered(item) for item in x])
    return valued(x)


def side(array: Value, mode: Any, axis: int, width: int, value: Any, last: int) -> Value:
    """Build what is added before the entries, or after the last."""
    shape, n = list(array.shape), array.shape[axis]
    shape[axis] = width
    if mode == "constant":
        return np.full_like(array, value, shape=shape)
    if mode == "linear_ramp":
        edge = array[along(axis, -last)]
        ramp = np.linspace(value, edge, width, endpoint=False, dtype=array.dtype, axis=axis)
        return np.flip(ramp, axis) if last else ramp
    length = n if value is None else min(n, int(value))
    chunk = array[along(axis, slice(n - length, n) if last else slice(length))]
    return np.broadcast_to(STATISTICS[mode](chunk, axis=axis, keepdims=True), tuple(shape))


def reflected(array: Value, axis: int, before: int, after: int, *, skipped: bool) -> Value:
    """Continue an array beyond its edges by point reflection, in which edges may be skipped."""
    n = array.shape[axis] - skipped
    if n + skipped == 1:
        return np.pad(
            array, [(before * (i == axis), after * (i == axis)) for i in range(array.ndim)], "edge"
        )
    while before or after:
        length = array.shape[axis]
        reach = (length - skipped) // n * n
        low, high = min(reach, before), min(reach, after)
        first, last = array[along(axis, slice(1))], array[along(axis, slice(length - 1, length))]
        start = array[along(axis, slice(skipped, skipped + low))]
        end = array[along(axis, slice(length - skipped - high, length - skipped))]
        parts = [2 * first - np.flip(start, axis), array, 2 * last - np.flip(end, axis)]
        array = np.concatenate(parts, axis=axis)
        before, after = before - low, after - high
    return array
