"""Writing in place, also through views: NumPy runs the very same statements on arrays."""

from ..domains import nonzero, real
from ..operation import Argument
from ..parameters import index, number
from .line import op

x, y = Argument(real), Argument(nonzero)
vector, matrix, row = Argument(real, "n"), Argument(real, "m, n"), Argument(real, "n")

# fmt: off
OPERATIONS = [
    op("{out} = {x} * 1; {out}[{i}] = {a}", "{out} = {x}.clone(); {out}[{i}] = {a}",
       "{x}.at[{i}].set({a})", i=index, x=matrix, a=number(-2, 2)),
    op("{out} = {x} * 1; {out}[0] = {y}", "{out} = {x}.clone(); {out}[0] = {y}",
       "{x}.at[0].set({y})", x=matrix, y=row),
    op("{out} = {x} * 1; {out}[::2] = {out}[::2] * {y}",
       "{out} = {x}.clone(); {out}[::2] = {out}[::2].clone() * {y}", "{x}.at[::2].multiply({y})",
       x=matrix, y=row),
    op("{out} = {x} * 1; {out}[{c}] = {a}", "{out} = {x}.clone(); {out}[{c}] = {a}",
       "jnp.where({c}, {a}, {x})", x=matrix, c=Argument(real, "m, n", "b"), a=number(-1, 1)),
    op("{out} = {x} * 1; {out}[[0, -1]] += {y}", "{out} = {x}.clone(); {out}[[0, -1]] += {y}",
       None, x=matrix, y=row, kink="{m} - 1"),
    op("{out} = {x} * 1; {out} += {y}", "{out} = {x}.clone(); {out} += {y}", None, x=matrix, y=row),
    op("{out} = {x} * 1; {out} -= {out} * {y}", "{out} = {x}.clone(); {out} = {out} - {out} * {y}",
       None, x=matrix, y=row),
    op("{out} = {x} * 1; {out} *= {y}; {out} *= {out}",
       "{out} = {x}.clone(); {out} *= {y}; {out} = {out} * {out}", None, x=matrix, y=row),
    op("{out} = {x} * 1; {out} /= {y}", "{out} = {x}.clone(); {out} /= {y}", None, x=matrix,
       y=Argument(nonzero, "n")),
    op("{out} = {x} * 1; {out} **= 2", "{out} = {x}.clone(); {out} **= 2", None, x=matrix),
    # ---- views ----
    op("{out} = {x} * 1; {out}_row = {out}[0]; {out}_row *= {y}; {out} = {out} * {x}",
       "{out} = {x}.clone(); {out}_row = {out}[0]; {out}_row *= {y}; {out} = {out} * {x}", None,
       x=matrix, y=row),
    op("{out} = {x} * 1; {out}_t = {out}.T; {out}_t[0] = {y}; {out} = np.sin({out})",
       "{out} = {x}.clone(); {out}_t = {out}.T; {out}_t[0] = {y}; {out} = torch.sin({out})",
       None, x=matrix, y=Argument(real, "m")),
    op("{out}_b = {x} * 1; {out} = {out}_b[..., 1:]; {out}_b *= {y}",
       "{out}_b = {x}.clone(); {out} = {out}_b[..., 1:]; {out}_b *= {y}", None, x=matrix, y=row),
    op("{out} = {x} * 1; {out}_m = {out}.reshape(2, 2); {out}_m[1] = {out}_m[0] * 2",
       "{out} = {x}.clone(); {out}_m = {out}.reshape(2, 2); {out}_m[1] = {out}_m[0] * 2", None,
       x=Argument(real, "4")),
    op("{out} = {x} * 1; {out}_s = np.sin({out}); {out}[0] = 0.5; {out} = {out} * {out}_s",
       "{out} = {x}.clone(); {out}_s = torch.sin({out}); {out} = {out}.clone(); {out}[0] = 0.5; "
       "{out} = {out} * {out}_s", None, x=matrix),
    # ---- NumPy's functions that write ----
    op("{out} = {x} * 1; np.copyto({out}, {y})", "{out} = {x}.clone(); {out}.copy_({y})", None,
       x=matrix, y=row),
    op("{out} = {x} * 1; np.copyto({out}, {y}, where={c})",
       "torch.where({c}, {y}, {x})", None, x=matrix, y=row, c=Argument(real, "m, n", "b")),
    op("{out} = {x} * 1; np.put({out}, [0, 1], {y})", None, None, x=matrix, y=Argument(real, "2")),
    op("{out} = {x} * 1; np.fill_diagonal({out}, {a})", None, None, x=matrix, a=number(-1, 1)),
    op("{out} = {x} * 1; np.add.at({out}, [0, 0, -1], {y})", None, None, x=matrix, y=row),
    op("{out} = {x} * 1; np.putmask({out}, {c}, {y})", None, None, x=matrix, y=matrix,
       c=Argument(real, "m, n", "b")),
    op("{out} = {x} * 1; np.place({out}, {c}, [0.5, {a}])", None, None, x=matrix, a=number(-1, 1),
       c=Argument(real, "m, n", "b")),
    op("{out} = {x} * 1; np.multiply({x}, {y}, out={out})", "{x} * {y}", None, x=matrix, y=row),
    op("{out} = {x} * 1; np.add({x}, {y}, out={out}, where={c})",
       "torch.where({c}, {x} + {y}, {x})", None, x=matrix, y=row, c=Argument(real, "m, n", "b")),
]
