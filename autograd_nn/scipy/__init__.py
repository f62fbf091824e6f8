"""SciPy on Tensors: `autograd_nn.scipy.special`."""

from autograd_nn.scipy import special

__all__ = ["special"]
