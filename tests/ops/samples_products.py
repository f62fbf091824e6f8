"""Samples of autograd_nn/ops/products.py."""

import numpy as np

from samples import Sample, normal, row

PRODUCTS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
]
STACKS: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((4, 2, 3), (3,)),
    ((3,), (4, 3, 2)),
    ((4, 2, 3), (4, 3, 2)),
    ((4, 2, 3), (3, 2)),
    ((2, 3), (4, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 2)),
]
CHAINS: list[tuple[tuple[int, ...], ...]] = [
    ((2, 3), (3, 2)),
    ((2, 3), (3, 4), (4, 2)),
    ((3,), (3, 4), (4, 1), (1, 2), (2,)),
    ((3,), (3,)),
    ((2, 3), (3, 4), (4,)),
]
EINSUMS: list[tuple[str, tuple[tuple[int, ...], ...]]] = [
    ("ij,jk->ik", ((2, 3), (3, 4))),
    ("ij,jk", ((2, 3), (3, 4))),
    ("ba,cb", ((2, 3), (4, 2))),
    ("i,i", ((3,), (3,))),
    ("i,j->ij", ((3,), (2,))),
    (",i->i", ((), (3,))),
    ("ij->ji", ((2, 3),)),
    ("ij->", ((2, 3),)),
    ("ij->j", ((2, 3),)),
    ("ij,jk->i", ((2, 3), (3, 4))),
    ("i,j->", ((2,), (3,))),
    ("ii", ((3, 3),)),
    ("ii->i", ((3, 3),)),
    ("iij->j", ((3, 3, 2),)),
    ("iji->ji", ((2, 3, 2),)),
    ("iii->i", ((2, 2, 2),)),
    ("ii,ij->j", ((3, 3), (3, 2))),
    ("ij,jj->i", ((2, 3), (3, 3))),
    ("ij,ij,ij->", ((2, 3), (2, 3), (2, 3))),
    ("bij,bjk,kl->il", ((2, 2, 3), (2, 3, 2), (2, 3))),
    ("...ij,...jk->...ik", ((2, 1, 2, 3), (2, 3, 2))),
    ("...ij,...jk", ((2, 2, 3), (3, 2))),
    ("i...->...", ((2, 3, 2),)),
    ("...,...->...", ((2, 3), (3,))),
    ("...ii->...i", ((2, 3, 3),)),
    ("ij,ij->j", ((1, 3), (2, 3))),
    (" i j , j -> i ", ((2, 3), (3,))),
    ("ij,jk->ik", ((2, 0), (0, 3))),
    ("ij,jk->ik...", ((2, 3), (3, 2))),
]

SAMPLES: list[Sample] = [
    *[row(np.matmul, normal(*a), normal(*b)) for a, b in PRODUCTS + STACKS],
    *[row(np.dot, normal(*a), normal(*b)) for a, b in PRODUCTS],
    row(np.dot, normal(2, 2, 3), normal(2, 3, 2), exact=False),
    row(np.dot, normal(2, 2, 3), normal(3), exact=False),
    *[
        row(np.matmul, normal(*a), normal(*b), axes=axes)
        for a, b, axes in [
            ((2, 3, 4), (2, 4, 3), [(-2, -1), (-2, -1), (-2, -1)]),
            ((2, 3, 4), (4, 5, 2), [(1, 2), (0, 1), (2, 0)]),
            ((3,), (4, 3), [0, (1, 0), 0]),
        ]
    ],
    row(np.matmul, normal(2, 3), normal(3, 2), order="F", casting="safe"),
    row(np.dot, normal(2, 3), normal()),
    row(np.dot, np.float32(2), normal(3)),
    row(np.inner, normal(2, 3), normal(4, 3), exact=False),
    row(np.inner, normal(3), normal(3)),
    row(np.inner, np.float32(2), normal(2, 3)),
    row(np.trace, normal(3, 3), exact=False),
    row(np.trace, normal(2, 3, 2), exact=False),
    row(np.outer, normal(3), normal(2)),
    row(np.outer, normal(2, 2), normal(3)),
    row(np.tensordot, normal(2, 3, 2), normal(3, 2, 2)),
    row(np.tensordot, normal(2, 3), normal(3, 2), 1),
    row(np.tensordot, normal(2), normal(3), axes=0),
    row(np.tensordot, normal(2, 3, 4), normal(4, 3), axes=((1, 2), (1, 0))),
    row(np.tensordot, normal(2, 3, 4), normal(3, 2), axes=(-2, 0)),
    row(np.tensordot, normal(2, 0), normal(0, 3), axes=1),
    row(np.vecdot, normal(2, 3), normal(3), analytic=False),
    row(np.vecdot, normal(3), normal(3), analytic=False),
    row(np.vecdot, normal(2, 1, 3), normal(4, 3), analytic=False),
    row(np.vecdot, normal(3, 2), normal(3, 1), axis=0, analytic=False),
    row(np.vecdot, normal(3, 2), normal(3, 2), axis=0, keepdims=True, analytic=False),
    row(np.vecdot, normal(2, 3), normal(2, 3), keepdims=True, analytic=False),
    row(np.vecdot, normal(2, 3), normal(3, 2), axes=[-1, (0,)], analytic=False),
    row(np.vecdot, normal(2, 3), normal(3, 2), axes=[1, 0, 1], keepdims=True, analytic=False),
    row(np.vecdot, normal(2, 3), normal(2, 3), axes=[(1,), (1,), ()], analytic=False),
    *[
        row(np.matvec, normal(*a), normal(*b))
        for a, b in [((2, 3), (3,)), ((2, 3), (4, 3)), ((4, 2, 3), (3,)), ((0, 2), (2,))]
        if hasattr(np, "matvec")
    ],
    *[
        row(np.matvec, normal(3, 2), normal(3, 4), axes=[(1, 0), 0, 1])
        for _ in range(hasattr(np, "matvec"))
    ],
    *[
        row(np.vecmat, normal(3, 4), normal(2, 3), axes=[(0,), (1, 0), -2], analytic=False)
        for _ in range(hasattr(np, "vecmat"))
    ],
    *[
        row(np.vecmat, normal(*a), normal(*b), analytic=False)
        for a, b in [((3,), (3, 2)), ((4, 3), (3, 2)), ((3,), (4, 3, 2))]
        if hasattr(np, "vecmat")
    ],
    row(np.vdot, normal(2, 3), normal(3, 2), analytic=False, exact=False),
    row(np.kron, normal(2, 3), normal(3, 2)),
    row(np.kron, normal(2), normal(2, 1, 3)),
    row(np.kron, normal(), normal(2)),
    row(np.cross, normal(3), normal(3)),
    row(np.cross, normal(4, 3), normal(3)),
    row(np.cross, normal(2, 1, 3), normal(4, 3)),
    row(np.cross, normal(3, 4), normal(4, 3), axisa=0, axisc=0),
    row(np.cross, normal(2, 3, 4), normal(3, 2, 4), axisa=1, axisb=0),
    row(np.cross, normal(2, 3), normal(2, 3), axis=-1),
    row(np.trace, normal(3, 4), 1),
    row(np.trace, normal(3, 4), offset=-2),
    row(np.trace, normal(2, 3, 4), axis1=-1, axis2=0),
    row(np.trace, normal(2, 3, 4), offset=1, axis1=1, axis2=2),
    row(np.trace, normal(2, 2), offset=5),
    row(np.linalg.trace, normal(2, 3, 4), offset=1),
    row(np.linalg.matmul, normal(2, 3), normal(3, 2)),
    row(np.linalg.outer, normal(2), normal(3)),
    row(np.linalg.cross, normal(2, 3), normal(3)),
    row(np.linalg.cross, normal(3, 2), normal(3, 2), axis=0),
    row(np.linalg.vecdot, normal(2, 3), normal(3), analytic=False),
    row(np.linalg.vecdot, normal(3, 2), normal(3, 1), axis=0, analytic=False),
    row(np.linalg.tensordot, normal(2, 3), normal(3, 2), axes=1),
    row(np.linalg.diagonal, normal(2, 3, 4), offset=1),
    row(np.linalg.matrix_transpose, normal(2, 3, 4)),
    *[row(np.linalg.multi_dot, *[normal(*s) for s in shapes], exact=False) for shapes in CHAINS],
    *[row(np.einsum, names, *[normal(*s) for s in shapes]) for names, shapes in EINSUMS],
    row(np.einsum, normal(2, 3), [0, 1], normal(3, 4), [1, 2], [0, 2]),
    row(np.einsum, normal(2, 3), [5, 2], normal(3, 4), [2, 30]),
    row(np.einsum, normal(2, 3, 3), [..., 1, 1]),
    row(np.einsum, normal(2, 2, 3), [..., 0, 1], normal(3), [1], [0, ...], exact=False),
    row(np.einsum, "ij,jk,kl->il", *[normal(2, 2)] * 3, optimize=True, exact=False),
    row(np.einsum, "ij,jk,kl->il", *[normal(2, 2)] * 3, optimize="optimal", exact=False),
    row(
        np.einsum,
        "ij,jk,kl->il",
        *[normal(2, 2)] * 3,
        optimize=["einsum_path", (1, 2), (0, 1)],
        exact=False,
    ),
    row(np.einsum, "ij,j", normal(2, 3), normal(3), dtype=np.float64, order="F", analytic=False),
]
