"""Measure derivatives at the edges, here and in other packages: ``python tests/edges.py``.

Writes docs/edges.md.  The peers are needed for that alone; tests look at our column only.
"""

import importlib
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd_nn as ag
from edge_cases import SECTIONS, Edge

PAGE = Path(__file__).parents[1] / "docs" / "edges.md"
PEERS = {"PyTorch": "torch", "JAX": "jax", "HIPS autograd": "autograd", "MyGrad": "mygrad"}
HEAD = """\
# Values at the edges

Where a function has no derivative, or a formula for it divides by zero, a value has to be chosen.
This page lists what is chosen here, beside what other packages return: the gradient of the
function (of its sum, if it has several entries), measured by `tests/edges.py` with
{versions}.
Our column is checked by a test. *none*: the package has no such function, or no derivative of it.
"""
Gradients = list[NDArray[Any]]
Peer = Callable[[Edge], Gradients]


def ours(edge: Edge) -> Gradients:
    """Differentiate plain NumPy."""
    namespace = Namespace()
    xs = edge.arguments
    argnums = tuple(range(len(xs)))

    def total(*xs: Any) -> Any:
        return np.sum(edge.of(namespace, *xs))

    def first(*xs: Any) -> Any:
        return sum(np.sum(g) for g in ag.grad(total, argnums)(*xs))

    return list(ag.grad(total if edge.order == 1 else first, argnums)(*xs))


class Namespace:
    """NumPy, and relu beside it."""

    relu = staticmethod(ag.relu)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def hips(edge: Edge) -> Gradients:
    """Differentiate by HIPS autograd, through its own NumPy."""
    autograd = importlib.import_module("autograd")
    namespace = importlib.import_module("autograd.numpy")
    xs = edge.arguments
    argnums = tuple(range(len(xs)))

    def total(*xs: Any) -> Any:
        return namespace.sum(edge.of(namespace, *xs))

    def first(*xs: Any) -> Any:
        return sum(namespace.sum(g) for g in autograd.grad(total, argnums)(*xs))

    return list(autograd.grad(total if edge.order == 1 else first, argnums)(*xs))


def jax(edge: Edge) -> Gradients:
    """Differentiate by JAX, in double precision."""
    package = importlib.import_module("jax")
    package.config.update("jax_enable_x64", True)  # noqa: FBT003 (JAX's signature)
    namespace = importlib.import_module("jax.numpy")
    xs = [namespace.asarray(x) for x in edge.arguments]
    argnums = tuple(range(len(xs)))

    def total(*xs: Any) -> Any:
        if edge.label.startswith("`relu"):
            return package.nn.relu(*xs)
        return namespace.sum(edge.of(namespace, *xs))

    def first(*xs: Any) -> Any:
        return sum(namespace.sum(g) for g in package.grad(total, argnums)(*xs))

    found = package.grad(total if edge.order == 1 else first, argnums)(*xs)
    return [np.asarray(g) for g in found]


def torch(edge: Edge) -> Gradients:
    """Differentiate by PyTorch."""
    package = importlib.import_module("torch")
    xs = [package.tensor(x, requires_grad=True) for x in edge.arguments]
    found = xs
    total = (edge.torch or edge.of)(package, *xs).sum()
    for _ in range(edge.order):
        found = package.autograd.grad(total, xs, create_graph=True, allow_unused=True)
        total = sum(g.sum() for g in found if g is not None)
    pairs = zip(xs, found, strict=True)
    return [np.zeros(x.shape) if g is None else g.detach().numpy() for x, g in pairs]


def mygrad(edge: Edge) -> Gradients:
    """Differentiate by MyGrad, which has no second derivatives."""
    package = importlib.import_module("mygrad")
    if edge.order > 1:
        raise NotImplementedError
    xs = [package.tensor(x) for x in edge.arguments]
    namespace = importlib.import_module("mygrad.nnet") if "relu" in edge.label else package
    package.sum(edge.of(namespace, *xs)).backward()
    return [np.zeros(x.shape) if x.grad is None else x.grad for x in xs]


COLUMNS: dict[str, Peer] = {
    "here": ours,
    "PyTorch": torch,
    "JAX": jax,
    "HIPS autograd": hips,
    "MyGrad": mygrad,
}


def measure(peer: Peer, edge: Edge) -> str:
    """Say what a package returns for an edge."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = peer(edge)
    except (AttributeError, NotImplementedError):
        return "*none*"
    except Exception as error:  # noqa: BLE001 (whatever a package raises is what it does)
        return f"`{type(error).__name__}`"
    shown = ", ".join(show(np.asarray(g)) for g in found)
    kinds = {str(np.asarray(g).dtype) for g in found} - {"float64"}
    return " ".join([shown, *sorted(kinds)])


def show(g: NDArray[Any]) -> str:
    """Write an array with four digits, and one zero alone."""
    text = np.array2string(
        np.asarray(g, float) + 0.0,
        separator=", ",
        formatter={"float_kind": lambda x: "NaN" if np.isnan(x) else f"{x:.4g}"},
    )
    return text.replace("\n", "")


def page(columns: dict[str, Peer], versions: str) -> str:
    """Write the page."""
    lines = [HEAD.format(versions=versions)]
    for section in SECTIONS:
        lines += [f"## {section.title}", "", section.convention, ""]
        lines += ["| function | " + " | ".join(columns) + " |", "|" + " --- |" * (len(columns) + 1)]
        for edge in section.edges:
            cells = [edge.label, *(measure(peer, edge) for peer in columns.values())]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Measure everything and write the page."""
    versions = [f"{name} {version(module)}" for name, module in PEERS.items()]
    text = page(COLUMNS, ", ".join([f"NumPy {np.__version__}", *versions]))
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
