"""Say what is wrong with a line, and what to write instead."""

from __future__ import annotations

import ast
import re

from autograd_nn.compare.diagnosis.edit import Edit
from autograd_nn.compare.diagnosis.mistakes import MISTAKES
from autograd_nn.compare.diagnosis.repair import Place, Repair
from autograd_nn.compare.diagnosis.scene import shown


def explained(repair: Repair, mistake: str, place: Place) -> tuple[str, str]:
    """Say what is wrong with a line, and what to write instead."""
    edit, site = repair.edit, place.bench.site(repair.site)
    sentence = spoken(mistake)
    if edit.kind == "substitute" and edit.old is not None and edit.new is not None:
        old, new = shown(edit.old), shown(edit.new)
        if "__before" in ast.unparse(edit.new):
            return sentence, f"take `{old}` as it was before it was updated"
        if len(re.findall(rf"(?<![\w.]){re.escape(old)}(?!\w)", site.line.code)) == 1:
            return sentence, f"replace `{old}` by `{new}`{where(repair, place)}"
    statement = edit.statement or spelled(site.line.variable, edit.verb or site.verb, body(edit))
    return sentence, f"write `{statement}`{where(repair, place)}"


def spoken(mistake: str) -> str:
    """Say in a sentence what a class of mistakes is."""
    sentence = MISTAKES[mistake]
    return sentence[0].upper() + sentence[1:] + "."


def where(repair: Repair, place: Place) -> str:
    """Say where the forward pass computes what the line has no name for."""
    if repair.edit.new is None:
        return ""
    names = {n.id for n in ast.walk(repair.edit.new) if isinstance(n, ast.Name)}
    local = place.record.surroundings[repair.site].local
    for k in place.record.forward:
        site = place.bench.site(k)
        variable = site.line.variable
        unnamed = variable in names and variable not in local
        if site.verb == "=" and (unnamed or f"{variable}__forward" in names):
            return f" (`{variable}` is computed in line {site.line.line} of the forward pass)"
    return ""


def body(edit: Edit) -> str:
    """Spell what stands right of the verb."""
    if edit.kind in {"accumulate", "overwrite"} and edit.old is not None:
        return shown(edit.old)
    return edit.text


def spelled(variable: str, verb: str, text: str) -> str:
    """Spell a statement."""
    if verb == "return":
        return (
            f"return {text}"
            if variable == "return"
            else f"{variable.removeprefix('return')}: {text}"
        )
    if verb == "call":
        return f"{variable}({text})"
    if verb == "index":
        return f"{variable.partition('[')[0]}[{text}]"
    return f"{variable} {verb} {text}"
