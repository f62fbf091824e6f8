"""Writing files whole or not at all, and pages by their name."""

from __future__ import annotations

import os
from pathlib import Path


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


def page_path(name: str, path: str | os.PathLike[str]) -> Path:
    """Refuse a path that is no page's."""
    target = Path(path)
    if target.suffix.lower() != ".html":
        message = f"{name}: {target.name} is to be a page; give a path that ends in .html"
        raise ValueError(message)
    return target
