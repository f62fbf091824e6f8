"""JAX: a jitted step, and a whole training in one jitted loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.cases import Case, layers
from benchmarks.competitors import Step

config: Any = jax.config
config.update("jax_enable_x64", True)  # noqa: FBT003 (JAX's signature)


def update(case: Case) -> Callable[[Any], Any]:
    """Write one step from parameters to parameters."""
    x, t = map(jnp.asarray, case.data())

    def loss(parameters: Any) -> Any:
        y = x
        for w, b in layers(parameters):
            y = jax.nn.sigmoid(y @ w + b)
        return 0.5 * jnp.sum((y - t) ** 2)

    def step(parameters: Any) -> Any:
        gradients = jax.grad(loss)(parameters)
        return [p - case.lr * g for p, g in zip(parameters, gradients, strict=True)]

    return step


def jit(case: Case) -> Step:
    """Call one jitted step at a time."""
    return called(update(case), case, 1)


def fori_loop(case: Case) -> Step:
    """Call many steps in one jitted loop."""
    step = update(case)

    def train(parameters: Any) -> Any:
        return jax.lax.fori_loop(0, case.repeats, lambda _, p: step(p), parameters)

    return called(train, case, case.repeats)


def called(function: Callable[[Any], Any], case: Case, steps: int) -> Step:
    """Keep the parameters from call to call, and wait for them."""
    fast: Callable[[Any], Any] = jax.jit(function)
    state = {"parameters": [jnp.asarray(p) for p in case.parameters()]}
    fast(state["parameters"])[-1].block_until_ready()  # compiled here, not in the first step

    def run() -> None:
        parameters = state["parameters"] = fast(state["parameters"])
        parameters[-1].block_until_ready()  # one program computes them all

    return Step(run, lambda: [np.asarray(p) for p in state["parameters"]], steps)
