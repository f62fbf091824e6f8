"""The backends that tests run on: those that are installed."""

from importlib.util import find_spec
from typing import Any

import pytest

without_numba = pytest.mark.skipif(
    find_spec("numba") is None, reason="Numba is not installed: pip install 'autograd_nn[fast]'"
)
NUMBA: Any = pytest.param("numba", marks=without_numba)
with_each_backend = pytest.mark.parametrize("backend", ["plain", "numpy", NUMBA])
