"""A gradient through an ODE integrator swings a pendulum up that the torque alone could not lift.

The integrator is Runge and Kutta's, in plain NumPy.  `grad` goes back through its steps: exactly,
as the complex step shows, while the adjoint equations of the continuous problem come to the same
only as the step shrinks, with its fourth power.  Compiled, it is the same numbers; `checkpoint`
keeps the memory of long runs small.  Give a folder to have the picture there.
"""

import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import autograd_nn as ag
from autograd_nn import plotting
from autograd_nn.compare import complex_step

Array = NDArray[np.float64]
Field = Callable[[Any, Any], Any]
PIECES, SECONDS, DAMPING = 56, 14.0, 0.05
PIECE = SECONDS / PIECES  # of time
UPRIGHT = np.array([np.pi, 0.0])  # angle, speed


def pendulum(state: Any, torque: Any) -> Any:
    """Return how angle and speed change; a torque of 1 holds the pendulum level."""
    angle, speed = state
    return np.stack([speed, torque - np.sin(angle) - DAMPING * speed])


def runge_kutta(field: Field, state: Any, torque: Any, h: float) -> Any:
    """Go a step of length h, by Kutta's classical method of order 4 (1901)."""
    a = field(state, torque)
    b = field(state + h / 2 * a, torque)
    c = field(state + h / 2 * b, torque)
    d = field(state + h * c, torque)
    return state + h / 6 * (a + 2 * b + 2 * c + d)


def advance(state: Any, torque: Any, steps: int) -> Any:
    """Integrate over one piece of the time, in which the torque is constant."""
    for _ in range(steps):
        state = runge_kutta(pendulum, state, torque, PIECE / steps)
    return state


def swing(torques: Any, steps: int = 1, advance: Callable[..., Any] = advance) -> list[Any]:
    """Integrate from rest; return the states between the pieces."""
    states: list[Any] = [np.zeros(2)]
    for torque in torques:
        states.append(advance(states[-1], torque, steps))
    return states


def cost(torques: Any, steps: int = 1, advance: Callable[..., Any] = advance) -> Any:
    """Compute how far from upright and at rest it ends, and what effort that took."""
    miss = swing(torques, steps, advance)[-1] - UPRIGHT
    return 10 * np.sum(miss**2) + PIECE / 2 * np.sum(torques**2)


def adjoint_gradient(torques: Array, steps: int) -> Array:
    """Integrate the adjoint equations back in time, as one derives them by hand (Pontryagin).

    With f the field and miss the final state less the goal, the adjoint ends as 20 miss and goes
    by ``-(df/dstate)^T adjoint``; the gradient of a piece is the integral of its last entry.
    """

    def backward(joint: Array, torque: float) -> Array:
        angle, _, force, push, _ = joint
        dual = [np.cos(angle) * push, DAMPING * push - force]
        return np.array([*pendulum(joint[:2], torque), *dual, -push])

    end = swing(torques, steps)[-1]
    joint = np.array([*end, *(20 * (end - UPRIGHT)), 0.0])
    gradient = PIECE * torques
    for piece in reversed(range(PIECES)):
        joint[4] = 0
        for _ in range(steps):
            joint = runge_kutta(backward, joint, torques[piece], -PIECE / steps)
        gradient[piece] += joint[4]
    return gradient


def with_peak_memory(function: Callable[[], Array]) -> tuple[Array, float]:
    """Return what a function does, and how many megabytes it has in use at most, to 0.1."""
    tracemalloc.start()
    result = function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, round(peak / 1e6, 1)


def apart(one: Array, other: Array) -> float:
    """Measure by how much two gradients differ at most, relatively to the largest entry."""
    return float(np.abs(one - other).max() / np.abs(other).max())


@plotting.style()
def draw(
    torques: Array,
    costs: list[float],
    exact: float,
    errors: dict[int, float],
    peaks: dict[str, float],
) -> Any:
    """Draw the swing, the torque that makes it, and what was measured of the gradient."""
    size = (11, 6.8)
    figure, (path, angles, pushes, descent, orders, memory) = plotting.subplots(2, 3, size=size)
    colours, time = plotting.COLOURS, np.linspace(0, SECONDS, PIECES + 1)
    states = swing(torques)
    between = [
        runge_kutta(pendulum, state, torque, part * PIECE)
        for state, torque in zip(states, torques, strict=False)  # the last state has none
        for part in (0, 0.25, 0.5, 0.75)
    ]
    turned, _ = np.array([*between, states[-1]]).T
    x, y = np.sin(turned), -np.cos(turned)
    for i in range(0, len(x), 4):
        path.plot([0, x[i]], [0, y[i]], color=plotting.LINE, linewidth=0.5)
    path.plot(x, y, color=colours["blue"])
    path.plot([0, x[-1]], [0, y[-1]], "o-", ms=9, color=colours["orange"], markevery=[1])
    path.plot(0, 0, "o", ms=4, color=plotting.INK)
    path.set(
        title="From hanging to upright", aspect="equal", xticks=[], yticks=[], ylim=(-1.15, 1.15)
    )
    path.grid(visible=False)
    path.spines[:].set_visible(False)

    angles.plot(time, np.array(states)[:, 0] / np.pi, color=colours["blue"])
    angles.axhline(1, color=colours["orange"], linewidth=1)
    plotting.label(angles, 0, 1, "upright", "orange", xytext=(5, -8))
    angles.set(title="Angle [half turns]", xlabel="time")

    pushes.stairs(torques, time, baseline=None, color=colours["blue"], linewidth=1.8)
    for sign in (-1, 1):
        pushes.axhline(sign, color=colours["orange"], linewidth=1)
    plotting.label(pushes, 0, 1, "would hold it level", "orange", xytext=(5, -8))
    pushes.set(title="Torque", xlabel="time")

    descent.semilogy(costs, color=colours["blue"])
    descent.set(title="Cost", xlabel="evaluation by L-BFGS")

    steps = list(errors)
    orders.loglog(steps, list(errors.values()), "o-", color=colours["blue"])
    plotting.label(
        orders, steps[1], errors[steps[1]], "adjoint equations:\norder 4", "blue", xytext=(10, 8)
    )
    orders.axhline(exact, color=colours["orange"])
    plotting.label(orders, steps[0], exact, "complex step: exact", "orange", xytext=(0, 8))
    orders.set(title="How far others are from the gradient", xlabel="steps for each piece")
    orders.set_xticks(steps, list(map(str, steps)))

    bars = memory.barh(
        list(peaks), list(peaks.values()), color=[colours["orange"], colours["blue"]]
    )
    memory.bar_label(bars, fmt="%.1f", padding=4)
    memory.set(title="Memory [megabytes]", ylim=(-0.8, 1.8))
    memory.grid(visible=False)
    return figure


def main(folder: Path) -> None:
    """Check the gradient in three ways, swing the pendulum up, and measure memory."""
    start = 0.1 * np.random.default_rng(0).normal(size=PIECES)
    gradient = ag.grad(cost)(start)
    compiled = ag.compile(ag.value_and_grad(cost), start)
    assert np.array_equal(compiled(start)[1], gradient)
    exact = apart(gradient, complex_step(cost, start))
    print(f"gradient by {PIECES} torques: from the complex step's {exact:.0e}, compiled the same")
    assert exact < 1e-13

    errors = {n: apart(adjoint_gradient(start, n), ag.grad(cost)(start, n)) for n in (1, 2, 4)}
    order = -np.polyfit(np.log(list(errors)), np.log(list(errors.values())), 1)[0]
    print("from the adjoint equations':", ", ".join(f"{error:.0e}" for error in errors.values()))
    print(f"  with {', '.join(map(str, errors))} steps for each piece: order {order:.2f}")
    assert 3.8 < order < 4.2

    costs: list[float] = []

    def noted(torques: Array) -> tuple[float, Array]:
        value, gradient = compiled(torques)
        costs.append(float(value))
        return value, gradient

    found = minimize(noted, start, jac=True, method="L-BFGS-B")
    miss = np.abs(swing(found.x, 8)[-1] - UPRIGHT).max()  # by steps much finer than it was found
    most = np.abs(found.x).max()
    print(f"after {found.nfev} evaluations it ends {miss:.3f} from upright and at rest;")
    print(f"  the torque is at most {most:.2f} of what would hold the pendulum level")
    assert miss < 0.03
    assert most < 0.5

    half = start[: PIECES // 2]
    kept, most_kept = with_peak_memory(lambda: ag.grad(cost)(half, 4))
    again, most_again = with_peak_memory(lambda: ag.grad(cost)(half, 4, ag.checkpoint(advance)))
    assert np.array_equal(kept, again)
    peaks = {"checkpointed": most_again, "all kept": most_kept}
    print(f"memory for {4 * len(half)} steps:", end=" ")
    print(", ".join(f"{name} {peak:.1f} MB" for name, peak in peaks.items()))
    assert peaks["checkpointed"] < peaks["all kept"] / 4

    picture = draw(found.x, costs, exact, errors, peaks)
    print("written to", plotting.save(picture, folder / "through-an-ode.svg"))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()))
