"""Load two small classics to train on: the four points of exclusive or, and Fisher's irises."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Dataset", "iris", "xor"]


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
    text = files(__name__).joinpath("iris.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    features = np.array([row[:-1] for row in rows], dtype=np.float64)
    species = [row[-1] for row in rows]
    class_names = tuple(dict.fromkeys(species))
    labels = np.array([class_names.index(name) for name in species], dtype=np.int64)
    return Dataset(
        features=features,
        targets=np.eye(len(class_names))[labels],
        labels=labels,
        feature_names=tuple(header[:-1]),
        class_names=class_names,
        source=(
            "Measured by E. Anderson, published by R. A. Fisher, Annals of Eugenics 7(2), 179-188, "
            "1936; UCI Machine Learning Repository, https://doi.org/10.24432/C56C76, with samples "
            "35 and 38 as in Fisher's paper"
        ),
        licence="CC BY 4.0",
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
