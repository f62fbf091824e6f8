"""One style for all plots that Matplotlib draws (the extra ``[plot]``)."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd_nn.errors import MissingExtraError
from autograd_nn.files import write_durably

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "label", "render", "save", "style", "subplots"]

PAPER, INK, SOFT, LINE, GRID = "#ffffff", "#111827", "#475569", "#94a3b8", "#e2e8f0"
# Told apart by the colour-blind, and as text on paper.
COLOURS = {
    "blue": "#0b5fa5",
    "orange": "#c2540a",
    "green": "#0f766e",
    "pink": "#a8328a",
    "grey": "#5b6779",
}
DARK = {  # what each becomes where the reader's system is dark
    PAPER: "#0f141c",
    INK: "#f1f5f9",
    SOFT: "#a9b6c8",
    LINE: "#52617a",
    GRID: "#263143",
    COLOURS["blue"]: "#62b0f0",
    COLOURS["orange"]: "#f99a55",
    COLOURS["green"]: "#3fcbb5",
    COLOURS["pink"]: "#ec8fd3",
    COLOURS["grey"]: "#94a3b8",
}
STYLE: dict[str, Any] = {
    "figure.facecolor": PAPER,
    "figure.labelsize": 9,
    "figure.titlesize": 11,
    "font.size": 9,
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "text.color": INK,
    "axes.facecolor": "none",
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "savefig.facecolor": "auto",
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "autograd_nn",  # the same ids every time
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the package's style meanwhile: a context, or a decorator of what draws.

    Raises
    ------
    MissingExtraError
        If Matplotlib is not installed.

    Examples
    --------
    >>> @style()
    ... def parabola():
    ...     figure, [axes] = subplots(size=(4, 3))
    ...     axes.plot([0, 1, 2], [0, 1, 4], color=COLOURS["blue"])
    ...     label(axes, 2, 4, "x squared", "blue")
    ...     return figure
    >>> parabola().axes[0].get_lines()[0].get_color()
    '#0b5fa5'
    """
    try:
        from cycler import cycler  # noqa: PLC0415 (an extra)
        from matplotlib import rc_context  # noqa: PLC0415 (the same)
    except ImportError as error:
        message = "plots need Matplotlib: pip install 'autograd_nn[plot]'"
        raise MissingExtraError(message) from error
    settings: Any = STYLE | {"axes.prop_cycle": cycler(color=COLOURS.values())}
    with rc_context(settings):
        yield


def subplots(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float], **options: Any
) -> tuple[Figure, list[Any]]:
    """Make a figure and its axes, row after row, to be called in `style`.

    Parameters
    ----------
    rows, columns : int
    size : (width, height)
        Of the figure, in inches of 72 points.
    **options
        Of ``matplotlib.figure.Figure.subplots``: ``sharex``, ``sharey``, ``width_ratios``.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (an extra)

    figure = Figure(figsize=size, layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False, **options).ravel())


def label(axes: Any, x: float, y: float, text: str, colour: str, **options: Any) -> None:
    """Write beside a point what ends there, in its colour: a legend that need not be looked up."""
    placed = {"xytext": (5, 0), "va": "center", "annotation_clip": False} | options
    axes.annotate(text, (x, y), textcoords="offset points", color=COLOURS[colour], **placed)


def save(figure: Figure, path: str | os.PathLike[str], *, outlines: bool = False) -> Path:
    """Write a figure, whole or not at all, and return where.

    The form is that of the suffix.  An SVG file follows the reader's light or dark setting, and
    one and the same figure is the same bytes every time.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Where to.
    outlines : bool
        Whether an SVG file has the shapes of letters instead of text, for formulas: readers may
        lack their font.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, style():
    ...     figure, [axes] = subplots(size=(2, 2))
    ...     save(figure, Path(folder, "empty.svg")).name
    'empty.svg'
    """
    path = Path(path)
    write_durably(path, [render(figure, path.suffix.removeprefix(".") or "svg", outlines=outlines)])
    return path


def render(figure: Figure, form: str, *, outlines: bool = False) -> bytes:
    """Return a figure as the content of a file; see `save`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    form : str
        "svg", "png", "pdf" or what else Matplotlib writes.
    outlines : bool
        As of `save`.

    Examples
    --------
    >>> with style():
    ...     figure, [axes] = subplots(size=(2, 2))
    >>> render(figure, "png")[1:4]
    b'PNG'
    """
    drawn = io.BytesIO()
    dated = {"metadata": {"Date": None, "Creator": None}} if form == "svg" else {"dpi": 150}
    with style():
        _write_powers(figure)
        if outlines:
            import matplotlib as mpl  # noqa: PLC0415 (an extra)

            mpl.rcParams["svg.fonttype"] = "path"
        figure.savefig(drawn, format=form, **dated)
    content = drawn.getvalue()
    if form == "svg":
        content = content.replace(b"</style>", f"\n{_dark()}</style>".encode(), 1)
    return content


def _dark() -> str:
    """Write the colours of the dark as CSS that wins over Matplotlib's style attributes."""
    rules = (
        f'[style*="{part}: {light}"]{{{part}:{dark}!important}}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _write_powers(figure: Figure) -> None:
    """Label logarithmic axes in plain text: of Matplotlib's formulas readers may lack the font."""
    from matplotlib.ticker import LogFormatterSciNotation, NullLocator  # noqa: PLC0415 (an extra)

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if isinstance(axis.get_major_formatter(), LogFormatterSciNotation):  # no other was chosen
            axis.set_major_formatter(_power)
        if isinstance(axis.get_minor_formatter(), LogFormatterSciNotation):
            axis.set_minor_locator(NullLocator())


def _power(number: float, _position: float = 0) -> str:
    """Write a tick of a logarithmic axis.

    >>> _power(1e-12), _power(-1000.0), _power(2e-3), _power(10.0), _power(0.0)
    ('10⁻¹²', '−10³', '2·10⁻³', '10', '0')
    """
    exponent = math.floor(math.log10(abs(number)) + 1e-9) if number else 0
    if exponent in (0, 1):
        return f"{number:g}".replace("-", "−")
    factor = (
        f"{number / 10.0**exponent:g}·10".removeprefix("1·").replace("-1·", "-").replace("-", "−")
    )
    return factor + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
