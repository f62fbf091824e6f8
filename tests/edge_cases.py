"""Functions at the edges of their domains, where a derivative has to be chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

INF, NAN = np.inf, np.nan


@dataclass(frozen=True)
class Edge:
    """A function of a package's `np` and of arrays, and where it is differentiated."""

    label: str
    of: Callable[..., Any]
    at: tuple[Any, ...]
    torch: Callable[..., Any] | None = None  # the same in PyTorch's words, where they differ
    order: int = 1
    dtype: Any = float

    @property
    def arguments(self) -> list[NDArray[Any]]:
        return [np.array(x, self.dtype) for x in self.at]


@dataclass(frozen=True)
class Section:
    """Edges of one kind, and the convention that is chosen for them."""

    title: str
    convention: str
    edges: list[Edge]


def edge(label: str, of: Callable[..., Any], *at: Any, **others: Any) -> Edge:
    return Edge(label, of, at, **others)


SECTIONS = [
    Section(
        "Kinks",
        "Where the slopes on the two sides differ, 0 is chosen if it lies between them: it is a "
        "subgradient, and that of smallest length. The gradient of a norm at the origin is 0.",
        [
            edge("`abs(x)` at 0", lambda np, x: np.abs(x), 0),
            edge("`sign(x)` at 0", lambda np, x: np.sign(x), 0),
            edge(
                "`relu(x)`, or else `maximum(x, 0)`, at 0",
                lambda np, x: np.relu(x) if hasattr(np, "relu") else np.maximum(x, 0.0),
                0,
            ),
            edge("`hypot(x, y)` at (0, 0)", lambda np, x, y: np.hypot(x, y), 0, 0),
            edge(
                "`linalg.norm(x)` at (0, 0)",
                lambda np, x: np.linalg.norm(x),
                [0, 0],
            ),
            edge(
                "`linalg.norm(x)`, a matrix, at 0",
                lambda np, x: np.linalg.norm(x),
                [[0, 0], [0, 0]],
            ),
            edge(
                "`linalg.norm(x, 1)` at (0, 2)",
                lambda np, x: np.linalg.norm(x, 1),
                [0, 2],
            ),
            edge(
                "`std(x)` at (3, 3)",
                lambda np, x: np.std(x),
                [3, 3],
                torch=lambda torch, x: torch.std(x, correction=0),
            ),
            edge("`sqrt(x)` at 0", lambda np, x: np.sqrt(x), 0),
            edge("`cbrt(x)` at 0", lambda np, x: np.cbrt(x), 0),
        ],
    ),
    Section(
        "Ties",
        "Entries that tie share the derivative equally, in pairs and in reductions alike; sorted "
        "entries share what their places receive. A bound of `clip` is a tie of the entry with it.",
        [
            edge("`maximum(x, y)` at (1, 1)", lambda np, x, y: np.maximum(x, y), 1, 1),
            edge("`minimum(x, y)` at (1, 1)", lambda np, x, y: np.minimum(x, y), 1, 1),
            edge("`fmax(x, y)` at (1, 1)", lambda np, x, y: np.fmax(x, y), 1, 1),
            edge("`max(x)` at (2, 1, 2)", lambda np, x: np.max(x), [2, 1, 2]),
            edge("`min(x)` at (2, 1, 1)", lambda np, x: np.min(x), [2, 1, 1]),
            edge(
                "`max(x, axis=0)` at (2, 1, 2)",
                lambda np, x: np.max(x, axis=0),
                [2, 1, 2],
                torch=lambda torch, x: torch.max(x, dim=0).values,
            ),
            edge(
                "`clip(x, 0, 1)` at (0, 1)",
                lambda np, x: np.clip(x, 0, 1),
                [0, 1],
            ),
            edge("`median(x)` at (1, 1, 1)", lambda np, x: np.median(x), [1, 1, 1]),
            edge(
                "`median(x)` at (1, 2, 2, 3)",
                lambda np, x: np.median(x),
                [1, 2, 2, 3],
                torch=lambda torch, x: torch.quantile(x, 0.5),
            ),
            edge(
                "`sort(x)[0]` at (1, 1, 2)",
                lambda np, x: np.sort(x)[0],
                [1, 1, 2],
                torch=lambda torch, x: torch.sort(x).values[0],
            ),
            edge(
                "`ptp(x)` at (1, 2, 2)",
                lambda np, x: np.ptp(x),
                [1, 2, 2],
                torch=lambda torch, x: torch.amax(x) - torch.amin(x),
            ),
        ],
    ),
    Section(
        "Zeros of products and powers",
        "Products never divide, so zeros are exact to any order. `x ** 0` is flat in `x`; at "
        "`x = 0`, `x ** y` is flat in `y`. Beside a negative `x`, `x ** y` is not real: NaN.",
        [
            edge("`prod(x)` at (2, 0, 5)", lambda np, x: np.prod(x), [2, 0, 5]),
            edge("`prod(x)` at (0, 0, 5)", lambda np, x: np.prod(x), [0, 0, 5]),
            edge(
                "`prod(x)` at (0, 0, 5), second derivative",
                lambda np, x: np.prod(x),
                [0, 0, 5],
                order=2,
            ),
            edge(
                "`cumprod(x)` at (2, 0, 5)",
                lambda np, x: np.cumprod(x),
                [2, 0, 5],
                torch=lambda torch, x: torch.cumprod(x, 0),
            ),
            edge("`x ** y` at (0, 0)", lambda np, x, y: x**y, 0, 0),
            edge("`x ** y` at (0, 0.5)", lambda np, x, y: x**y, 0, 0.5),
            edge("`x ** y` at (0, 1)", lambda np, x, y: x**y, 0, 1),
            edge("`x ** y` at (0, 2)", lambda np, x, y: x**y, 0, 2),
            edge("`x ** y` at (-2, 2)", lambda np, x, y: x**y, -2, 2),
            edge("`x ** 2` at 0, second derivative", lambda np, x: x**2, 0, order=2),
        ],
    ),
    Section(
        "Branches that are not taken",
        "From a branch that `where` has not chosen nothing comes back, not even NaN, through any "
        "number of elementwise and linear functions, to any order.",
        [
            edge(
                "`where(x >= 0, x, sqrt(-x))` at 1",
                lambda np, x: np.where(x >= 0, x, np.sqrt(-x)),
                1,
            ),
            edge(
                "`where(x >= 0, x ** 3, sqrt(-x))` at 1, second derivative",
                lambda np, x: np.where(x >= 0, x**3, np.sqrt(-x)),
                1,
                order=2,
            ),
            edge(
                "`where(x > 0, log(x), 0)` at 0",
                lambda np, x: np.where(x > 0, np.log(x), 0 * x),
                0,
            ),
            edge(
                "`where(x == 0, 1, sin(x) / x)` at 0",
                lambda np, x: np.where(x == 0, 1 + 0 * x, np.sin(x) / x),
                0,
            ),
        ],
    ),
    Section(
        "Removable singularities",
        "The limit, where there is one, in every derivative; at the branch point of an angle 0.",
        [
            edge("`sinc(x)` at 0", lambda np, x: np.sinc(x), 0),
            edge("`sinc(x)` at 0, second derivative", lambda np, x: np.sinc(x), 0, order=2),
            edge("`arctan2(y, x)` at (0, 0)", lambda np, y, x: np.arctan2(y, x), 0, 0),
            edge(
                "`logaddexp(x, y)` at (-inf, -inf)",
                lambda np, x, y: np.logaddexp(x, y),
                -INF,
                -INF,
            ),
        ],
    ),
    Section(
        "Nothing to reduce, and NaN",
        "The gradient of an empty array is empty. A NaN that is the largest entry takes the "
        "derivative, as any other would; one that is skipped gets 0.",
        [
            edge("`sum(x)` of no entries", lambda np, x: np.sum(x), []),
            edge("`prod(x)` of no entries", lambda np, x: np.prod(x), []),
            edge("`max(x)` of no entries", lambda np, x: np.max(x), []),
            edge("`max(x)` at (NaN, 1)", lambda np, x: np.max(x), [NAN, 1]),
            edge(
                "`nanmax(x)` at (NaN, 1)",
                lambda np, x: np.nanmax(x),
                [NAN, 1],
            ),
            edge("`nansum(x)` at (NaN, 1)", lambda np, x: np.nansum(x), [NAN, 1]),
        ],
    ),
    Section(
        "Repeated eigenvalues",
        "The sum of equal eigenvalues is smooth, and so is every function that treats them alike; "
        "eigenvectors are not, and asking for their derivative is an error.",
        [
            edge(
                "`sum(eigvalsh(x))` at the identity",
                lambda np, x: np.sum(np.linalg.eigvalsh(x)),
                [[1, 0], [0, 1]],
            ),
            edge(
                "`sum(eigh(x)[0])` at the identity",
                lambda np, x: np.sum(np.linalg.eigh(x)[0]),
                [[1, 0], [0, 1]],
            ),
            edge(
                "`eigh(x)[1][0, 1]` at the identity",
                lambda np, x: np.linalg.eigh(x)[1][0, 1],
                [[1, 0], [0, 1]],
            ),
            edge(
                "`sum(svd(x, compute_uv=False))` at the identity",
                lambda np, x: np.sum(np.linalg.svd(x, compute_uv=False)),
                [[1, 0], [0, 1]],
                torch=lambda torch, x: torch.sum(torch.linalg.svdvals(x)),
            ),
        ],
    ),
    Section(
        "float16 beside Python numbers",
        "A Python number is weak, as in NumPy 2: value and gradient stay float16.",
        [
            edge("`2.5 * x` at 1", lambda np, x: 2.5 * x, 1, dtype=np.float16),
            edge("`x ** 2.5` at 1", lambda np, x: x**2.5, 1, dtype=np.float16),
            edge("`maximum(x, 0.0)` at 1", lambda np, x: np.maximum(x, 0.0), 1, dtype=np.float16),
            edge("`mean(x)` at (1, 2)", lambda np, x: np.mean(x), [1, 2], dtype=np.float16),
        ],
    ),
]
