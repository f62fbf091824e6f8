"""The table of derivatives, keyed by NumPy's own functions."""

from autograd_nn.ops import (
    choosing,
    complexes,
    elementwise,
    entire,
    indexing,
    joining,
    making,
    masked,
    methods,
    padding,
    products,
    reductions,
    scans,
    shaping,
    special,
    steps,
)

__all__ = [
    "choosing",
    "complexes",
    "elementwise",
    "entire",
    "indexing",
    "joining",
    "making",
    "masked",
    "methods",
    "padding",
    "products",
    "reductions",
    "scans",
    "shaping",
    "special",
    "steps",
]
