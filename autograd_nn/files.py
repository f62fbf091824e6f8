"""Writing a file so that a crash, at any moment, leaves the old one or the new one, whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from glob import escape
from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any

Buffer = bytes | memoryview
ABANDONED = 3600  # seconds since it was last written to


def write_durably(path: str | os.PathLike[str], parts: Iterable[Buffer]) -> None:
    """Put `parts`, one after the other, at `path`; what was there stays until all is on disk.

    They go to a draft beside it, ``.<name>.<random>.tmp``, which then takes its place.  If
    anything fails, the draft is removed and the OSError names `path`.  A process that is killed
    leaves its draft behind; one of the same name is removed here when it is an hour old.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_durably(Path(folder, "x"), [b"one ", b"two"])
    ...     Path(folder, "x").read_bytes()
    b'one two'
    """
    target = Path(os.path.realpath(path))  # a link stays one
    draft = target.with_name(f".{target.name}.{token_hex(4)}.tmp")
    sweep(target)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with_descriptor(os.open(draft, flags, 0o666), lambda fd: fill(fd, parts))
        os.replace(draft, target)  # noqa: PTH105 (one system call, and tests make it fail)
        if os.name == "posix":  # elsewhere a directory cannot be opened
            with_descriptor(os.open(target.parent, os.O_RDONLY), os.fsync)
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    finally:
        with suppress(OSError):  # it became the file; or it cannot be removed, for what is raised
            draft.unlink()


def sweep(target: Path) -> None:
    """Remove drafts that nobody can still be writing to."""
    for draft in target.parent.glob(f".{escape(target.name)}.{'[0-9a-f]' * 8}.tmp"):
        with suppress(OSError):  # it is gone, or not ours to remove: no reason not to save
            if time() - draft.stat().st_mtime > ABANDONED:
                draft.unlink()


def fill(fd: int, parts: Iterable[Buffer]) -> None:
    """Write all, and wait until it is on disk."""
    for part in parts:
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(fd, rest) :]
    os.fsync(fd)


def with_descriptor(fd: int, use: Callable[[int], Any]) -> None:
    """Use an open file; then close it, once, whatever happens."""
    try:
        use(fd)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            os.close(fd)
        raise
    os.close(fd)
