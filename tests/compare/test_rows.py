"""How a comparison prints, in text, HTML and JSON."""

import json
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from autograd_nn.compare.comparison import (
    GradientComparison,
    Verdict,
    compare_gradients,
)
from gradients import changed, network_gradient, scaled


def mixed_comparison() -> GradientComparison:
    truth = network_gradient()
    return compare_gradients(
        {
            "autograd": truth,
            "complex step": scaled(truth, 1 + 1e-15),
            "tutorial <printed>": changed(scaled(truth, 1 / 3), lambda weights: weights.T),
            "tutorial, my second and corrected version": {
                "hidden_layer": {**truth["hidden_layer"], "bias": np.array([1.0, np.inf, 0, 0])},
                "output_layer": {"weights": -1e-5 * truth["output_layer"]["weights"]},
                "a_parameter_with_a_very_long_name": np.zeros(1),
            },
        }
    )


def test_the_table_is_aligned_and_fits_100_columns() -> None:
    lines = str(mixed_comparison()).splitlines()
    assert max(map(len, lines)) <= 100
    head, body = lines[2], lines[3:16]
    for title in ("parameter", "verdict"):
        column = head.index(title)
        assert {line[column - 1] for line in body} == {" "}
        assert " " not in {line[column] for line in body}
    for title in ("error", "cosine", "ratio", "sign"):
        end = head.index(title) + len(title)
        assert {line[end : end + 1] for line in body} == {" "}
        assert " " not in {line[end - 1] for line in body}


def test_the_table_prints_as_documented() -> None:
    comparison = compare_gradients(
        {
            "autograd": {"weights": np.array([2.0, 2.0]), "b": np.array([1.0, -2.0])},
            "me": {"weights": np.array([1.0, 2.0]), "b": np.array([-1.0, 2.0])},
        }
    )
    assert str(comparison).splitlines() == [
        "0 of 2 gradients agree with 'autograd' (rtol 1e-06)",
        "                   max rel.              norm   wrong",
        "source  parameter     error    cosine   ratio    sign  verdict",
        "me      weights     5.0e-01   0.94868  0.7906    0.0%  differs",
        "me      b           2.0e+00  -1.00000       1  100.0%  factor x -1",
        "- source 'me', parameter 'weights': entry (0,) is 1, but 'autograd' has 2.",
        (
            "- source 'me', parameter 'b': the gradient is -1 times the reference, so the sign is "
            "wrong."
        ),
    ]


class Cells(HTMLParser):
    """Collect the texts of an HTML table, and refuse tags that it should not have."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag in {"p", "table", "tr", "th", "td", "ul", "li"}, (tag, attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_is_escaped_and_complete() -> None:
    comparison = mixed_comparison()
    cells = Cells()
    cells.feed(comparison._repr_html_())
    assert "max rel. error" in cells.texts
    for row in comparison.rows:
        assert {row.source, row.parameter} <= set(cells.texts)
        assert row.note == "" or row.note in cells.texts


def test_json_is_strict_and_reads_back_what_to_dict_gives() -> None:
    def refuse(constant: str) -> float:
        raise AssertionError(constant)

    comparison = mixed_comparison()
    read = json.loads(comparison.to_json(), parse_constant=refuse)
    expected = comparison.to_dict()
    assert read["reference"] == expected["reference"] == "autograd"
    assert (read["rtol"], read["agrees"]) == (1e-6, False)
    for row, original in zip(read["rows"], expected["rows"], strict=True):
        assert row.keys() == original.keys()
        for key, value in original.items():
            if isinstance(value, float):
                np.testing.assert_equal(float(row[key]), value)
            else:
                assert row[key] == value


def test_json_spells_out_what_it_has_no_number_for() -> None:
    row = json.loads(compare_gradients({"hand": [1.0]}, [0.0]).to_json())["rows"][0]
    assert (row["cosine"], row["norm_ratio"], row["factor"]) == ("NaN", "Infinity", None)


def test_assert_close_passes_silently_where_all_agree() -> None:
    compare_gradients({"a": network_gradient(), "b": network_gradient()}).assert_close()


def test_assert_close_shows_the_failing_rows_with_their_sentences_only() -> None:
    comparison = mixed_comparison()
    with pytest.raises(AssertionError) as caught:
        comparison.assert_close()
    text = " ".join(str(caught.value).split())
    assert text.startswith("5 of 13 gradients agree with 'autograd'")
    failing = [row for row in comparison.rows if row.verdict is not Verdict.AGREES]
    assert len(failing) == 8
    assert all(row.note in text for row in failing)
    assert "complex step" not in text
