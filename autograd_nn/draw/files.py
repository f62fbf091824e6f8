"""Writing files whole or not at all, and pages by their name."""

from __future__ import annotations

import os
from pathlib import Path

from autograd_nn.files import write_durably


def write(path: Path, content: bytes) -> Path:
    """Put `content` at `path`, and return it; a reader sees the old file or the new one."""
    write_durably(path, [content])
    return path


def page_path(name: str, path: str | os.PathLike[str]) -> Path:
    """Refuse a path that is no page's."""
    target = Path(path)
    if target.suffix.lower() != ".html":
        message = f"{name}: {target.name} is to be a page; give a path that ends in .html"
        raise ValueError(message)
    return target
