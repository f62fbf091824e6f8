"""Products of matrices and of their generalisations."""

from ..domains import real
from ..operation import Argument
from ..parameters import number, pick
from .line import op


def a(pattern: str) -> Argument:
    return Argument(real, pattern)


# fmt: off
OPERATIONS = [
    op("np.matmul({x}, {y})", "=", x=a("..., m, n"), y=a("..., n, h")),
    op("{x} @ {y}", "{x} @ {y}", x=a("..., m, n"), y=a("n")),
    op("{x} @ {y}", "{x} @ {y}", name="vector@matrix", x=a("m"), y=a("..., m, n")),
    op("{x} @ {y}", "{x} @ {y}", name="vector@vector", x=a("n"), y=a("n")),
    op("np.dot({x}, {y})", "{x} @ {y}", x=a("m, n"), y=a("n, h")),
    op("np.dot({x}, {y})", None, name="dot(nd,nd)", x=a("..., m, n"), y=a("..., n, h")),
    op("np.dot({x}, {y})", None, name="dot(nd,vector)", x=a("..., n"), y=a("n")),
    op("np.dot({x}, {a})", None, a=number(-2, 2)),
    op("{x}.dot({y})", None, x=a("m, n"), y=a("n, h")),
    op("np.vdot({x}, {y})", None, analytic=False, complex=True, x=a("m, n"), y=a("m, n")),
    op("np.inner({x}, {y})", "=", x=a("..., n"), y=a("n")),
    op("np.inner({x}, {y})", "=", name="inner(nd,nd)", x=a("m, n"), y=a("h, n")),
    op("np.outer({x}, {y})", "torch.outer({x}.reshape(-1), {y}.reshape(-1))", x=a("any"),
       y=a("any")),
    op("np.linalg.outer({x}, {y})", "torch.outer({x}, {y})", x=a("n"), y=a("m")),
    op("np.tensordot({x}, {y}, axes={k})", "torch.tensordot({x}, {y}, dims={k})", x=a("m, n"),
       y=a("m, n"), k=pick(([1], [1]), ([0, 1], [0, 1]), 0)),
    op("np.tensordot({x}, {y}, {k})", "torch.tensordot({x}, {y}, {k})", name="tensordot(1)",
       x=a("m, n"), y=a("n, h"), k=pick(1)),
    op("np.tensordot({x}, {y}, axes=([0, 1], [1, 0]))",
       "torch.tensordot({x}, {y}, dims=([0, 1], [1, 0]))", x=a("m, n"), y=a("n, m")),
    op("np.kron({x}, {y})", "=", x=a("any"), y=a("any")),
    op("np.cross({x}, {y})", "torch.linalg.cross({x}, {y})", x=a("m, 3"), y=a("m, 3")),
    op("np.linalg.cross({x}, {y})", "=", x=a("m, 3"), y=a("m, 3")),
    op("np.cross({x}, {y}, axis=0)", "torch.linalg.cross({x}, {y}, dim=0)", x=a("3, m"),
       y=a("3, m")),
    op("np.trace({x})", "=", x=a("m, n")),
    op("np.trace({x}, offset={k})", None, x=a("m, n, h"), k=pick(-1, 1)),
    op("np.linalg.trace({x}, offset={k})", None, x=a("..., m, n"), k=pick(-1, 0, 1)),
    op("{x}.trace()", "{x}.trace()", x=a("m, n")),
    op("np.vecdot({x}, {y})", "torch.linalg.vecdot({x}, {y})", analytic=False, complex=True,
       x=a("..., n"), y=a("..., n")),
    op("np.matvec({x}, {y})", None, None, x=a("..., m, n"), y=a("..., n")),
    op("np.vecmat({x}, {y})", None, None, analytic=False, complex=True, x=a("..., m"),
       y=a("..., m, n")),
    op("np.linalg.matmul({x}, {y})", "=", x=a("..., m, n"), y=a("..., n, h")),
    op("np.linalg.tensordot({x}, {y}, axes=1)", None, x=a("m, n"), y=a("n, h")),
    op("np.linalg.vecdot({x}, {y})", "=", analytic=False, complex=True, x=a("..., n"),
       y=a("..., n")),
    op("np.linalg.multi_dot([{x}, {y}, {z}])", "=", x=a("m, n"), y=a("n, h"), z=a("h, 2")),
    op("np.linalg.matrix_power({x}, {k})", "=", x=a("..., n, n"), k=pick(0, 1, 2, 3, 5)),
    # ---- einsum ----
    *[
        op(f"np.einsum('{s}', {{x}})", "=" if s in ("ij->ji", "ij->", "ii->i", "ii") else None,
           x=a("n, n"))
        for s in ("ij->ji", "ij->", "ii->i", "ii", "ji", "i...->...", "...i->i...")
    ],
    *[
        op(f"np.einsum('{s}', {{x}}, {{y}})", "=" if same else None, x=a(first), y=a(second))
        for s, first, second, same in (
            ("ij,jk->ik", "m, n", "n, h", True), ("ij,jk", "m, n", "n, h", True),
            ("i,j->ij", "m", "n", True), ("ij,ij->i", "m, n", "m, n", True),
            ("ii,ij->j", "n, n", "n, m", True),
            ("...ij,...jk->...ik", "..., m, n", "..., n, h", True),
            ("ij,kl->j", "m, n", "h, 2", True), ("...,...", "...", "...", False),
            ("i...,i...->...", "n, m", "n, m", True), ("b,ab->ba", "n", "m, n", True),
        )
    ],
    op("np.einsum('ij,jk,kl->il', {x}, {y}, {z}, optimize=True)",
       "torch.einsum('ij,jk,kl->il', {x}, {y}, {z})", x=a("m, n"), y=a("n, h"), z=a("h, 2")),
    op("np.einsum('ij,ij,i->', {x}, {x}, {y})", "=", x=a("m, n"), y=a("m")),
    op("np.einsum({x}, [0, 1], {y}, [1, 2], [0, 2])", None, x=a("m, n"), y=a("n, h")),
]
