"""The table of derivatives, keyed by NumPy's own functions."""

from autograd_nn.ops import elementwise, indexing, methods, products, reductions, shaping, special

__all__ = ["elementwise", "indexing", "methods", "products", "reductions", "shaping", "special"]
