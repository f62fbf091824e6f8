"""Pictures of recorded graphs: what was computed, and the gradient that flows back through it."""

from autograd_nn.draw.api import Graph, graph, mimebundle, save, training
from autograd_nn.draw.lines import lines
from autograd_nn.draw.render import backends

__all__ = ["Graph", "backends", "graph", "lines", "mimebundle", "save", "training"]
