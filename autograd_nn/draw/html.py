"""A page with the picture in it, and its outline below: no request to anywhere, no script."""

from __future__ import annotations

from autograd_nn.draw import svg
from autograd_nn.draw.model import Picture
from autograd_nn.draw.outline import heading, outline
from autograd_nn.draw.text import escape
from autograd_nn.draw.theme import DARK, LIGHT

POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(picture: Picture, theme: str = "auto", width: float = svg.PAGE) -> str:
    """Write an HTML page."""
    colors = DARK if theme == "dark" else LIGHT
    style = f"body{{margin:1rem;background:{colors['paper']};color:{colors['ink']};"
    style += "font-family:sans-serif}.picture{overflow:auto}.picture svg{max-width:none}"
    style += "pre{white-space:pre-wrap}"
    if theme == "auto":
        dark = f"background:{DARK['paper']};color:{DARK['ink']}"
        style += f"@media (prefers-color-scheme:dark){{body{{{dark}}}}}"
    title = heading(picture)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<div class="picture">{svg.draw(picture, theme=theme, page=width)}</div>\n'
        f"<details><summary>In words</summary>\n<pre>{escape(outline(picture))}</pre></details>\n"
        "</body>\n</html>\n"
    )
