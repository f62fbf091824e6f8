"""Plain values for strict JSON, which has no NaN, no infinity and no arrays."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["strict"]


def strict(value: Any) -> Any:
    """Return `value` as what strict JSON can hold.

    Arrays become nested lists, NumPy's numbers Python's, complex numbers pairs; NaN and infinity
    become the strings "NaN", "Infinity" and "-Infinity", which ``float`` reads back.

    Examples
    --------
    >>> strict({"W": np.array([1.0, np.inf]), "n": np.int64(3)})
    {'W': [1.0, 'Infinity'], 'n': 3}
    """
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return strict(value.tolist())
    if isinstance(value, complex):
        return [strict(value.real), strict(value.imag)]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
