"""The safetensors format: named arrays and texts in one file; here with a checksum of all of it.

A file is the length of the header (8 bytes, little-endian), the header (JSON), the data::

    {"__metadata__": {"sha256": "9f...", "format_version": "1", ...},
     "weight": {"dtype": "F64", "shape": [2, 3], "data_offsets": [0, 48]}, ...}

The digest comes first in the header, so that it lies at a fixed place; it is that of all other
bytes of the file.  Any reader of the format can read these files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from autograd_nn.errors import CheckpointError, DtypeError
from autograd_nn.files import Buffer, write_durably

CODES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "uint16",
    "I16": "int16",
    "U32": "uint32",
    "I32": "int32",
    "U64": "uint64",
    "I64": "int64",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
}
DTYPES = {code: np.dtype(name).newbyteorder("<") for code, name in CODES.items()}
NAMES = {np.dtype(name): code for code, name in CODES.items()}
START = b'{"__metadata__":{"sha256":"'
DIGEST = 64  # hexadecimal digits
MOST_AXES, TOO_MANY = 64, 2**59  # of axes and entries: NumPy's limits
HEADER_LIMIT = 10_000_000  # bytes; parsed, a header may need thirty times as much

Texts = dict[str, str]
Arrays = dict[str, NDArray[Any]]


def write(path: str | os.PathLike[str], arrays: Mapping[str, Any], texts: Texts) -> None:
    """Write arrays and texts to `path`, whole or not at all, with a checksum.

    Raises
    ------
    DtypeError
        If the format has no name for an array's dtype.
    OSError
        If the file cannot be written; what was there is still there.
    """
    entries: dict[str, Any] = {"__metadata__": {"sha256": "0" * DIGEST, **texts}}
    parts: list[memoryview] = []
    end = 0
    for name, array in arrays.items():
        dtype = np.dtype(array.dtype)
        code = NAMES.get(dtype.newbyteorder("="))
        if code is None:
            message = (
                f"save: {name} has dtype {dtype}, for which the format has no name; convert it to "
                f"one of {', '.join(CODES.values())}"
            )
            raise DtypeError(message)
        plain = np.ascontiguousarray(array, DTYPES[code])
        offsets = [end, end := end + plain.nbytes]
        entries[name] = {"dtype": code, "shape": [*array.shape], "data_offsets": offsets}
        parts.append(plain.reshape(-1).view(np.uint8).data)
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    if len(header) > HEADER_LIMIT:
        message = f"save: names and plain data take {len(header)} bytes, above {HEADER_LIMIT}"
        raise CheckpointError(message)
    length = len(header).to_bytes(8, "little")
    before, after = header[: len(START)], header[len(START) + DIGEST :]
    digest = sha256()
    contents: list[Buffer] = [length, before, after, *parts]
    for content in contents:
        digest.update(content)
    write_durably(path, [length, before, digest.hexdigest().encode(), after, *parts])


def read(path: str | os.PathLike[str]) -> tuple[Arrays, Texts]:
    """Read what `write` wrote; memory is bounded by the size of the file.

    Raises
    ------
    CheckpointError
        If the file is not whole, is not what was written, or was written by something else.
    OSError
        If it cannot be read.
    """
    with Path(path).open("rb") as file:
        try:
            return decode(file, os.fstat(file.fileno()).st_size)
        except CheckpointError as error:
            message = f"load: {os.fspath(path)} {error}; give a file that save wrote, unharmed"
            raise CheckpointError(message) from error


def decode(file: BinaryIO, size: int) -> tuple[Arrays, Texts]:
    """Read a file of that many bytes."""
    length = file.read(8)
    n = int.from_bytes(length, "little")
    check(len(length) == 8, "is shorter than any checkpoint")  # noqa: PLR2004 (the format's)
    check(n <= min(size - 8, HEADER_LIMIT), f"says that its header has {n} bytes")
    header = file.read(n)
    check(len(header) == n, "has been cut off while it was read")
    check(header.startswith(START), "was not written by autograd_nn.save")
    stated, rest = header[len(START) : len(START) + DIGEST], header[len(START) + DIGEST :]
    digest = sha256(length + START + rest)
    entries = parsed(header)
    texts = entries.pop("__metadata__")
    check(is_texts(texts), "has metadata that is not text")
    arrays = {}
    for name, dtype, shape in laid_out(entries, size - 8 - n):
        flat = np.empty(prod(shape), dtype)
        data = flat.view(np.uint8).data
        check(file.readinto(data) == len(data), "has been cut off while it was read")  # type: ignore[attr-defined]
        digest.update(data)
        truths = dtype.kind != "b" or bool(np.all(flat.view(np.uint8) <= 1))
        check(truths, f"has entries in {name!r:.60} that are neither true nor false")
        arrays[name] = flat.reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    check(stated == digest.hexdigest().encode(), "is not what was written: its SHA-256 differs")
    return {name: arrays[name] for name in entries}, texts


def parsed(header: bytes) -> dict[str, Any]:
    """Parse a header: an object, in which no key comes twice."""
    try:
        entries = json.loads(header, object_pairs_hook=without_doubles)
    except (ValueError, RecursionError) as error:  # also of bytes that are no text
        message = f"has a header that is no JSON ({error})"
        raise CheckpointError(message) from error
    check(isinstance(entries, dict), "has a header that is no JSON object")
    return dict(entries)


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make the dict of a JSON object."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        message = "a key comes twice"
        raise ValueError(message)
    return entries


def laid_out(
    entries: dict[str, Any], size: int
) -> Iterator[tuple[str, np.dtype[Any], tuple[int, ...]]]:
    """Check that arrays fill `size` bytes without holes or overlaps; yield them as they lie."""
    found = []
    for name, entry in entries.items():
        check(
            isinstance(entry, dict)
            and entry.keys() == {"dtype", "shape", "data_offsets"}
            and entry["dtype"] in [*CODES]  # it may be a list, which has no hash
            and is_shape(entry["shape"])
            and is_counts(entry["data_offsets"])
            and len(entry["data_offsets"]) == 2,  # noqa: PLR2004 (start and end)
            f"has an entry {name!r:.60} that describes no array",
        )
        start, end = entry["data_offsets"]
        dtype, shape = DTYPES[entry["dtype"]], tuple(entry["shape"])
        check(
            end - start == prod(shape) * dtype.itemsize,
            f"says that {name!r:.60} has shape {shape!r:.60} and {end - start} bytes",
        )
        found.append((start, end, name, dtype, shape))
    found.sort(key=lambda x: x[:2])
    borders = [(0, 0), *(x[:2] for x in found), (size, size)]
    fits = all(before[1] == after[0] for before, after in pairwise(borders))
    check(fits, f"holds {size} bytes of data, which its arrays do not fill one after the other")
    return ((name, dtype, shape) for _, _, name, dtype, shape in found)


def is_shape(x: Any) -> bool:
    """Tell whether something can be the shape of an array, perhaps of an empty one."""
    return is_counts(x) and len(x) <= MOST_AXES and prod(n or 1 for n in x) < TOO_MANY


def is_counts(x: Any) -> bool:
    """Tell whether something is a list of whole numbers from 0 on."""
    return isinstance(x, list) and all(type(n) is int and n >= 0 for n in x)


def is_texts(x: Any) -> bool:
    """Tell whether something is a dict of texts."""
    return isinstance(x, dict) and all(isinstance(text, str) for text in x.values())


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001 (reads like assert)
    """Raise CheckpointError unless it holds."""
    if not holds:
        raise CheckpointError(otherwise)
