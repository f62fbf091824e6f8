"""A page to step through a picture: forward through the values, back through the gradients.

One file, which asks for nothing: the picture, the steps as data, and what is in `page/`, a file a
subject.
Without JavaScript it is the plain picture.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from autograd_nn.draw import folding, svg
from autograd_nn.draw.cards import px
from autograd_nn.draw.model import Picture
from autograd_nn.draw.outline import facts, heading, outline
from autograd_nn.draw.text import escape
from autograd_nn.draw.theme import DARK, LIGHT, heats
from autograd_nn.draw.walk import terms, walk

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
# in the order in which they run
SCRIPT = (
    *("elements.js", "panel.js", "picture.js", "epochs.js", "folding.js"),
    *("looking.js", "controls.js"),
)
FEW = 200  # cards, up to which sums are written out and ways to fold prepared


def play(picture: Picture, theme: str = "auto", width: float = svg.PAGE) -> str:
    """Write the page of one picture."""
    content = picture.to_dict()
    small = len(picture.cards) <= FEW
    if small and picture.is_full:
        for written, edge in zip(content["edges"], picture.edges, strict=True):
            written["terms"] = terms(picture, edge)
    content["steps"] = walk(picture)
    content["states"] = states(picture, width) if small else []
    content["code"] = picture.code
    content["facts"] = facts(picture)
    return page(
        picture, heading(picture), content, svg.draw(picture, theme=theme, page=width), theme
    )


def page(picture: Picture, title: str, content: Mapping[str, Any], drawing: str, theme: str) -> str:
    """Put a page together."""
    script = '"use strict";\n(() => {\n' + "\n".join(map(read, SCRIPT)) + "})();\n"
    style = f"{colours(theme)}\n{read('page.css')}"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"{POLICY}; script-src 'sha256-{digest}'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        '<link rel="icon" href="data:,"/>\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<main><div class="stage">{drawing.strip()}</div></main>\n'
        f"<details><summary>In words</summary><pre>{escape(outline(picture))}</pre></details>\n"
        f'<script type="application/json" id="content">{embedded(content)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def read(name: str) -> str:
    """Read a file of the page."""
    return files("autograd_nn.draw").joinpath("page", name).read_text("utf-8")


def embedded(content: Mapping[str, Any]) -> str:
    r"""Write JSON in which nothing ends the script that it stands in.

    >>> print(embedded({"name": "</script>"}))
    {"name":"\u003c/script>"}
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def colours(theme: str) -> str:
    """Write the colours of the page as variables: of one theme, or as the reader's system is."""

    def declared(name: str) -> str:
        found = {**(DARK if name == "dark" else LIGHT), **heats(name)}
        return "".join(f"--{key}:{colour};" for key, colour in found.items())

    if theme != "auto":
        return f":root{{color-scheme:{theme};{declared(theme)}}}"
    dark = f"@media (prefers-color-scheme:dark){{:root{{{declared('dark')}}}}}"
    return f":root{{color-scheme:light dark;{declared('light')}}}{dark}"


# ---- folding ---------------------------------------------------------------------------------


def states(picture: Picture, width: float) -> list[dict[str, Any]]:
    """Draw every way to fold: where cards go, and what is drawn in place of others."""
    whole = svg.Drawing(picture, width)
    drawn = {card.id: "".join(whole.painted[card.id].parts) for card in picture.cards}
    return [state(picture, frames, drawn, width) for frames in folding.states(picture)]


def state(
    picture: Picture, frames: folding.Folded, drawn: Mapping[str, str], width: float
) -> dict[str, Any]:
    """Draw one way to fold."""
    part = folding.fold(picture, frames) if frames else picture
    drawing = svg.Drawing(part, width)
    parts = drawing.parts()
    places = {
        id_: [round(box.x, 1), round(box.y, 1)]
        for id_, box in drawing.boxes.items()
        if id_ in drawn
    }
    changed = {
        id_: "".join(painted.parts)
        for id_, painted in drawing.painted.items()
        if id_ in drawn and "".join(painted.parts) != drawn[id_]
    }
    added = [
        text for card, text in zip(part.cards, parts.cards, strict=True) if card.id not in drawn
    ]
    hidden = {
        card.id: f"f{i}"
        for card in picture.cards
        if card.id not in places
        and (i := folding.outermost(picture, card.frame, frames)) is not None
    }
    return {
        "folded": sorted(frames),
        "size": [float(px(parts.width)), float(px(parts.height))],
        "origin": [float(px(parts.left)), float(px(parts.top))],
        "places": places,
        "changed": changed,
        "hidden": hidden,
        "added": "".join(added) if frames else "",
        "edges": "".join(parts.edges) if frames else "",
        "frames": "".join(parts.frames) if frames else "",
    }
