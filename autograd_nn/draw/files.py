"""Running Graphviz, and writing files whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO_INSTALL = "apt install graphviz, brew install graphviz or https://graphviz.org/download"
PATIENCE = 60  # seconds


def find_dot() -> str | None:
    """Find the program that draws."""
    return shutil.which("dot")


def render(source: str, kind: str) -> bytes:
    """Have Graphviz draw DOT `source` as "svg", "png" or "pdf"."""
    command = [find_dot() or "dot", f"-T{kind}"]
    try:
        done = subprocess.run(  # noqa: S603 (our own command; what users wrote goes in as input)
            command, input=source.encode(), capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"Graphviz did not finish within {PATIENCE} seconds"
        raise RuntimeError(message) from None
    if done.returncode or not done.stdout:
        message = f"Graphviz failed: {done.stderr.decode(errors='replace').strip()}"
        raise RuntimeError(message)
    return done.stdout


def write(path: Path, content: bytes) -> Path:
    """Put `content` at `path`; a reader sees the old file or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error  # not the draft's name
    finally:
        draft.unlink(missing_ok=True)
    return path
