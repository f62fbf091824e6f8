"""Preparing data for training: splits, scales, batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Rng = np.random.Generator | int | None


def train_test_split(
    *arrays: ArrayLike, test_size: float = 0.25, rng: Rng = None
) -> list[NDArray[Any]]:
    """Divide samples at random into some to train on and some to test on.

    Parameters
    ----------
    *arrays : array_like
        With a sample a row, as many in each; rows that belong together stay together.
    test_size : float
        The share of the samples that are set apart for testing, rounded to whole ones.
    rng : Generator or int, optional
        Where the order is drawn from.

    Returns
    -------
    list of ndarray
        Of each array the rows to train on, then those to test on: copies.

    Examples
    --------
    >>> X_train, X_test, y_train, y_test = train_test_split(range(8), range(8), rng=0)
    >>> X_test, y_test
    (array([2, 4]), array([2, 4]))
    """
    rows = checked("train_test_split", arrays)
    n = len(rows[0])
    n_test = round(n * test_size) if 0 < test_size < 1 else 0
    if not 0 < n_test < n:
        message = (
            f"train_test_split: test_size={test_size!r} of {n} samples leaves none on one side; "
            "give a share between 0 and 1 that leaves some on both"
        )
        raise ValueError(message)
    order = np.random.default_rng(rng).permutation(n)
    return [x[part] for x in rows for part in (order[n_test:], order[:n_test])]


def standardise(X: ArrayLike, *others: ArrayLike) -> Any:
    """Shift and scale every feature of `X` to mean 0 and variance 1.

    Parameters
    ----------
    X : array_like, shape (n_samples, ...)
        What means and deviations are taken of: the samples to train on.
    *others : array_like, shape (any, ...)
        Shifted and scaled by the same amounts, such as the samples to test on.

    Returns
    -------
    ndarray, or tuple of ndarray if there are `others`
        A feature that is the same in all samples of `X` is only shifted.

    Examples
    --------
    >>> standardise([[1.0], [3.0]], [[5.0]])
    (array([[-1.],
           [ 1.]]), array([[3.]]))
    """
    first, *rest = (np.asarray(x, np.result_type(np.asarray(x), np.float32)) for x in (X, *others))
    for i, x in enumerate(rest):
        if x.shape[1:] != first.shape[1:]:
            message = (
                f"standardise: array {i + 1} has samples of shape {x.shape[1:]}, the first of "
                f"{first.shape[1:]}; they must be equal"
            )
            raise ValueError(message)
    if first.ndim == 0 or len(first) == 0:
        message = f"standardise: X of shape {first.shape} has no samples"
        raise ValueError(message)
    exponent, mean, scale = moments(first)
    scaled = tuple((np.ldexp(x, -exponent) - mean) / scale for x in (first, *rest))
    return scaled if others else scaled[0]


def moments(X: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return exponents of 2 that features are divided by, then their means and deviations.

    Powers of two round nothing, and keep the squares of large and of small numbers in range.
    """
    constant = np.all(X[0] == X, axis=0)  # std of equal numbers may be a rounding error
    exponent = np.where(constant, 0, np.frexp(np.max(np.abs(X), axis=0))[1])
    X = np.ldexp(X, -exponent)
    return exponent, np.mean(X, axis=0), np.where(constant, 1, np.std(X, axis=0))


def mean_and_scale(X: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what `standardise` shifts and scales the features of samples by."""
    exponent, mean, scale = moments(X)
    return np.ldexp(mean, exponent), np.ldexp(scale, exponent)


def batches(
    X: ArrayLike,
    y: ArrayLike,
    batch_size: int,
    rng: Rng = None,
    *,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield all samples once, in a random order, a batch at a time: one epoch.

    Parameters
    ----------
    X, y : array_like
        With a sample a row, as many in each.
    batch_size : int
        How many samples a batch has; the last has what is left.
    rng : Generator or int, optional
        Where the order is drawn from; a Generator draws another for each epoch.
    shuffle : bool
        Whether the order is random.
    drop_last : bool
        Whether a last batch that is smaller is left out; all have one shape then.

    Yields
    ------
    tuple of ndarray
        A batch of X and the one of y: copies.

    Examples
    --------
    >>> for X, y in batches(range(5), range(5), batch_size=2, rng=0):
    ...     print(X, y)
    [2 4] [2 4]
    [3 0] [3 0]
    [1] [1]
    """
    first, second = checked("batches", (X, y))
    if not (isinstance(batch_size, int | np.integer) and batch_size > 0):
        message = f"batches: batch_size={batch_size!r} must be a whole number above 0"
        raise ValueError(message)
    n = len(first)
    order = np.random.default_rng(rng).permutation(n) if shuffle else np.arange(n)
    end = n - n % batch_size if drop_last else n
    parts = (order[start : start + batch_size] for start in range(0, end, batch_size))
    return ((first[part], second[part]) for part in parts)


def checked(function: str, arrays: tuple[ArrayLike, ...]) -> list[NDArray[Any]]:
    """Make arrays of equally many rows, or say that they are not."""
    rows = [np.asarray(x) for x in arrays]
    lengths = [x.shape[0] if x.ndim else None for x in rows]
    if not rows or None in lengths or len(set(lengths)) > 1:
        shapes = ", ".join(str(x.shape) for x in rows) or "none"
        message = f"{function}: give arrays with as many rows each, a sample a row; not {shapes}"
        raise ValueError(message)
    return rows
