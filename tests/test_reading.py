"""Samples read from files are what stands there; what is no such file is one clear error."""

from pathlib import Path

import numpy as np
import pytest

from autograd_nn import datasets
from autograd_nn.errors import DataError


def test_a_table_with_names_comments_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "\ufeff# measured by hand\nlength, width ,kind\n1.5,-2,oak\n\n3e2,.5,ash\n1,1,oak\n",
        "utf-8",
    )
    data = datasets.read(path)
    assert data.features.tolist() == [[1.5, -2.0], [300.0, 0.5], [1.0, 1.0]]
    assert data.feature_names == ("length", "width")
    assert data.class_names == ("ash", "oak")
    assert data.labels.tolist() == [1, 0, 1]
    assert data.targets.tolist() == [[0, 1], [1, 0], [0, 1]]
    assert data.source == str(path)


def test_labels_that_are_numbers_are_ordered_by_value(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("1,10\n2,9\n3,-1\n4,9\n")
    data = datasets.read(path)
    assert data.class_names == ("-1", "9", "10")
    assert data.labels.tolist() == [2, 1, 0, 1]
    assert data.feature_names == ("column 1",)


def test_equal_numbers_are_one_class_by_the_name_that_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("1,1\n2,01\n  \n3,1.0\n4,2e0\n5,2\n")
    data = datasets.read(path)
    assert data.class_names == ("1", "2e0")
    assert data.labels.tolist() == [0, 0, 0, 1, 1]


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    np.savez_compressed(path, np.random.default_rng(0).normal(size=(50, 3)))
    content = bytearray(path.read_bytes())
    content[100:130] = bytes(30)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"table.npz: it cannot be read as NPZ \("):
        datasets.read(path)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.uint8])
def test_arrays(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "table.NPZ"
    with path.open("wb") as file:
        np.savez(file, np.array([[1, 2, 3], [4, 5, 0]], dtype))
    data = datasets.read(path)
    assert data.features.tolist() == [[1, 2], [4, 5]]
    assert data.features.dtype == np.float64
    assert (data.class_names, data.labels.tolist()) == (("0", "3"), [1, 0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it holds no samples"),
        ("# nothing\n\n", "it holds no samples"),
        ("length,kind\n", "it holds no samples"),
        ("1\n2\n", "it has one column; separate features, and the label after them, by commas"),
        ("1;2;a\n3;4;b\n", "it has one column"),
        ("1,2,a\n3,4\n", "line 2 has 2 cells, those before have 3"),
        ("x,y,z\n1,2,a\n3,4,b,c\n", "line 3 has 4 cells, those before have 3"),
        ("1,2,a\n3,x,b\n", "line 2 has 'x', which is no number, in column 2; every feature must"),
        ("1,,a\n3,4,b\n", "line 1 has nothing, in column 2; fill it in, or leave the line out"),
        ("1,2,a\n3,4,\n", "line 2 has nothing, in column 3"),
        ("1,2,a\n3,nan,b\n", "sample 2 has nan as feature 2"),
        ("1,2,a\n-inf,4,b\n", "sample 2 has -inf as feature 1"),
        ("1,0.5\n2,1\n", "label 0.5 is no class; give whole numbers, or names"),
        ("1,a\n2,a\n", "all samples have the label a; give two classes at least"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        datasets.read(path)
    assert str(caught.value).startswith(f"datasets.read: {path}: {sentence}")


def test_bytes_that_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"1,\xff\n")
    with pytest.raises(DataError, match="it is no CSV file in UTF-8"):
        datasets.read(path)
    path.write_text("1," + "x" * 200_000 + "\n")
    with pytest.raises(DataError, match="it is no CSV file in UTF-8"):
        datasets.read(path)
    with pytest.raises(FileNotFoundError):
        datasets.read(tmp_path / "none.csv")


def test_arrays_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    square = np.ones((2, 2))
    for arrays, sentence in (
        ({"a": square, "b": square}, "it is no NPZ file of one array"),
        ({"a": np.ones(3)}, r"it holds float64 of shape \(3,\)"),
        ({"a": np.ones((3, 1))}, r"it holds float64 of shape \(3, 1\)"),
        ({"a": square * 1j}, r"it holds complex128 of shape \(2, 2\)"),
        ({"a": np.array([[1, "x"]], object)}, "it cannot be read as NPZ"),
        ({"a": np.ones((0, 2))}, "it holds no samples"),
        ({"a": np.array([[1, np.inf], [1, 2]])}, "label inf is no class"),
        ({"a": square * np.nan}, "sample 1 has nan as feature 1"),
    ):
        np.savez(path, **arrays)
        with pytest.raises(DataError, match=sentence):
            datasets.read(path)
    content = path.read_bytes()
    for damaged in (b"", b"nonsense", content[: len(content) // 2], content[:-40]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="NPZ"):
            datasets.read(path)
    with path.open("wb") as file:
        np.save(file, square)
    with pytest.raises(DataError, match="it is no NPZ file of one array"):
        datasets.read(path)
