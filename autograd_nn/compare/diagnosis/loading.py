"""Run a person's file: a Python program, or the code blocks of a tutorial."""

from __future__ import annotations

import linecache
import random
import re
import sys
import traceback
import types
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.errors import DiagnosisInputError

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})\s*(?P<label>[^`]*)$")
_PYTHON = {"python", "py", "python3"}
_MODULE = "diagnosed"  # what the file's `__name__` is: not "__main__", so that it does not act


@dataclass(frozen=True)
class Program:
    """Hold a program that was run: its file, its text with that file's line numbers, its names."""

    file: str
    source: str
    module: types.ModuleType

    @property
    def names(self) -> dict[str, Any]:
        """What the program defines and imports."""
        return vars(self.module)


def load(path: str | Path, *, seed: int = 0) -> Program:
    r"""Run a file and return what it defines.

    Its `__name__` is not "__main__". Python's and NumPy's global random generators are seeded.

    Parameters
    ----------
    path : path
        A Python file. Of a file that ends in ``.md``, ``.markdown`` or ``.txt`` and has fenced
        blocks, the blocks marked as Python are run as one program; if none is marked, those
        without a mark. Lines keep their numbers.
    seed : int

    Raises
    ------
    DiagnosisInputError
        If the file cannot be read, holds no code, does not parse, needs a library that is not
        installed, or fails; the sentence names the line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = "Now the slope:\n\n```python\ndef slope(a):\n    return a * (1 - a)\n```\n"
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "tutorial.md")
    ...     size = path.write_text(text)
    ...     program = load(path)
    >>> program.names["slope"].__code__.co_firstlineno
    4
    """
    file = str(path)
    source = _python_of(_read(file), file)
    lines = source.splitlines(keepends=True)
    # Without a time of change the entry is never checked against the file, which may hold prose.
    linecache.cache[file] = (len(source), None, lines, file)
    module = types.ModuleType(_MODULE)
    module.__file__ = file
    sys.modules[_MODULE] = module  # where dataclasses look for their module
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's string literals
            code = compile(source, file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        message = f"{_place(file, line)} does not parse: {getattr(error, 'msg', error)}"
        raise DiagnosisInputError(message) from None
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (the global generator, which is what tutorials use)
    try:
        exec(code, vars(module))  # noqa: S102 (running the user's file is what was asked for)
    except ModuleNotFoundError as error:
        message = (
            f"{_place(file, _line_of(error, file))} needs {error.name}, which is not installed; "
            f"install it, or remove what needs it"
        )
        raise DiagnosisInputError(message) from error
    except (Exception, SystemExit) as error:  # whatever the user's code raises is said
        message = (
            f"{_place(file, _line_of(error, file))} failed when the file was run: "
            f"{type(error).__name__}: {error}"
        )
        raise DiagnosisInputError(message) from error
    return Program(file, source, module)


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise DiagnosisInputError(message) from error
    except UnicodeDecodeError as error:
        message = f"{file} is not text in UTF-8"
        raise DiagnosisInputError(message) from error


def _python_of(text: str, file: str) -> str:
    """Return the program in a text; what is not of it becomes empty lines."""
    if Path(file).suffix.lower() not in {".md", ".markdown", ".txt"}:
        return text
    blocks = _blocks(text)
    if not blocks:
        if Path(file).suffix.lower() == ".txt":
            return text  # a program with an unusual name
        message = f"{file} has no fenced code block (```python)"
        raise DiagnosisInputError(message)
    chosen = [rows for label, rows in blocks if label in _PYTHON]
    chosen = chosen or [rows for label, rows in blocks if not label]
    if not chosen:
        labels = ", ".join(dict.fromkeys(label for label, _ in blocks))
        message = f"{file} has no code block marked as Python, only {labels}; mark it ```python"
        raise DiagnosisInputError(message)
    code = {number: row for rows in chosen for number, row in rows.items()}
    return "".join(code.get(n, "") + "\n" for n in range(1, max(code, default=0) + 1))


def _blocks(text: str) -> list[tuple[str, dict[int, str]]]:
    """Return the fenced blocks: their labels, and their lines by number, without the indent."""
    blocks: list[tuple[str, dict[int, str]]] = []
    opened: re.Match[str] | None = None
    for number, row in enumerate(text.splitlines(), start=1):
        fence = _FENCE.match(row)
        if opened is None:
            if fence:
                opened = fence
                label = re.split(r"[\s,{}:]+", fence["label"].strip(" {.").lower())[0]
                blocks.append((label, {}))
        elif fence and fence["fence"].startswith(opened["fence"]) and not fence["label"].strip():
            opened = None
        else:
            blocks[-1][1][number] = row.removeprefix(opened["indent"])
    return blocks


def _line_of(error: BaseException, file: str) -> int | None:
    """Return the innermost line of the file that an error went through."""
    numbers = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return numbers[-1] if numbers else None


def _place(file: str, line: int | None) -> str:
    return f"{file}, line {line}," if line else file
