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
]

SAMPLES: list[Sample] = [
    *[row(np.matmul, normal(*a), normal(*b)) for a, b in PRODUCTS + STACKS],
    *[row(np.dot, normal(*a), normal(*b)) for a, b in PRODUCTS],
    row(np.dot, normal(2, 2, 3), normal(2, 3, 2), exact=False),
    row(np.dot, normal(2, 2, 3), normal(3), exact=False),
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
    *[row(np.einsum, names, *[normal(*s) for s in shapes]) for names, shapes in EINSUMS],
]
