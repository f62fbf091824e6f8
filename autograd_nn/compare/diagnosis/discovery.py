"""Which functions of the user's a run goes through."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

HERE = str(Path(__file__).parent)  # adapters, which stand between
PACKAGE = str(Path(__file__).parents[2])
LIBRARIES = tuple({PACKAGE, *(sysconfig.get_paths()[k] for k in ("stdlib", "purelib", "platlib"))})


@dataclass(frozen=True)
class Code:
    """The user's code that a run went through: its functions' code, and their modules' names."""

    codes: tuple[CodeType, ...]
    scopes: tuple[dict[str, Any], ...]


def discovered(run: Callable[[], Any], entries: Iterable[Any]) -> tuple[Any, Code]:
    """Run, and find the functions of the user's that are called."""
    own = {f.__code__.co_filename for f in map(unwrapped, entries) if f is not None}
    codes: dict[CodeType, dict[str, Any]] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code not in codes:
            file = frame.f_code.co_filename
            module = str(frame.f_globals.get("__file__") or "")  # also of what it compiles itself
            library = file.startswith((*LIBRARIES, "<frozen")) or module.startswith(LIBRARIES)
            if not file.startswith(HERE) and (file in own or not library):
                codes[frame.f_code] = frame.f_globals

    before: Any = sys.getprofile()
    sys.setprofile(note)
    try:
        result = run()
    finally:
        sys.setprofile(None)
        if hasattr(before, "enable"):  # cProfile's is no function
            before.enable()
        else:
            sys.setprofile(before)
    scopes = {id(scope): scope for scope in codes.values()}
    return result, Code(tuple(codes), tuple(scopes.values()))


def unwrapped(function: Any) -> Any:
    """Find the Python function behind a method or a partial; None if there is none."""
    while isinstance(function, partial):
        function = function.func
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType):
        function = vars(type(function)).get("__call__")
    return function if isinstance(function, FunctionType) else None
