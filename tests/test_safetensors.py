"""Files are read back as written; hostile ones are one clear error, in bounded memory."""

import json
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import errors, safetensors

ARRAYS = {
    "weight": np.arange(6.0).reshape(2, 3),
    "half": np.array([1, 2], np.float16),
    "flags": np.array([True, False, True]),
    "empty": np.zeros((0, 3), np.float32),
    "number": np.array(7),
    "é": np.arange(4, dtype=">u2")[::-2],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    safetensors.write(tmp_path / "x", ARRAYS, {"note": "text"})
    return tmp_path / "x"


def signed(header: Any, data: bytes = b"", metadata: bytes = b"") -> bytes:
    """Make a file with any header, and with the checksum that it needs to be believed."""
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":"))
    text = text if isinstance(text, bytes) else text.encode()
    text = safetensors.START + b"0" * 64 + b'"' + metadata + b"}," + text.lstrip(b"{")
    length, start = len(text).to_bytes(8, "little"), len(safetensors.START)
    digest = sha256(length + text[:start] + text[start + 64 :] + data).hexdigest().encode()
    return length + text[:start] + digest + text[start + 64 :] + data


def entry(dtype: Any = "F64", shape: Any = (2,), offsets: Any = (0, 16)) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def refused(path: Path, content: bytes, match: str | None = None) -> None:
    path.write_bytes(content)
    with pytest.raises(errors.CheckpointError, match=match) as caught:
        safetensors.read(path)
    assert str(caught.value).startswith(f"load: {path} ")
    assert len(str(caught.value)) < 400


def test_arrays_are_read_back_in_order_with_dtype_shape_and_bits(path: Path) -> None:
    arrays, texts = safetensors.read(path)
    assert [*arrays] == [*ARRAYS]
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=name != "é")
        assert arrays[name].dtype.isnative
        assert arrays[name].flags.writeable
    assert texts.pop("sha256").isalnum()
    assert texts == {"note": "text"}


def test_nan_payloads_signed_zeros_and_subnormals_survive(tmp_path: Path) -> None:
    bits = np.array([0x7FF8000000000001, 0xFFF0000000000000, 1 << 63, 1], np.uint64)
    safetensors.write(tmp_path / "x", {"a": bits.view(np.float64)}, {})
    np.testing.assert_array_equal(safetensors.read(tmp_path / "x")[0]["a"].view(np.uint64), bits)


def test_the_reference_implementation_reads_what_we_write(path: Path) -> None:
    reference = pytest.importorskip("safetensors.numpy")
    found = reference.load_file(path)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


def test_what_the_reference_implementation_wrote_is_refused_for_want_of_a_checksum(
    tmp_path: Path,
) -> None:
    reference = pytest.importorskip("safetensors.numpy")
    reference.save_file({"a": np.zeros(3)}, tmp_path / "x")
    refused(tmp_path / "x", (tmp_path / "x").read_bytes(), r"not written by autograd_nn\.save")


def test_the_layout_is_the_formats(path: Path) -> None:
    content = path.read_bytes()
    n = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + n])
    assert n % 8 == 0
    assert header["weight"] == {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}
    assert content[8 + n :][:48] == ARRAYS["weight"].tobytes()


def test_a_file_cut_off_anywhere_is_refused(path: Path) -> None:
    content = path.read_bytes()
    for size in range(len(content)):
        refused(path, content[:size])


def test_a_file_with_anything_added_is_refused(path: Path) -> None:
    refused(path, path.read_bytes() + b"\0", "do not fill")


def test_any_flipped_bit_is_found(path: Path) -> None:
    content = path.read_bytes()
    for i in range(len(content)):
        flipped = bytearray(content)
        flipped[i] ^= 1 << i % 8
        refused(path, bytes(flipped))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "shorter"),
    "a header of exabytes": ((2**63).to_bytes(8, "little") + b"{}" * 99, "header has 92233"),
    "a header longer than the file": ((999).to_bytes(8, "little") + b"{}", "header has 999"),
    "a header that would be parsed for long": (
        signed(b'"a":1}' + b" " * safetensors.HEADER_LIMIT),
        "header has 10000",
    ),
    "an array of terabytes": (
        signed({"a": entry("F64", [2**37], [0, 2**40])}, bytes(16)),
        "do not fill",
    ),
    "a shape beyond all numbers": (signed({"a": entry("F64", [2**62, 4], [0, 0])}), "no array"),
    "an empty array of a vast shape": (signed({"a": entry("F64", [0, 2**70], [0, 0])}), "no array"),
    "too many axes": (signed({"a": entry("U8", [1] * 65, [0, 1])}, b"a"), "no array"),
    "a negative length": (signed({"a": entry("F64", [-1, -2], [0, 16])}, bytes(16)), "no array"),
    "a length that is true": (signed({"a": entry("U8", [True], [0, 1])}, b"a"), "no array"),
    "a length with a point": (signed({"a": entry("U8", [1.0], [0, 1])}, b"a"), "no array"),
    "a shape and size that differ": (signed({"a": entry("F32")}, bytes(16)), "has shape"),
    "an unknown dtype": (signed({"a": entry("O")}, bytes(16)), "no array"),
    "a dtype that is a list": (signed({"a": entry(["F64"])}, bytes(16)), "no array"),
    "offsets turned round": (signed({"a": entry("F64", [2], [16, 0])}, bytes(16)), "has shape"),
    "three offsets": (signed({"a": entry("F64", [2], [0, 16, 16])}, bytes(16)), "no array"),
    "overlapping arrays": (
        signed({"a": entry(), "b": entry(offsets=[8, 24])}, bytes(24)),
        "do not fill",
    ),
    "the same bytes twice": (signed({"a": entry(), "b": entry()}, bytes(16)), "do not fill"),
    "a hole": (signed({"a": entry(), "b": entry(offsets=[24, 40])}, bytes(40)), "do not fill"),
    "an entry that is a number": (signed({"a": 3}), "no array"),
    "an entry with more in it": (signed({"a": entry() | {"x": 1}}, bytes(16)), "no array"),
    "a truth that is 2": (signed({"a": entry("BOOL", [1], [0, 1])}, b"\2"), "neither"),
    "a name twice": (signed(b'"a":1,"a":2}'), "twice"),
    "metadata twice": (signed({"__metadata__": {}}), "twice"),
    "deep JSON": (signed(b'"a":' + b"[" * 500_000 + b"]" * 500_000 + b"}"), "no JSON"),
    "a number of a million digits": (signed(b'"a":' + b"9" * 1_000_000 + b"}"), "no JSON"),
    "no text": (signed(b'"a":"\xff"}'), "no JSON"),
    "JSON that ends early": (signed(b'"a":'), "no JSON"),
    "metadata that is no text": (
        signed({"a": entry()}, bytes(16), metadata=b',"note":3'),
        "metadata that is not text",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_one_clear_error_in_bounded_memory(case: str, tmp_path: Path) -> None:
    content, match = HOSTILE[case]
    tracemalloc.start()
    try:
        refused(tmp_path / "x", content, match)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000 + 50 * len(content)
    finally:
        tracemalloc.stop()


def test_what_is_signed_and_sound_is_read(tmp_path: Path) -> None:  # so that `signed` is no excuse
    (tmp_path / "x").write_bytes(signed({"a": entry()}, np.arange(2.0).tobytes()))
    np.testing.assert_array_equal(safetensors.read(tmp_path / "x")[0]["a"], [0.0, 1.0])


def mutants(content: bytes, n: int) -> Iterator[bytes]:
    rng = np.random.default_rng(0)
    for _ in range(n):
        mutant = bytearray(content)
        for _ in range(rng.integers(1, 4)):
            i, j = sorted(rng.integers(0, len(mutant) + 1, 2))
            kind = rng.integers(3)
            if kind == 0:
                mutant[i : i + 1] = rng.bytes(1)
            elif kind == 1:
                del mutant[i : min(j, i + 20)]
            else:
                mutant[i:i] = mutant[j : j + 20]
        if bytes(mutant) != content:
            yield bytes(mutant)


def test_five_hundred_mutants_are_refused(path: Path) -> None:
    for mutant in mutants(path.read_bytes(), 500):
        refused(path, mutant)


def test_arrays_of_megabytes_are_no_hostile_offsets(tmp_path: Path) -> None:
    arrays = {"a": np.ones(2**24, np.uint8), "b": np.ones(2**24, np.uint8), "c": np.arange(3)}
    safetensors.write(tmp_path / "x", arrays, {})
    np.testing.assert_array_equal(safetensors.read(tmp_path / "x")[0]["c"], [0, 1, 2])


def test_a_dtype_without_a_name_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for array in (np.array([None]), np.array(["a"]), np.zeros(1, "m8[s]"), np.zeros(1, "f,i")):
        with pytest.raises(errors.DtypeError, match="save: a has dtype"):
            safetensors.write(tmp_path / "x", {"a": array}, {})
    assert not [*tmp_path.iterdir()]


def test_a_header_that_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(errors.CheckpointError, match="above 10000000"):
        safetensors.write(tmp_path / "x", {}, {"note": "x" * 10_000_000})
    assert not [*tmp_path.iterdir()]
