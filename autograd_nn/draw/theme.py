"""Colours: two themes, two diverging palettes that the colour-blind can tell apart."""

from __future__ import annotations

from autograd_nn.draw.text import FAMILY

STEPS = 5  # shades on either side of zero
LIGHT = {
    "paper": "#ffffff",
    "card": "#ffffff",
    "ink": "#111827",
    "soft": "#475569",
    "line": "#94a3b8",
    "forward": "#475569",
    "backward": "#c2540a",
    "backward-text": "#9a3c00",
    "value-text": "#0f5e54",
    "frame": "#f4f6fa",
    "frame-line": "#cbd5e1",
    "grid": "#cbd5e1",
    "zero": "#ffffff",
    "input": "#0b5fa5",
    "parameter": "#8a5a00",
    "operation": "#334155",
    "output": "#3b2f73",
    "loss": "#0f172a",
    "fold": "#4b5563",
    "input-paper": "#eef5fc",
    "parameter-paper": "#fff8e6",
    "on": "#ffffff",
    "on-soft": "#e6ebf2",
    "guilty": "#b91c1c",
    "guilty-paper": "#fdeaea",
    "contaminated": "#8a4b00",
    "contaminated-paper": "#fff1d6",
    "exact": "#116a3d",
    "exact-paper": "#e4f6ec",
}
DARK = {
    "paper": "#0f141c",
    "card": "#182130",
    "ink": "#f1f5f9",
    "soft": "#a9b6c8",
    "line": "#52617a",
    "forward": "#9fb0c8",
    "backward": "#f08a3c",
    "backward-text": "#ffb074",
    "value-text": "#7fd8c9",
    "frame": "#141c28",
    "frame-line": "#38465a",
    "grid": "#38465a",
    "zero": "#182130",
    "input": "#0f5c9c",
    "parameter": "#7d5300",
    "operation": "#3d4d63",
    "output": "#55469b",
    "loss": "#05080d",
    "fold": "#4b5563",
    "input-paper": "#152539",
    "parameter-paper": "#272214",
    "on": "#ffffff",
    "on-soft": "#e6ebf2",
    "guilty": "#b91c1c",
    "guilty-paper": "#3a171b",
    "contaminated": "#8a4b00",
    "contaminated-paper": "#35270f",
    "exact": "#116a3d",
    "exact-paper": "#12301f",
}
THEMES = {"light": LIGHT, "dark": DARK}
# the strongest shade of negative and positive numbers
HEAT = {
    "light": {"v": ("#c29c77", "#6cb1a8"), "g": ("#a28ec4", "#eea26e")},
    "dark": {"v": ("#7a4f26", "#15695f"), "g": ("#5f4796", "#99480f")},
}
TEXT_ON = {"guilty": "#fca5a5", "contaminated": "#fcd28a", "exact": "#86e0ae"}  # dark, on paper


def blend(share: float, full: str, zero: str) -> str:
    """Mix two colours.

    >>> blend(0.0, "#c29c77", "#ffffff"), blend(1.0, "#c29c77", "#ffffff")
    ('#ffffff', '#c29c77')
    """
    pairs = ((int(zero[i : i + 2], 16), int(full[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def shade(heat: float) -> str:
    """Name the shade of a number between -1 and 1: how far from zero, and on which side.

    >>> shade(0.0), shade(1.0), shade(-0.01)
    ('0', 'p5', 'm1')
    """
    step = min(STEPS, -int(-(abs(heat) ** 0.8) * STEPS // 1)) if heat else 0
    return f"{'p' if heat > 0 else 'm'}{step}" if step else "0"


def heats(theme: str) -> dict[str, str]:
    """List the shades of a theme by their class: ``v-p3``, ``g-m1``, ``v-0``."""
    zero = THEMES[theme]["zero"]
    found = {}
    for part, (negative, positive) in HEAT[theme].items():
        found[f"{part}-0"] = zero
        for side, full in (("m", negative), ("p", positive)):
            found |= {
                f"{part}-{side}{i}": blend(i / STEPS, full, zero) for i in range(1, STEPS + 1)
            }
    return found


FILLS = {
    **{f"f-{name}": name for name in ("paper", "card", "frame")},
    **{f"f-{name}": name for name in ("input", "parameter", "operation", "output", "loss", "fold")},
    **{f"f-{name}": name for name in ("input-paper", "parameter-paper")},
    **{f"f-{name}": name for name in ("guilty", "guilty-paper", "exact", "exact-paper")},
    **{f"f-{name}": name for name in ("contaminated", "contaminated-paper")},
}
TEXTS = {
    **{f"t-{name}": name for name in ("ink", "soft", "on", "on-soft", "backward-text")},
    **{f"t-{name}": name for name in ("value-text", "guilty", "contaminated", "exact")},
}
STROKES = {
    f"s-{name}": name
    for name in (
        "line",
        "forward",
        "backward",
        "frame-line",
        "grid",
        "guilty",
        "contaminated",
        "ink",
    )
}


ARROWS = {f"a-{name}": name for name in ("forward", "backward", "guilty", "contaminated")}


def rules(theme: str, scope: str) -> str:
    """Write the colours of a theme as CSS that reaches nothing outside of `scope`."""
    colors = THEMES[theme]
    text = colors | (TEXT_ON if theme == "dark" else {})
    lines = [f"{scope} .{name}{{fill:{colors[key]}}}" for name, key in FILLS.items()]
    lines += [f"{scope} .{name}{{fill:{text[key]}}}" for name, key in (TEXTS | ARROWS).items()]
    lines += [f"{scope} .{name}{{stroke:{text[key]}}}" for name, key in STROKES.items()]
    lines += [f"{scope} .{name}{{fill:{color}}}" for name, color in heats(theme).items()]
    lines.append(f"{scope} .halo{{stroke:{colors['paper']}}}")
    return "".join(lines)


def css(theme: str, scope: str) -> str:
    """Write a style sheet: of one theme, or with "auto" of both, as the reader's system is."""
    base = (
        f"{scope}{{font-family:{FAMILY};max-width:100%;height:auto}}"
        f"{scope} path,{scope} .n{{fill:none}}{scope} .b{{font-weight:bold}}"
        f"{scope} .halo{{stroke-width:4px;stroke-linejoin:round;paint-order:stroke}}"
    )
    if theme != "auto":
        return base + rules(theme, scope)
    dark = f"@media (prefers-color-scheme:dark){{{rules('dark', scope)}}}"
    return base + rules("light", scope) + dark
