"""docs/edges.md says what is so."""

import re

import pytest

from edge_cases import SECTIONS, Edge
from edges import PAGE, measure, ours

EDGES = [edge for section in SECTIONS for edge in section.edges]


def rows() -> dict[str, str]:
    """Read our column of the page."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|", text, re.MULTILINE))


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.label)
def test_the_page_of_edges_says_what_is_returned(edge: Edge) -> None:
    assert rows()[edge.label] == measure(ours, edge)


def test_the_page_has_the_edges_that_are_measured_and_no_others() -> None:
    assert rows().keys() - {"function", "---"} == {edge.label for edge in EDGES}
