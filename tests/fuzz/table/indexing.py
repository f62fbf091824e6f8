"""Picking entries."""

from ..domains import real
from ..operation import Argument
from ..parameters import axis, axis_or_none, backward_index, index, picks, places
from .line import op

mask = Argument(real, "m, n", "b")
matrix = Argument(real, "m, n")
stack = Argument(real, "h, m, n")

# fmt: off
OPERATIONS = [
    op("{x}[{i}]", "{x}[{i}]", i=index),
    op("{x}[{i}]", None, name="x[::-1]", i=backward_index),
    op("{x}[{i}]", "{x}[{i}]", None, name="x[[...]]", i=picks),
    op("{x}[np.array({i})]", "{x}[{i}]", name="x[array]", i=picks),
    op("{x}[:, np.array({i})]", "{x}[:, {i}]", x=matrix, axis=lambda random, context: 1, i=places),
    op("{x}[0, :, np.array({i})]", None, x=stack,
       axis=lambda random, context: 2, i=places),
    op("{x}[np.array([0, -1])[:, None], np.array([0, 0])]", "{x}[[[0], [-1]], [0, 0]]", x=matrix),
    op("{x}[np.ix_({i}, [0, 0])]", None, None, x=matrix, i=picks),
    op("{x}[{c}]", "{x}[{c}]", None, x=matrix, c=mask),
    op("{x}[{c}, ...]", "{x}[{c}, ...]", None, x=stack, c=Argument(real, "h", "b")),
    op("np.take({x}, {i}, axis={axis})", "torch.index_select({x}, {axis}, torch.tensor({i}))",
       "jnp.take({x}, jnp.array({i}), axis={axis})", axis=axis, i=places),
    op("np.take({x}, [[0, 1], [1, 2]], mode='wrap')", None, None),
    op("np.take({x}, [0, 5, -7], mode='clip')", None, None),
    op("np.take_along_axis({x}, {j}, axis=0)", "torch.take_along_dim({x}, {j}, dim=0)", x=matrix,
       j=Argument(real, "m, n", "i", low=0, high=1)),
    op("np.compress([True, False], {x}, axis={axis})", None, None, axis=axis_or_none),
    op("np.extract({c}, {x})", "torch.masked_select({x}, {c})", None, c=mask, x=matrix),
    op("np.lib.stride_tricks.sliding_window_view({x}, 2)", "{x}.unfold(0, 2, 1)", None,
       x=Argument(real, "n")),
    op("{x}.take({i})", None, None, i=picks),
    op("np.argmax({x}) * {x}", "torch.argmax({x}) * {x}", analytic=False, kink="gaps({x}.ravel())"),
    op("np.where({c})[0].sum() * {x}", None, None, c=mask, x=matrix),
]
