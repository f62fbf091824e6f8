"""Functions made of generated code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

INDENT = "    "


def function_of(name: str, parameters: str, body: str, bound: dict[str, Any]) -> Callable[..., Any]:
    """Make a function of generated code; what it is bound to are its local variables."""
    keywords = "".join(f"{known}={known}, " for known in bound)  # by position: that is faster
    body = body if body.startswith(INDENT) else INDENT + body
    scope = dict(bound)
    exec(compile(f"def {name}({parameters}{keywords}):\n{body}\n", f"<{name}>", "exec"), scope)  # noqa: S102 (our own code)
    function: Callable[..., Any] = scope[name]
    scope.clear()
    return function
