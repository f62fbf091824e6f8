"""Rearranging, joining, cutting, repeating, padding, building."""

from ..domains import positive, real
from ..operation import Argument
from ..parameters import (
    axes_tuple,
    axis,
    axis_or_none,
    chosen,
    cuts,
    new_axis,
    number,
    permutation,
    pick,
    shape_of_as_many,
    wider_shape,
    widths,
)  # fmt: skip
from .line import op

x = Argument(real)
same = Argument(real, "m, n")
vector = Argument(real, "n")
any_shape = Argument(real, "any")
n_axes = chosen(lambda x: range(len(x.shape)), "x")

# fmt: off
OPERATIONS = [
    op("np.reshape({x}, {shape})", "=", shape=shape_of_as_many),
    op("np.reshape({x}, {shape}, order='F')", None, shape=shape_of_as_many),
    op("{x}.reshape({shape})", "{x}.reshape({shape})", shape=shape_of_as_many),
    op("np.ravel({x})", "="),
    op("np.ravel({x}, order={o})", None, o=pick("F", "C")),
    op("{x}.ravel()", "{x}.ravel()"),
    op("{x}.flatten()", "{x}.flatten()"),
    op("np.transpose({x})", "{x}.permute(tuple(reversed(range({x}.ndim))))"),
    op("np.transpose({x}, {axes})", "{x}.permute({axes})", axes=permutation),
    op("np.permute_dims({x}, {axes})", "{x}.permute({axes})", axes=permutation),
    op("{x}.T", None),
    op("{x}.mT", "{x}.mT", x=Argument(real, "..., m, n")),
    op("np.matrix_transpose({x})", "{x}.mT", x=Argument(real, "..., m, n")),
    op("np.swapaxes({x}, {a}, {b})", "=", a=axis, b=axis),
    op("np.moveaxis({x}, {a}, {b})", "=", a=axis, b=axis),
    op("np.rollaxis({x}, {a}, {b})", None, a=axis, b=n_axes),
    op("np.expand_dims({x}, {a})", "torch.unsqueeze({x}, {a})", a=new_axis),
    op("np.expand_dims({x}, {a})", None, name="expand_dims(tuple)", a=pick((0, -1), (0, 1))),
    op("np.squeeze({x})", "="),
    op("np.squeeze({x}, axis={axis})", "torch.squeeze({x}, dim={axis})", x=Argument(real, "..., 1"),
       axis=pick(-1)),
    op("np.broadcast_to({x}, {shape})", "=", shape=wider_shape),
    op("np.broadcast_arrays({x}, {y})[0]", "torch.broadcast_tensors({x}, {y})[0]", x=x, y=x),
    op("np.atleast_1d({x})", "="),
    op("np.atleast_2d({x})", "="),
    op("np.atleast_3d({x})", None),
    op("np.copy({x})", "torch.clone({x})"),
    op("{x}.copy()", "{x}.clone()"),
    op("np.asarray({x}) * 1", "{x} * 1", None),
    op("np.ascontiguousarray({x})", "torch.atleast_1d({x})", "jnp.atleast_1d({x})"),
    # ---- joining ----
    op("np.concatenate([{x}, {y}], axis={axis})", "torch.cat([{x}, {y}], dim={axis})", x=same,
       y=same, axis=axis),
    op("np.concatenate([{x}, {y}], axis=None)", None, x=any_shape, y=any_shape),
    op("np.concatenate(({x}, {y}, {x}))", "torch.cat(({x}, {y}, {x}))", x=vector,
       y=Argument(real, "m")),
    op("np.concat([{x}, {y}])", "=", x=same, y=same),
    op("np.stack([{x}, {y}], axis={a})", "torch.stack([{x}, {y}], dim={a})", x=same, y=same,
       a=new_axis),
    *[
        op(f"np.{name}([{{x}}, {{y}}])", "=", x=argument, y=argument)
        for name in ("vstack", "hstack", "dstack", "column_stack")
        for argument in (same, vector)
    ],
    op("np.vstack([{x}, {y}])", "=", name="vstack(matrix,vector)", x=same, y=vector),
    op("np.block([[{x}, {y}], [{y}, {x}]])", None, x=same, y=same),
    op("np.block([{x}, {y}])", None, x=vector, y=Argument(real, "m")),
    op("np.r_[{x}, {y}, {a}]", None, x=vector, y=Argument(real, "m"), a=number(-1, 1)),
    op("np.c_[{x}, {y}]", None, x=vector, y=vector),
    op("np.append({x}, {y})", None, x=any_shape, y=any_shape),
    op("np.append({x}, {y}, axis={axis})", None, x=same, y=same, axis=axis),
    op("np.insert({x}, {i}, {y}, axis=0)", None, None, x=same, y=vector, i=pick(0, 1, -1, [0, 0])),
    op("np.insert({x}, {i}, {a})", None, None, x=vector, i=pick([0, 1], 0), a=number(-1, 1)),
    op("np.delete({x}, {i}, axis={axis})", None, None, i=pick(0, -1, [0], slice(0, 1)),
       axis=axis_or_none),
    # ---- cutting ----
    op("np.split({x}, {at}, axis={axis})[-1]", "torch.tensor_split({x}, {at}, dim={axis})[-1]",
       axis=axis, at=cuts),
    op("np.array_split({x}, {k}, axis={axis})[0]", "torch.tensor_split({x}, {k}, dim={axis})[0]",
       axis=axis, k=pick(1, 2, 3)),
    op("np.hsplit({x}, 2)[1]", "=", x=Argument(real, "m, 4")),
    op("np.vsplit({x}, 2)[0]", "=", x=Argument(real, "4, m")),
    op("np.dsplit({x}, 2)[0]", "=", x=Argument(real, "m, n, 2")),
    op("np.unstack({x}, axis={axis})[0]", "torch.unbind({x}, dim={axis})[0]", axis=axis),
    op("np.trim_zeros(np.concatenate([np.zeros(2), {x}]))", None, None, x=Argument(positive, "n")),
    # ---- repeating and rolling ----
    op("np.tile({x}, {reps})", "=", reps=pick((2,), (1, 2), (2, 1, 1))),
    op("np.tile({x}, {reps})", None, name="tile(number)", reps=pick(0, 1, 2)),
    op("np.repeat({x}, {k}, axis={axis})", "torch.repeat_interleave({x}, {k}, dim={axis})",
       axis=axis, k=pick(0, 1, 2)),
    op("np.repeat({x}, {k})", "torch.repeat_interleave({x}, {k})", k=pick(1, 2)),
    op("np.repeat({x}, [0, 2, 1], axis=-1)", None, x=Argument(real, "..., 3"), jax=None),
    op("np.roll({x}, {k}, axis={axis})", "torch.roll({x}, {k}, dims={axis})", axis=axis,
       k=pick(-1, 1, 2, 7)),
    op("np.roll({x}, {k})", "torch.roll({x}, {k})", k=pick(-1, 2)),
    op("np.roll({x}, (1, -2), axis=(0, 1))", "torch.roll({x}, (1, -2), dims=(0, 1))", x=same),
    op("np.rot90({x}, {k})", "=", x=same, k=pick(-1, 0, 1, 2, 3)),
    op("np.rot90({x}, axes=(1, 0))", "torch.rot90({x}, dims=(1, 0))", x=same),
    op("np.flip({x})", "torch.flip({x}, dims=tuple(range({x}.ndim)))"),
    op("np.flip({x}, axis={axis})", "torch.flip({x}, dims={axis})", axis=axes_tuple),
    op("np.fliplr({x})", "=", x=same),
    op("np.flipud({x})", "=", x=same),
    op("np.resize({x}, {shape})", None, x=same, shape=pick((2, 2), (3, 5), (4,))),
    op("np.pad({x}, {w})", None, w=widths),
    op("np.pad({x}, {w}, constant_values={a})", None, w=widths, a=number(-1, 1)),
    op("np.pad({x}, {k}, mode='constant')", None, k=pick(0, 1, 2)),
    *[
        op(f"np.pad({{x}}, {{w}}, mode={mode!r})", None, w=widths)
        for mode in ("edge", "reflect", "symmetric", "wrap")
    ],
    *[
        op(f"np.pad({{x}}, {{w}}, mode={mode!r})", None, analytic=False, w=widths)
        for mode in ("mean", "linear_ramp")
    ],
    # ---- diagonals and triangles ----
    op("np.diag({x})", "=", x=vector),
    op("np.diag({x}, k={k})", "torch.diag({x}, diagonal={k})", x=same, k=pick(-1, 0, 1)),
    op("np.diagflat({x}, k={k})", "torch.diagflat({x}, offset={k})", x=x, k=pick(-1, 0, 1)),
    op("np.diagonal({x}, offset={k})", "torch.diagonal({x}, offset={k})", k=pick(-1, 0, 1),
       x=Argument(real, "m, n")),
    op("np.diagonal({x}, axis1={a}, axis2={b})", "torch.diagonal({x}, dim1={a}, dim2={b})",
       x=Argument(real, "m, n, h"), a=axis, b=axis),
    op("np.linalg.diagonal({x})", "torch.diagonal({x}, dim1=-2, dim2=-1)",
       x=Argument(real, "..., m, n")),
    op("np.tril({x}, k={k})", "torch.tril({x}, diagonal={k})", x=Argument(real, "..., m, n"),
       k=pick(-1, 0, 1)),
    op("np.triu({x}, k={k})", "torch.triu({x}, diagonal={k})", x=Argument(real, "..., m, n"),
       k=pick(-1, 0, 1)),
    # ---- building ----
    op("np.vander({x}, {k})", None, x=vector, k=pick(1, 2, 3)),
    op("np.vander({x}, increasing=True)", None, x=vector),
    op("np.linspace({x}, {y}, {k})", None, x=x, y=x, k=pick(1, 2, 4)),
    op("np.linspace({x}, {y}, {k}, endpoint=False, axis=-1)", None, x=x, y=x, k=pick(1, 3)),
    op("np.geomspace({x}, {y}, 3)", None, analytic=False, x=Argument(positive),
       y=Argument(positive)),
    op("np.logspace({x}, {y}, 3, base=2.0)", None, x=x, y=x),
    op("np.full({shape}, {x})", None, shape=pick((2, 3), (2,)), x=Argument(real, "1")),
    op("np.full({shape}, {x}, like={x})", "torch.broadcast_to({x}, {shape})", None,
       name="full(like)", shape=pick((2, 3), (2,)), x=Argument(real, "1")),
    op("np.full_like({x}, {y})", None, x=x, y=Argument(real, "1")),
    op("np.meshgrid({x}, {y})[0] * np.meshgrid({x}, {y})[1]", None, x=vector,
       y=Argument(real, "m")),
    op("np.meshgrid({x}, {y}, indexing='ij', sparse=True)[0] + {y}", None, x=vector,
       y=Argument(real, "m")),
    op("np.ix_(np.arange(2), np.arange(1))[0] + {x}", None),
    op("np.array([{x}, {y}])", "torch.stack([{x}, {y}])", None, x=vector, y=vector),
]
