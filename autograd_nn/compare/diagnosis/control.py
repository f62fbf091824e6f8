"""The positive control: a mistake planted in the user's backward pass must be noticed."""

from __future__ import annotations

from types import FrameType
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.bench import Bench, Record
from autograd_nn.compare.diagnosis.judging import Trial

MOST = 8  # lines that are tried: some make no difference


def planted(bench: Bench, trial: Trial, record: Record) -> str:
    """Turn the sign of what a line makes, until that is noticed.

    Returns
    -------
    str
        Why the verdict "exact" cannot be believed, or "".
    """
    unnoticed = ""
    statements = [k for k in record.backward if bench.site(k).verb in ("=", "+=", "-=", "return")]
    for k in statements[:MOST]:
        changed = bench.hand(trial.point, {k: turned})
        if changed is None or all(np.array_equal(changed[n], g) for n, g in trial.hand.items()):
            continue  # the line makes no array, or no difference
        if trial.right(changed) != set(trial.truth):
            return ""
        line = bench.site(k).line
        unnoticed = (
            f"a mistake that was planted in line {line.line} of {line.file} was not noticed, so "
            "that others may not be either"
        )
    return unnoticed


def turned(_i: int, value: Any, _frame: FrameType) -> Any:
    """Turn the sign of real numbers."""
    is_real = isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f"
    return -value if is_real or isinstance(value, float) else value
