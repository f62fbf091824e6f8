"""Plots are in one style, the same bytes every time, and follow light and dark."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from autograd_nn import plotting
from autograd_nn.errors import MissingExtraError


def contrast(first: str, second: str) -> float:
    """Measure how well one colour is read on another, as the WCAG does: from 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


@plotting.style()
def drawn() -> Any:
    figure, [axes] = plotting.subplots(size=(3, 2))
    for i, name in enumerate(plotting.COLOURS):
        axes.plot([0, 1], [0, i])
        plotting.label(axes, 1, i, name, name)
    return figure


def test_what_is_written_can_be_read_in_light_and_in_dark() -> None:
    paper, dark = plotting.PAPER, plotting.DARK
    for colour in (*plotting.COLOURS.values(), plotting.INK, plotting.SOFT):
        assert contrast(colour, paper) >= 4.5
        assert contrast(dark[colour], dark[paper]) >= 4.5


def test_one_figure_is_the_same_bytes_and_its_colours_all_have_a_dark_one(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    first, second = (plotting.save(drawn(), tmp_path / name) for name in ("a.svg", "b.svg"))
    text = first.read_text(encoding="utf-8")
    assert text == second.read_text(encoding="utf-8")
    assert "prefers-color-scheme:dark" in text
    for name, colour in plotting.COLOURS.items():
        assert f"stroke: {colour}" in text  # the line
        assert f"fill: {colour}" in text  # its label
        assert f">{name}</text>" in text
        assert f'[style*="stroke: {colour}"]{{stroke:{plotting.DARK[colour]}!important}}' in text


def test_logarithmic_axes_are_labelled_in_text(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    with plotting.style():
        figure, [axes] = plotting.subplots(size=(3, 2))
        axes.loglog([1, 1e4], [1e-6, 1])
        axes.set_yticks([1e-6, 1e-4, 1])  # versions of Matplotlib choose others
        axes.set_xticks([1, 20, 400], ["one", "twenty", "more"])  # these were chosen
    text = plotting.save(figure, tmp_path / "a.svg").read_text(encoding="utf-8")
    assert ">10⁻⁴</text>" in text
    assert ">twenty</text>" in text
    assert "mathdefault" not in text


def test_formulas_can_be_outlines(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    path = plotting.save(drawn(), tmp_path / "a.svg", outlines=True)
    assert "<text" not in path.read_text(encoding="utf-8")
    assert "<text" in plotting.save(drawn(), path).read_text(encoding="utf-8")


def test_the_suffix_decides_the_form(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra [plot] is not installed")
    path = plotting.save(drawn(), tmp_path / "a.png")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'autograd_nn\[plot\]'"):
        drawn()
