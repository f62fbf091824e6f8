"""The pictures that are kept as files; ``python tests/draw/pictures.py`` writes them anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Tensor, datasets, draw, nn
from autograd_nn.draw import Graph

GOLDEN = Path(__file__).parent / "golden"


def training_step() -> Graph:
    """Draw a step of the tutorial's network, with a mistake."""
    data = datasets.xor()
    network = nn.SigmoidNetwork((2, 4, 1), rng=0)
    loss = nn.half_sse_loss(network(data.features), data.targets)
    loss.backward(retain_graph=True)
    hidden, output = network.parameters()[1], network.parameters()[2]
    assert hidden.grad is not None
    names = {"x": data.features, "y": data.targets, "network": network, "loss": loss}
    check = {"b1": hidden.grad / 4, "W2": output.grad}
    return draw.graph(loss, names=names, check=check)


def unrolled(steps: int = 50) -> Graph:
    """Draw a recurrent network: shared weights, and repetitions folded."""
    rng = np.random.default_rng(0)
    shapes = {"Wx": (3, 4), "Wh": (4, 4), "b": (4,)}
    names: dict[str, Any] = {
        name: Tensor(0.4 * rng.normal(size=shape), requires_grad=True)
        for name, shape in shapes.items()
    }
    h: Any = np.zeros((5, 4))
    for _ in range(steps):
        h = np.tanh(rng.normal(size=(5, 3)) @ names["Wx"] + h @ names["Wh"] + names["b"])
    loss = np.mean(h**2)
    loss.backward(retain_graph=True)
    return draw.graph(loss, names=names | {"loss": loss})


def branches() -> Graph:
    """Draw what is no chain, one line a card."""
    x, w = (Tensor(np.arange(1.0, 4.0) / i, requires_grad=True) for i in (2, 5))
    h = np.tanh(x * w)
    k = h * h + np.sin(h) * w
    loss = np.sum(np.exp(k) / np.sum(np.exp(k)) * h)
    loss.backward(retain_graph=True)
    graph = draw.graph(loss, names={"x": x, "w": w, "h": h, "k": k, "loss": loss})
    graph.picture.is_full = False
    return graph


def crossings() -> Graph:
    """Draw operations that use others at random: rows, columns, crossings, long edges."""
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=3), requires_grad=True)
    made: list[Any] = [np.sin(x)]
    for _ in range(80):
        first, second = (made[-1 - int(i)] for i in rng.integers(0, min(len(made), 9), 2))
        made.append(np.tanh(first) if first is second else first * second)
    loss = np.sum(sum(made[-6:]))
    loss.backward(retain_graph=True)
    names = {f"n{i}": y for i, y in enumerate(made)} | {"x": x, "loss": loss}
    return draw.graph(loss, names=names, fold=None)


PICTURES: dict[str, Callable[[], Graph]] = {
    "training-step": training_step,
    "unrolled": unrolled,
    "branches": branches,
    "crossings": crossings,
}

if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, make in PICTURES.items():
        (GOLDEN / f"{name}.svg").write_text(make().svg(), encoding="utf-8")
