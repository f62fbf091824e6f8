"""JAX: a jitted step, and a whole training in one jitted loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.cases import Case
from benchmarks.competitors import Step

STEPS = 100
jax.config.update("jax_enable_x64", True)  # noqa: FBT003 (JAX's signature)


def update(case: Case) -> tuple[Callable[[Any], Any], list[Any]]:
    """Write one step from parameters to parameters."""
    x, t = map(jnp.asarray, case.data())

    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2 = parameters
        y = jax.nn.sigmoid(jax.nn.sigmoid(x @ w1 + b1) @ w2 + b2)
        return 0.5 * jnp.sum((y - t) ** 2)

    gradient = jax.grad(loss)

    def step(parameters: Any) -> Any:
        return [p - case.lr * g for p, g in zip(parameters, gradient(parameters), strict=True)]

    return step, [jnp.asarray(p) for p in case.parameters()]


def jit(case: Case) -> Step:
    """Call one jitted step at a time."""
    step, parameters = update(case)
    return called(jax.jit(step), parameters, 1)


def fori_loop(case: Case) -> Step:
    """Call many steps in one jitted loop."""
    step, parameters = update(case)

    def train(parameters: Any) -> Any:
        return jax.lax.fori_loop(0, STEPS, lambda _, p: step(p), parameters)

    return called(jax.jit(train), parameters, STEPS)


def called(function: Callable[[Any], Any], parameters: list[Any], steps: int) -> Step:
    """Keep the parameters from call to call, and wait for them."""
    state = {"parameters": parameters}

    def run() -> None:
        state["parameters"] = function(state["parameters"])
        jax.block_until_ready(state["parameters"])

    return Step(run, lambda: [np.asarray(p) for p in state["parameters"]], steps)
