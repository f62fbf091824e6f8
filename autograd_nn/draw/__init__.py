"""Pictures of recorded graphs: what was computed, and the gradient that flows back through it."""

from autograd_nn.draw.api import graph, mimebundle, save

__all__ = ["graph", "mimebundle", "save"]
