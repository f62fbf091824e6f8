"""Writing files whole or not at all."""

from __future__ import annotations

from pathlib import Path

from autograd_nn.files import write_durably


def write(path: Path, content: bytes) -> Path:
    """Put `content` at `path`, and return it; a reader sees the old file or the new one."""
    write_durably(path, [content])
    return path
