"""Ask other gradient checkers about the corpus: ``python tests/compare/checkers.py``.

Writes docs/checkers.md.  Each package is needed for its own row alone, and skipped by name where
it is not installed: ``pip install -e '.[checkers]'`` brings them all.
"""

import importlib
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn.transforms.trees import flatten, tree_map, unflatten
from corpus import CASES, Case

PAGE = Path(__file__).parents[2] / "docs" / "checkers.md"
HEAD = """\
# What gradient checkers say of real mistakes

The cases are those of `tests/compare/corpus/`: {wrong} wrong backward passes, {constant} that are
off by a constant factor, {right} right ones, some of which look odd. Measured by
`tests/compare/checkers.py` with {versions}.

In each cell: the wrong ones that are caught, the constants that are caught, and the **right ones
that are falsely flagged**. The loss and its gradient are multiplied by the scale above; in the
last column the code runs in float32. Every checker gets the loss and the hand-written gradient as
functions of one vector, has its own default tolerances, and says yes or no at one point:

* PyTorch: `torch.autograd.gradcheck` (eps 1e-6, atol 1e-5, rtol 1e-3; its manual asks for float64);
* JAX: `jax.test_util.check_grads`, first order, reverse mode, with x64 enabled;
* HIPS autograd: `autograd.test_util.check_grads`, first order, reverse mode;
* SciPy: `scipy.optimize.check_grad`, which returns a distance: flagged above 1e-6, as users do;
* here: `autograd_nn.compare.diagnose`, flagged unless the verdict is "exact".

"""
NAMES = {
    "PyTorch": "torch",
    "JAX": "jax",
    "HIPS autograd": "autograd",
    "SciPy": "scipy",
    "here": "autograd_nn",
}
SCIPY_THRESHOLD = 1e-6
Array = NDArray[Any]


@dataclass(frozen=True)
class Setting:
    title: str
    scale: float = 1.0
    dtype: type[np.floating[Any]] = np.float64


SETTINGS = (
    Setting("loss x 1"),
    Setting("loss x 1e-4", scale=1e-4),
    Setting("loss x 1e4", scale=1e4),
    Setting("float32", dtype=np.float32),
)


@dataclass(frozen=True)
class Problem:
    """A case at a point, as a function of one vector and the gradient that was written for it."""

    case: Case
    setting: Setting

    def cast(self, tree: Any) -> Any:
        """Bring what holds real numbers to the dtype of the setting."""

        def leaf(x: Any) -> Array:
            array = np.asarray(x)
            return array.astype(self.setting.dtype) if array.dtype.kind == "f" else array

        return tree_map(leaf, tree)

    @cached_property
    def point(self) -> tuple[Any, Any, Any]:
        params, inputs, targets = map(self.cast, self.case.make(np.random.default_rng(0)))
        return params, inputs, targets

    @cached_property
    def x(self) -> Array:
        return self._vector(self.point[0])

    def value(self, x: Any) -> Any:
        _, inputs, targets = self.point
        total = self.case.total(inputs, targets)
        return self.setting.dtype(self.setting.scale * total(self._params(x)))

    def gradient(self, x: Any) -> Array:
        _, inputs, targets = self.point
        hand = self.case.gradient(self._params(x), inputs, targets)
        if self.case.returns == "grads":  # their order may be another
            hand = {key: hand[key] for key in self.point[0]}
        return (self.setting.scale * self._vector(hand)).astype(self.setting.dtype)

    def _params(self, x: Any) -> Any:
        leaves, stripped = flatten(self.point[0])
        ends = np.cumsum([leaf.size for leaf in leaves])[:-1]
        parts = np.split(np.asarray(x), ends)
        shaped = [part.reshape(leaf.shape) for part, leaf in zip(parts, leaves, strict=True)]
        return unflatten(stripped, shaped)

    @staticmethod
    def _vector(tree: Any) -> Array:
        return np.concatenate([np.ravel(leaf) for leaf in flatten(tree)[0]])


Checker = Callable[[Problem], bool]


def torch(problem: Problem) -> bool:
    """Whether PyTorch passes it."""
    package = importlib.import_module("torch")

    class Loss(package.autograd.Function):  # type: ignore[misc, name-defined]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return package.from_numpy(np.array(problem.value(x.detach().numpy())))

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * package.from_numpy(problem.gradient(x.detach().numpy()))

    x = package.tensor(problem.x, requires_grad=True)
    return bool(package.autograd.gradcheck(Loss.apply, (x,), raise_exception=False))


def jax(problem: Problem) -> bool:
    """Whether JAX passes it."""
    package = importlib.import_module("jax")
    package.config.update("jax_enable_x64", True)  # noqa: FBT003 (JAX's signature)
    check_grads = importlib.import_module("jax.test_util").check_grads
    dtype = problem.setting.dtype

    def value(x: Any) -> Any:
        shape = package.ShapeDtypeStruct((), dtype)
        return package.pure_callback(problem.value, shape, x)

    def backward(x: Any, grad: Any) -> tuple[Any]:
        shape = package.ShapeDtypeStruct(problem.x.shape, dtype)
        return (grad * package.pure_callback(problem.gradient, shape, x),)

    loss = package.custom_vjp(value)
    loss.defvjp(lambda x: (value(x), x), backward)
    return passes(lambda: check_grads(loss, (problem.x,), order=1, modes=["rev"]))


def hips(problem: Problem) -> bool:
    """Whether HIPS autograd passes it."""
    extend = importlib.import_module("autograd.extend")
    check_grads = importlib.import_module("autograd.test_util").check_grads
    loss = extend.primitive(problem.value)
    extend.defvjp(loss, lambda _value, x: lambda grad: grad * problem.gradient(x))
    np.random.seed(0)  # noqa: NPY002 (its directions are drawn from the global generator)
    return passes(lambda: check_grads(loss, modes=["rev"], order=1)(problem.x))


def scipy(problem: Problem) -> bool:
    """Whether SciPy's distance is below what users allow."""
    check_grad = importlib.import_module("scipy.optimize").check_grad
    return bool(check_grad(problem.value, problem.gradient, problem.x) < SCIPY_THRESHOLD)


def ours(problem: Problem) -> bool:
    """Whether the diagnosis is that the gradient is exact."""
    compare = importlib.import_module("autograd_nn.compare")
    case, scale = problem.case, problem.setting.scale
    params, inputs, targets = problem.point

    def backward(*args: Any) -> Any:
        if case.returns == "update":  # the step is proportional to the gradient of the loss
            return case.backward(*args[:-1], scale * args[-1])
        return tree_map(lambda g: scale * g, case.backward(*args))

    found = compare.diagnose(
        case.forward,
        case.backward if scale == 1 else backward,
        scaled_loss(case, scale),
        params,
        inputs,
        targets,
        returns=case.returns,
        lr=case.lr if case.returns == "update" else None,
        rng=np.random.default_rng(0),
    )
    return bool(found.verdict.name == "EXACT")


def scaled_loss(case: Case, scale: float) -> Callable[..., Any]:
    """Multiply a loss, which takes the parameters or does not."""
    if scale == 1:
        return case.loss
    if case.loss.__code__.co_argcount == 3:
        return lambda output, targets, params: scale * case.loss(output, targets, params)
    return lambda output, targets: scale * case.loss(output, targets)


def passes(check: Callable[[], None]) -> bool:
    """Whether a check raises no AssertionError."""
    try:
        check()
    except AssertionError:
        return False
    return True


CHECKERS: dict[str, Checker] = {
    "PyTorch": torch,
    "JAX": jax,
    "HIPS autograd": hips,
    "SciPy": scipy,
    "here": ours,
}


def groups() -> dict[str, list[Case]]:
    return {g: [c for c in CASES if c.group == g] for g in ("wrong", "constant", "right")}


def cell(checker: Checker, setting: Setting) -> str:
    """Count what a checker flags in each group."""
    counts = []
    for cases in groups().values():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # PyTorch's of float32
            flagged = sum(not checker(Problem(case, setting)) for case in cases)
        counts.append(f"{flagged}/{len(cases)}")
    return f"{counts[0]}, {counts[1]}, **{counts[2]}**"


def versions() -> dict[str, str]:
    """Find the packages that are installed."""
    found = {}
    for name, package in NAMES.items():
        try:
            found[name] = version(package)
        except PackageNotFoundError:
            sys.stderr.write(f"{name} is not installed: its row says so.\n")
    if not hasattr(importlib.import_module("autograd_nn.compare"), "diagnose"):
        del found["here"]
    return found


def page(installed: dict[str, str]) -> str:
    """Measure everything and write it down."""
    sizes = {group: len(cases) for group, cases in groups().items()}
    peers = ", ".join(f"{name} {v}" for name, v in installed.items() if name != "here")
    lines = [HEAD.format(versions=f"NumPy {np.__version__}, {peers}", **sizes) + "| checker | "]
    lines[0] += " | ".join(setting.title for setting in SETTINGS) + " |"
    lines.append("|" + " --- |" * (len(SETTINGS) + 1))
    for name, checker in CHECKERS.items():
        if name in installed:
            cells = [cell(checker, setting) for setting in SETTINGS]
        else:
            cells = ["not measured"] * len(SETTINGS)
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(versions()), encoding="utf-8")
