"""PNG and PDF, by whatever is there: nothing of it is needed for SVG and HTML."""

from __future__ import annotations

import shutil
import subprocess
from importlib import import_module
from importlib.util import find_spec

from autograd_nn.errors import MissingExtraError

EXTRA = 'pip install "autograd_nn[render]"'
PATIENCE = 60  # seconds
RESOLUTION = 96  # dots per inch, at which a unit of SVG is a pixel


def backends() -> dict[str, str]:
    """Say what can render pictures here, and what adds the rest.

    Returns
    -------
    dict of str to str
        For each format, what makes it, or the command that installs what would.

    Examples
    --------
    >>> backends()["svg"]
    'built in'
    """
    missing = f"nothing yet: {EXTRA}"
    by_dot = (shutil.which("dot") and "dot") or (find_spec("pygraphviz") and "pygraphviz")
    by_resvg = find_spec("resvg_py") and "resvg-py"
    return {
        **dict.fromkeys(("svg", "html", "dot", "json", "txt", "mmd"), "built in"),
        "png": by_resvg or by_dot or missing,
        "pdf": by_dot or missing,
    }


def png(svg: str, source: str) -> bytes:
    """Make a PNG: of our own SVG if possible, else by Graphviz of DOT."""
    if find_spec("resvg_py") is None:
        return by_graphviz(source, "png")
    resvg = import_module("resvg_py")
    return bytes(resvg.svg_to_bytes(svg_string=svg, dpi=RESOLUTION))


def by_graphviz(source: str, kind: str) -> bytes:
    """Have Graphviz draw DOT as "svg", "png" or "pdf"."""
    program = shutil.which("dot")
    if program is not None:
        return run(program, source, kind)
    if find_spec("pygraphviz") is None:
        message = f"{kind.upper()} needs a renderer; install one with {EXTRA}"
        raise MissingExtraError(message, name="render")
    pygraphviz = import_module("pygraphviz")
    drawn: bytes = pygraphviz.AGraph(string=source).draw(format=kind, prog="dot")
    return drawn


def run(program: str, source: str, kind: str) -> bytes:
    """Run Graphviz's program."""
    try:
        done = subprocess.run(  # noqa: S603 (our own command; what users wrote goes in as input)
            [program, f"-T{kind}"],
            input=source.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"Graphviz did not finish within {PATIENCE} seconds"
        raise RuntimeError(message) from None
    if done.returncode or not done.stdout:
        message = f"Graphviz failed: {done.stderr.decode(errors='replace').strip()}"
        raise RuntimeError(message)
    return done.stdout
