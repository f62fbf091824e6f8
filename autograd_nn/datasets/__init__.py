"""Small classics to train on, and what prepares data: splits, scales, batches."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.datasets.preparation import batches, standardise, train_test_split
from autograd_nn.datasets.reading import classes_of, read_samples
from autograd_nn.errors import MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_SHIPPED = "that of the copy in scikit-learn; this package ships none"

__all__ = [
    "Dataset",
    "batches",
    "breast_cancer",
    "digits",
    "iris",
    "read",
    "standardise",
    "train_test_split",
    "xor",
]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Hold labelled samples and say where they come from.

    Attributes
    ----------
    features : (n_samples, n_features) float64 array
    targets : (n_samples, n_outputs) float64 array
        What a network should answer: one-hot rows, or a single column of 0 and 1.
    labels : (n_samples,) int64 array
        The class of each sample, an index into `class_names`.
    feature_names : tuple of str
        One for each column of `features`, with its unit if it has one.
    class_names : tuple of str
    source : str
        Who measured or published the data.
    licence : str

    Examples
    --------
    >>> xor().features.shape
    (4, 2)
    """

    features: NDArray[np.float64]
    targets: NDArray[np.float64]
    labels: NDArray[np.int64]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    source: str
    licence: str

    def __repr__(self) -> str:
        """Show the shapes and the classes, not the numbers."""
        shapes = f"features {self.features.shape}, targets {self.targets.shape}"
        return f"Dataset({shapes}, classes {', '.join(self.class_names)})"


def iris() -> Dataset:
    """Return the sepals and petals of 150 irises, 50 of each of three species, in centimetres.

    Of the two versions in circulation this is the one of Fisher's paper.  The file of the UCI
    Machine Learning Repository differs in samples 35 and 38 (counted from 1); see the first
    lines of ``iris.csv``, beside this module, for the details and the provenance.

    Returns
    -------
    Dataset
        `features` (150, 4), `targets` (150, 3) one-hot, `labels` (150,); new arrays at every
        call.  Samples are sorted by species.

    References
    ----------
    R. A. Fisher, "The use of multiple measurements in taxonomic problems", *Annals of
    Eugenics* 7(2), 179-188, 1936.

    Examples
    --------
    >>> flowers = iris()
    >>> flowers.class_names[flowers.labels[0]], flowers.features[0], flowers.targets[0]
    ('setosa', array([5.1, 3.5, 1.4, 0.2]), array([1., 0., 0.]))
    """
    return classified(
        "iris.csv",
        source=(
            "Measured by E. Anderson, published by R. A. Fisher, Annals of Eugenics 7(2), 179-188, "
            "1936; UCI Machine Learning Repository, https://doi.org/10.24432/C56C76, with samples "
            "35 and 38 as in Fisher's paper"
        ),
    )


def breast_cancer() -> Dataset:
    """Return 30 measurements of the cell nuclei in images of 569 breast masses.

    Loaded by scikit-learn (the extra `[datasets]`).

    Returns
    -------
    Dataset
        `features` (569, 30), `targets` (569, 2) one-hot, `labels` (569,): 212 are malignant (0),
        357 benign (1); new arrays at every call.

    References
    ----------
    W. N. Street, W. H. Wolberg and O. L. Mangasarian, "Nuclear feature extraction for breast
    tumor diagnosis", *IS&T/SPIE Symposium on Electronic Imaging* 1905, 861-870, 1993.

    Examples
    --------
    >>> masses = breast_cancer()
    >>> masses.class_names[masses.labels[0]], masses.feature_names[0], masses.features[0, 0]
    ('malignant', 'mean radius', np.float64(17.99))
    """
    loaded = from_scikit_learn("breast_cancer")
    return Dataset(
        features=loaded.data.astype(np.float64),
        targets=np.eye(2)[loaded.target],
        labels=loaded.target.astype(np.int64),
        feature_names=tuple(map(str, loaded.feature_names)),
        class_names=tuple(map(str, loaded.target_names)),
        source=(
            "W. Wolberg, O. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin "
            "(Diagnostic), UCI Machine Learning Repository, https://doi.org/10.24432/C5DW2B"
        ),
        licence=NOT_SHIPPED,
    )


def digits() -> Dataset:
    """Return 1,797 handwritten digits, images of 8 x 8 pixels with values from 0 to 16.

    Loaded by scikit-learn (the extra `[datasets]`).

    Returns
    -------
    Dataset
        `features` (1797, 64), an image a row (``features.reshape(-1, 1, 8, 8)`` for a
        convolution); `targets` (1797, 10) one-hot, `labels` (1797,), the digits; new arrays at
        every call.

    References
    ----------
    C. Kaynak, *Methods of combining multiple classifiers and their applications to handwritten
    digit recognition*, MSc thesis, Bogazici University, 1995.

    Examples
    --------
    >>> data = digits()
    >>> data.labels[0], data.features[0, :8]
    (np.int64(0), array([ 0.,  0.,  5., 13.,  9.,  1.,  0.,  0.]))
    """
    loaded = from_scikit_learn("digits")
    names = tuple(map(str, loaded.target_names))
    return Dataset(
        features=loaded.data.astype(np.float64),
        targets=np.eye(len(names))[loaded.target],
        labels=loaded.target.astype(np.int64),
        feature_names=tuple(f"pixel {i}, {j}" for i in range(8) for j in range(8)),
        class_names=names,
        source=(
            "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test set), "
            "UCI Machine Learning Repository, https://doi.org/10.24432/C50P49"
        ),
        licence=NOT_SHIPPED,
    )


def from_scikit_learn(name: str) -> Any:
    """Load a data set that scikit-learn ships.

    Raises
    ------
    MissingExtraError
        If scikit-learn is not installed.
    """
    if find_spec("sklearn") is None:
        message = (
            f"datasets.{name} is loaded by scikit-learn, which is not installed: "
            "pip install 'autograd_nn[datasets]'"
        )
        raise MissingExtraError(message)
    return getattr(import_module("sklearn.datasets"), f"load_{name}")()


def classified(file: str, source: str) -> Dataset:
    """Read a file whose last column names the class, from UCI's repository, under CC BY 4.0."""
    text = files(__name__).joinpath(file).read_text(encoding="utf-8")
    header, *rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    class_names = tuple(dict.fromkeys(row[-1] for row in rows))
    labels = np.array([class_names.index(row[-1]) for row in rows], dtype=np.int64)
    return Dataset(
        features=np.array([row[:-1] for row in rows], dtype=np.float64),
        targets=np.eye(len(class_names))[labels],
        labels=labels,
        feature_names=tuple(header[:-1]),
        class_names=class_names,
        source=source,
        licence="CC BY 4.0",
    )


def read(path: str | os.PathLike[str]) -> Dataset:
    r"""Read samples from a file, a row each: numbers, then the label in the last column.

    Parameters
    ----------
    path : path
        Ends in ``.npz``: one array of numbers.  Else CSV, in which names of the columns may come
        first, lines that begin with ``#`` are comments, and labels are whole numbers or names.

    Returns
    -------
    Dataset
        `targets` one-hot; classes are in the order of their numbers, or of their names.

    Raises
    ------
    DataError
        If the file holds something else; the message says what, and where.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "cats.csv").write_text("weight,kind\n4.5,tame\n120,wild\n")
    ...     read(Path(folder, "cats.csv"))
    Dataset(features (2, 1), targets (2, 2), classes tame, wild)
    """
    samples = read_samples(path)
    class_names, numbers = classes_of(path, samples.labels)
    labels = np.array(numbers, dtype=np.int64)
    return Dataset(
        features=samples.features,
        targets=np.eye(len(class_names))[labels],
        labels=labels,
        feature_names=tuple(samples.names),
        class_names=class_names,
        source=os.fspath(path),
        licence="that of the file",
    )


def xor() -> Dataset:
    """Return the truth table of exclusive or, which no single layer can represent.

    Returns
    -------
    Dataset
        `features` (4, 2), `targets` (4, 1), `labels` (4,); new arrays at every call.

    References
    ----------
    M. Minsky and S. Papert, *Perceptrons*, MIT Press, 1969.

    Examples
    --------
    >>> xor().targets.ravel()
    array([0., 1., 1., 0.])
    """
    labels = np.array([0, 1, 1, 0], dtype=np.int64)
    return Dataset(
        features=np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]),
        targets=labels[:, np.newaxis].astype(np.float64),
        labels=labels,
        feature_names=("first", "second"),
        class_names=("equal", "different"),
        source="The truth table of exclusive or",
        licence="None needed: a truth table",
    )
