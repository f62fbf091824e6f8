"""Pictures of recorded graphs: what was computed, and the gradient that flows back through it."""

from autograd_nn.draw.api import graph
from autograd_nn.draw.film import training
from autograd_nn.draw.lines import lines
from autograd_nn.draw.notebook import mimebundle
from autograd_nn.draw.render import backends
from autograd_nn.draw.view import Graph, save

__all__ = ["Graph", "backends", "graph", "lines", "mimebundle", "save", "training"]
