"""Functions of several results: one node for all, and one more for each result that is used."""

from __future__ import annotations

from typing import Any

from autograd_nn.fitting import Several, Value
from autograd_nn.primitive import Primitive, record
from autograd_nn.traced import Traced, box


def unpack(joint: Any) -> Any:
    """Select each result of a function of several."""
    parts: Several = joint.value if isinstance(joint, Traced) else joint

    def part(i: int) -> Any:
        if isinstance(joint, Traced) and parts[i].dtype.kind not in "fc":
            return box(type(joint), parts[i])  # a constant, such as a rank
        return record(select, (joint,), {"index": i})

    return parts.form(map(part, range(len(parts))))


def pick(parts: Several, index: int) -> Value:
    """Take one of several results."""
    return parts[index]


select = Primitive(
    pick,
    [lambda v, _y, parts, index: Several(v if i == index else None for i in range(len(parts)))],
    [lambda v, _y, _parts, index: v[index]],
)
