"""Linear algebra: solving, factorising, measuring, batched."""

from typing import Any

from ..domains import apart, nonzero, real
from ..operation import Argument
from ..parameters import axes, axis, chosen, flag, pick
from .line import op

square = Argument(real, "..., n, n")
one_square = Argument(real, "n, n")
wide = Argument(real, "..., m, n")
tall = Argument(real, "..., 4, 2")
SOLID = "(3 * np.eye({n}) + {x} / 2)"  # far from singular, mostly
SYMMETRIC = "({x} + np.swapaxes({x}, -1, -2))"
HERMITIAN = "({x} + np.conj(np.swapaxes({x}, -1, -2)))"
DEFINITE = "(np.eye({n}) + np.matmul({x}, np.swapaxes({x}, -1, -2)))"
LOWER, UPPER = "gaps(np.linalg.eigvalsh({}))", "gaps(np.linalg.svdvals({}))"
SINGULAR = f"np.append({UPPER.format('{x}')}.ravel(), np.linalg.svdvals({{x}}).ravel())"
APART = LOWER.format(SYMMETRIC)
NOT_SINGULAR = f"np.linalg.det({SOLID}) / 10"
ABSOLUTE_SUMS = (
    "np.concatenate([np.ravel({x}), gaps(np.sum(np.abs({x}), -1)).ravel(), "
    "gaps(np.sum(np.abs({x}), -2)).ravel()])"
)
two_axes = chosen(lambda x: [(0, 1), (-1, -2), (1, 0)] if x.ndim == 2 else [(-2, -1)], "x")
norm_axis: Any = {"axis": axis, "k": flag}

# fmt: off
OPERATIONS = [
    op(f"np.linalg.inv({SOLID})", "=", kink=NOT_SINGULAR, x=square),
    op(f"np.linalg.pinv({SOLID})", "=", analytic=False, kink=NOT_SINGULAR, x=square),
    op("np.linalg.pinv({x})", "=", analytic=False, kink="np.linalg.svdvals({x}) / 4", x=wide),
    op(f"np.linalg.solve({SOLID}, {{y}})", "=", kink=NOT_SINGULAR, x=square,
       y=Argument(real, "..., n, h")),
    op(f"np.linalg.solve({SOLID}, {{y}})", None, name="solve(vector)", kink=NOT_SINGULAR, x=square,
       y=Argument(real, "n")),
    op("np.linalg.lstsq({x}, {y})[0]", None, analytic=False, x=Argument(real, "4, 2"),
       y=Argument(real, "4"), kink="np.linalg.svdvals({x}) / 4"),
    op("np.linalg.det({x})", "=", kink="np.linalg.svdvals({x})", x=square),
    op(f"np.linalg.slogdet({SOLID})[1]", "=", analytic=False, kink=NOT_SINGULAR, x=square),
    op("np.linalg.slogdet({x}).logabsdet * np.linalg.slogdet({x}).sign",
       "torch.linalg.slogdet({x})[1] * torch.linalg.slogdet({x})[0]", analytic=False,
       kink="np.linalg.svdvals({x})", x=square),
    op(f"np.linalg.cholesky({DEFINITE})", "=", analytic=False, x=square),
    op(f"np.linalg.cholesky({DEFINITE}, upper=True)", None, analytic=False, x=square),
    *[
        op(f"np.linalg.qr({{x}}){part}", "=", analytic=False, kink="np.linalg.svdvals({x}) / 2",
           x=tall)
        for part in (".Q", ".R")
    ],
    op("np.linalg.qr({x})[1] * 2", None, analytic=False, name="qr(wide)", x=Argument(real, "2, 3"),
       kink="np.linalg.svdvals({x}[:, :2]) / 2"),
    op("np.linalg.qr({x}, mode='r')", None, analytic=False, x=tall,
       kink="np.linalg.svdvals({x}) / 2"),
    # ---- eigenvalues and singular values ----
    op(f"np.linalg.eigvalsh({SYMMETRIC})", "=", analytic=False, kink=APART, x=square),
    op(f"np.linalg.eigh({SYMMETRIC})[0]", "=", analytic=False, kink=APART, x=square),
    op(f"np.linalg.eigh({SYMMETRIC})[1] ** 2", "=", analytic=False, kink=APART, x=square),
    op(f"np.linalg.eigvalsh({HERMITIAN})", "=", analytic=False, complex=True, x=square,
       kink=LOWER.format(HERMITIAN)),
    op(f"np.abs(np.linalg.eigh({HERMITIAN})[1]) ** 2", "=", analytic=False, complex=True, x=square,
       kink=LOWER.format(HERMITIAN)),
    op("np.abs(np.linalg.eigvals({x}))", None, None, analytic=False, x=one_square,
       kink="gaps(np.abs(np.linalg.eigvals({x})))"),
    op(f"np.real(np.linalg.eig({DEFINITE})[0])", None, None, analytic=False, x=one_square,
       kink=LOWER.format(DEFINITE)),
    op("np.linalg.svdvals({x})", "=", analytic=False, kink=SINGULAR, x=wide),
    op("np.linalg.svd({x}, compute_uv=False)", "torch.linalg.svdvals({x})", analytic=False,
       kink=SINGULAR, x=wide),
    op("np.linalg.svd({x}, full_matrices=False)[0] ** 2", "=", analytic=False, kink=SINGULAR,
       x=tall),
    op("np.linalg.svd({x}, full_matrices=False).Vh ** 2",
       "torch.linalg.svd({x}, full_matrices=False)[2] ** 2", analytic=False, kink=SINGULAR, x=tall),
    # ---- norms ----
    op("np.linalg.norm({x})", "=", analytic=False, complex=True, kink="np.sum(np.abs({x}))"),
    op("np.linalg.norm({x}, axis={axis}, keepdims={k})",
       "torch.linalg.vector_norm({x}, dim={dims}, keepdim={k})", analytic=False, complex=True,
       x=Argument(nonzero), **norm_axis),
    op("np.linalg.norm({x}, ord={o}, axis={axis}, keepdims={k})",
       "torch.linalg.vector_norm({x}, ord={o}, dim={dims}, keepdim={k})", analytic=False,
       x=Argument(apart), kink="np.append(np.ravel({x}), gaps(np.abs(np.ravel({x}))))",
       o=pick(1, 2, 3, 1.5, -1), **norm_axis),
    op("np.linalg.norm({x}, ord=np.inf, axis={axis})",
       "torch.linalg.vector_norm({x}, ord=torch.inf, dim={dims})", analytic=False,
       x=Argument(apart), kink="np.append(np.ravel({x}), gaps(np.abs(np.ravel({x}))))", axis=axis),
    op("np.linalg.norm({x}, ord=-np.inf, axis={axis})",
       "torch.linalg.vector_norm({x}, ord=-torch.inf, dim={dims})", analytic=False,
       x=Argument(apart), kink="np.append(np.ravel({x}), gaps(np.abs(np.ravel({x}))))", axis=axis),
    *[
        op(f"np.linalg.norm({{x}}, {order!r}, axis={{axes}}, keepdims={{k}})",
           f"torch.linalg.matrix_norm({{x}}, {order!r}, dim={{axes}}, keepdim={{k}})",
           analytic=False, complex=order == "fro", x=Argument(apart, "..., m, n"), axes=two_axes,
           k=flag, kink=kink)
        for order, kink in (
            ("fro", "np.sum(np.abs({x}))"), ("nuc", SINGULAR), (2, SINGULAR), (-2, SINGULAR),
            (1, ABSOLUTE_SUMS), (-1, ABSOLUTE_SUMS),
        )
    ],
    op("np.linalg.vector_norm({x}, axis={axis}, keepdims={k}, ord={o})",
       "torch.linalg.vector_norm({x}, dim={dims}, keepdim={k}, ord={o})", analytic=False,
       x=Argument(nonzero), axis=axes, k=flag, o=pick(1, 2, 3)),
    op("np.linalg.matrix_norm({x})", "=", analytic=False, complex=True, x=wide,
       kink="np.linalg.norm({x}, axis=(-2, -1))"),
    op("np.linalg.cond({x})", "=", analytic=False, kink=SINGULAR, x=square),
    op(f"np.linalg.cond({SOLID}, 'fro')", None, analytic=False, kink=NOT_SINGULAR, x=square),
    op(f"np.linalg.tensorinv({SOLID}, ind=1)", "=", kink=NOT_SINGULAR, x=one_square),
    op(f"np.linalg.tensorsolve({SOLID}, {{y}})", "=", kink=NOT_SINGULAR, x=one_square,
       y=Argument(real, "n")),
    op(f"np.linalg.matrix_power({SOLID}, {{k}})", "=", name="matrix_power(-)", x=square,
       kink=NOT_SINGULAR, k=pick(-1, -2)),
]
