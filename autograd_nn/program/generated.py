"""Functions made of generated code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

INDENT = "    "


@dataclass
class Names:
    """What the names in generated code are bound to."""

    bound: dict[str, Any] = field(default_factory=dict)
    known: dict[int, str] = field(default_factory=dict)  # by id

    def name(self, thing: Any, prefix: str = "k") -> str:
        """Make a name for a thing, the same for the same."""
        if id(thing) not in self.known:
            name = self.known[id(thing)] = f"{prefix}{len(self.bound)}"
            self.bound[name] = thing
        return self.known[id(thing)]


def function_of(name: str, parameters: str, body: str, bound: dict[str, Any]) -> Callable[..., Any]:
    """Make a function of generated code; what it is bound to are its local variables."""
    keywords = "".join(f"{known}={known}, " for known in bound)  # by position: that is faster
    body = body if body.startswith(INDENT) else INDENT + body
    scope = dict(bound)
    exec(compile(f"def {name}({parameters}{keywords}):\n{body}\n", f"<{name}>", "exec"), scope)  # noqa: S102 (our own code)
    function: Callable[..., Any] = scope.pop(name)  # or each would keep the other
    return function
