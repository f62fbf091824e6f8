"""Programs as readable NumPy: they run with NumPy alone, and read as derived by hand."""

import ast
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import nn, optim, sigmoid, tutorial
from autograd_nn.errors import TraceError
from autograd_nn.program.ir import Constant
from autograd_nn.program.readable import readable
from autograd_nn.program.replay import evaluated
from autograd_nn.program.source import Writer
from samples import Sample, direction
from table import SAMPLES

RNG = np.random.default_rng(0)
X, T = RNG.normal(size=(5, 3)), RNG.uniform(size=(5, 2))
LAYERS = [
    (RNG.normal(size=(3, 4)), RNG.normal(size=4)),
    (RNG.normal(size=(4, 2)), RNG.normal(size=2)),
]


def half_sse_of_network(layers: Any, X: Any, t: Any) -> Any:
    (W1, b1), (W2, b2) = layers
    h = sigmoid(X @ W1 + b1)
    y = sigmoid(h @ W2 + b2)
    e = y - t
    return np.sum(e**2) / 2


def printed_function(text: str, name: str) -> Any:
    scope: dict[str, Any] = {}
    exec(compile(text, name, "exec"), scope)  # noqa: S102 (what we print must run)
    return scope[name]


def test_a_printed_gradient_reads_as_derived_by_hand() -> None:
    fast = ag.compile(ag.value_and_grad(half_sse_of_network), LAYERS, X, T)
    assert fast.program.source("gradients") == textwrap.dedent("""\
        import numpy as np


        def sigmoid(x):
            return 1 / (1 + np.exp(-x))


        def gradients(W1, b1, W2, b2, X, t):
            h = sigmoid(X @ W1 + b1)
            y = sigmoid(h @ W2 + b2)
            e = y - t                                 # also d loss / d e
            loss = np.sum(e ** 2) / 2
            delta2 = e * (y * (1 - y))                # d loss / d (h @ W2 + b2)
            db2 = np.sum(delta2, axis=0)              # d loss / d b2
            dh = delta2 @ W2.T                        # d loss / d h
            dW2 = h.T @ delta2                        # d loss / d W2
            delta1 = dh * (h * (1 - h))               # d loss / d (X @ W1 + b1)
            db1 = np.sum(delta1, axis=0)              # d loss / d b1
            dW1 = X.T @ delta1                        # d loss / d W1
            return loss, dW1, db1, dW2, db2
        """)


def test_gradients_of_a_layers_biases_are_printed_as_sums() -> None:
    model = nn.SigmoidNetwork((3, 4, 2), rng=0)

    def step(x: Any, t: Any) -> Any:
        nn.half_sse_loss(model(x), t).backward()

    assert assignments(ag.compile(step, X, T).program.source())["db2"] == "np.sum(delta2, axis=0)"


class InTheTutorialsWords(ast.NodeTransformer):
    """Rewrite lines of the tutorial with our names and spelling."""

    names: ClassVar = {
        "output_error": "e", "output_delta": "delta2", "hidden_error": "dh",
        "hidden_delta": "delta1", "output_layer_output": "y", "hidden_layer_output": "h",
    }  # fmt: skip

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.names.get(node.id, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        assert ast.unparse(node) == "output_layer['weights']"
        return ast.Name("W2")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = ast.unparse(node.func)
        if called == "np.dot":
            return ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
        if called == "slope":  # activation_derivative: its one line, of this argument
            (line,) = ast.parse(inspect.getsource(tutorial.activation_derivative)).body
            assert isinstance(line, ast.FunctionDef)
            returned = line.body[-1]
            assert isinstance(returned, ast.Return)
            text = ast.unparse(returned.value or node)
            return ast.parse(text.replace("a", ast.unparse(node.args[0])), mode="eval").body
        return node


def assignments(text: str, translate: Any = lambda node: node) -> dict[str, str]:
    lines = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assign)]
    lines = [translate(line) for line in lines]
    return {ast.unparse(line.targets[0]): ast.unparse(line.value) for line in lines}


def test_the_printed_backward_pass_is_line_for_line_the_mended_tutorials() -> None:
    fast = ag.compile(ag.value_and_grad(half_sse_of_network), LAYERS, X, T)
    ours = assignments(fast.program.source("gradients"))
    by_hand = inspect.getsource(tutorial._descent)  # noqa: SLF001 (its text is what is compared)
    theirs = assignments(by_hand, InTheTutorialsWords().visit)
    assert theirs.pop("e") == "actual_output - y"  # downhill, where ours is the gradient
    assert ours.pop("e") == "y - t"
    step = ast.parse(inspect.getsource(tutorial._layer_step))  # noqa: SLF001
    (returned,) = [node.value for node in ast.walk(step) if isinstance(node, ast.Return)]
    assert isinstance(returned, ast.Dict)
    weights, bias = (ast.unparse(InTheTutorialsWords().visit(v)) for v in returned.values)
    for k, layer_input in ((1, "X"), (2, "h")):
        theirs[f"dW{k}"] = weights.replace("layer_input", layer_input).replace("delta", f"delta{k}")
        theirs[f"db{k}"] = bias.replace("delta", f"delta{k}")
    forward = {"h", "y", "loss"}
    assert {name: line for name, line in ours.items() if name not in forward} == theirs


def test_a_printed_training_step_runs_with_numpy_alone(tmp_path: Path) -> None:
    model = nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.Sigmoid(), nn.Linear(4, 2, rng=1), nn.Sigmoid()
    )
    optimizer = optim.SGD(model.parameters(), lr=0.3)

    def step(X: Any, Y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.half_sse_loss(model(X), Y)
        loss.backward()
        optimizer.step()
        return loss

    fast = ag.compile(step, X, T)
    (tmp_path / "printed.py").write_text(fast.program.source())
    arrays = {"X": X, "Y": T}
    arrays |= {
        k: p.numpy().copy()
        for k, p in zip(("W1", "b1", "W2", "b2"), model.parameters(), strict=True)
    }
    np.savez(tmp_path / "given.npz", **arrays)  # type: ignore[arg-type]
    (tmp_path / "run.py").write_text(
        "import sys\n"
        "sys.modules['autograd_nn'] = None\n"
        "import numpy as np\n"
        "from printed import step\n"
        "given = dict(np.load('given.npz'))\n"
        "loss = step(**given)\n"
        "np.savez('found.npz', loss=loss, **given)\n"
    )
    subprocess.run([sys.executable, "run.py"], cwd=tmp_path, check=True)
    found = np.load(tmp_path / "found.npz")
    loss = step(X, T)
    np.testing.assert_allclose(found["loss"], loss.item(), rtol=1e-14)
    for name, parameter in zip(("W1", "b1", "W2", "b2"), model.parameters(), strict=True):
        np.testing.assert_allclose(found[name], parameter.numpy(), rtol=1e-12)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_what_is_printed_computes_what_was_recorded(sample: Sample) -> None:
    function, _, xs = sample.pose()
    (u,) = direction(np.asarray(function(*xs)), seed=2)

    def value_and_gradient(*xs: Any) -> Any:
        out, pull = ag.vjp(function, *xs)
        return out, *pull(u)

    try:
        fast = ag.compile(value_and_gradient, *xs)
        text = fast.program.source()
    except TraceError as refusal:
        assert str(refusal).startswith(("compile: ", "source: "))  # noqa: PT017
        return
    constants = Writer(readable(fast.program), "step").constants()
    large = [v.source.content for v in constants if isinstance(v.source, Constant)]
    others = [np.asarray(x * 1.01) for x in xs]
    found = printed_function(text, "step")(*others, *large)
    held = evaluated(fast.program, others, [])
    results = [held[v] for v in fast.program.results]
    for one, other in zip(found if len(results) > 1 else [found], results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


def test_names_are_the_users_and_each_is_used_once() -> None:
    def f(x: Any) -> Any:
        np_ = np.tanh(x)
        sigmoid = np_ * x  # the name of a function that is printed too
        return ag.sigmoid(sigmoid) * sigmoid

    text = ag.compile(ag.grad(lambda x: np.sum(f(x))), np.ones(3)).program.source()
    found = printed_function(text, "step")(np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(found, ag.grad(lambda x: np.sum(f(x)))(np.array([0.1, 0.2, 0.3])))


def test_latex_of_the_network() -> None:
    fast = ag.compile(ag.value_and_grad(half_sse_of_network), LAYERS, X, T)
    lines = fast.program.latex().splitlines()
    assert (lines[0], lines[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    assert lines[1:6] == [
        r"h &= \sigma\left(X W_{1} + b_{1}\right) \\",
        r"y &= \sigma\left(h W_{2} + b_{2}\right) \\",
        r"e &= y - t \\",
        r"\mathit{loss} &= \frac{\sum e^{2}}{2} \\",
        r"\delta_{2} &= e \odot y \odot (1 - y) \\",
    ]
    assert lines[-2] == r"\frac{\partial \mathit{loss}}{\partial W_{1}} &= X^\top \delta_{1}"


def test_latex_of_the_losses_own_function() -> None:
    fast = ag.compile(lambda y, t: nn.half_sse_loss(y - 1, t), X, X)
    assert r"&= \tfrac{1}{2} \sum (y - 1 - t)^{2}" in fast.program.latex()
