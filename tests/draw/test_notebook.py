"""A notebook that is really executed shows the picture, and the tree as text."""

from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient", reason="nbclient is not there (the extra [notebook])")
nbformat = pytest.importorskip("nbformat", reason="nbformat is not there (the extra [notebook])")
pytest.importorskip("ipykernel", reason="ipykernel is not there (the extra [notebook])")

PREPARE = """\
import numpy as np
from autograd_nn import Tensor, draw
w = Tensor([0.5, -0.5], requires_grad=True)
loss = np.sum(np.square(w))
loss.backward(retain_graph=True)"""


# what the libraries of notebooks say of themselves is not about us
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_shows_the_picture_and_the_tree() -> None:
    cells = [nbformat.v4.new_code_cell(code) for code in (PREPARE, "draw.graph(loss)", "loss", "w")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    graph, tensor, leaf = (shown(cell) for cell in cells[1:])
    for data in (graph, tensor):
        assert data["image/svg+xml"].startswith("<svg")
        assert "└─■ w " in data["text/plain"]
    assert tensor["text/plain"].startswith("Tensor(0.5, shape=(), dtype=float64, made by sum)")
    assert set(leaf) == {"text/plain"}
    ids = [
        data["image/svg+xml"].partition(' id="')[2].partition('"')[0] for data in (graph, tensor)
    ]
    assert len(set(ids)) == 2


def shown(cell: Any) -> Any:
    (output,) = cell["outputs"]
    assert output["output_type"] == "execute_result"
    return output["data"]
