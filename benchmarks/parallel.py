"""From which size on two ranks pay: ``python -m benchmarks.parallel --write``.

Steps of training are timed in one MPI job of two ranks, in interleaved rounds: without
`autograd_nn.parallel`; by rank 0 alone, two shards; by both ranks, a shard each.  What more ranks
would take is computed by a model of the cost, whose constants are measured too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from math import inf
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np

from autograd_nn import nn, optim, plotting
from autograd_nn.draw import files
from autograd_nn.parallel import DataParallel, Group
from benchmarks import plot, table
from benchmarks.processes import ROOT, environment

NETWORKS = ((64, 32, 10), (784, 128, 10), (784, 512, 10), (1024, 1024, 1024))
BATCHES = (64, 256, 1024, 4096)
MOST = 7e9  # multiplications a step that are still measured
CHUNK = 0.03  # seconds that are timed in a round, at least one step
SIZES = (100, 1_000_000)  # entries of the vectors by which latency and bandwidth are measured
ETHERNET = 30e-6, 1.25e9  # assumed: seconds a message, bytes a second (10 Gbit/s)
DOCUMENT, PICTURE = ROOT / "docs" / "parallel.md", ROOT / "docs" / "pictures" / "parallel.svg"
BEGIN, END = "<!-- measured by python -m benchmarks.parallel -->", "<!-- end -->"
Figures = dict[str, Any]


# ---- what is timed, on two ranks ---------------------------------------------------------------


def measure(rounds: int, networks: tuple[tuple[int, ...], ...], batches: tuple[int, ...]) -> None:
    """Time everything on the ranks of this job; rank 0 prints it as JSON."""
    from mpi4py import MPI

    world, alone = Group(shards=2), Group(shards=2, comm=MPI.COMM_SELF)
    found: Figures = {"steps": [], "sums": [], "serial": []}
    for sizes in networks:
        for batch in batches:
            if 3 * batch * sum(n * m for n, m in pairwise(sizes)) <= MOST:
                steps = {name: step(sizes, batch, group) for name, group in
                         (("plain", None), ("one", alone), ("two", world))}  # fmt: skip
                found["steps"].append(
                    {"sizes": sizes, "batch": batch, **timed(steps, rounds, world, MPI)}
                )
        found["serial"].append(
            {"sizes": sizes, **timed({"serial": serial(sizes, alone)}, rounds, world, MPI)}
        )
    for n in SIZES:
        rows = world.rows(n, float)
        rows[:] = 1
        sums = {"two": partial(world.total, rows)}
        found["sums"].append({"entries": n, **timed(sums, rounds, world, MPI)})
    if world.rank == 0:
        sys.stdout.write(json.dumps(found) + "\n")


def step(sizes: tuple[int, ...], batch: int, group: Group | None) -> Callable[[], Any]:
    """Make a step of training."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(batch, sizes[0])), rng.integers(0, sizes[-1], batch)
    model = nn.MLP(sizes, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    if group is not None:
        replica = DataParallel(model, nn.cross_entropy, group)

        def shared() -> None:
            replica.backward(X, y)
            optimizer.step()

        return shared

    def plain() -> None:
        optimizer.zero_grad()
        nn.cross_entropy(model(X), y).backward()
        optimizer.step()

    return plain


def serial(sizes: tuple[int, ...], alone: Group) -> Callable[[], Any]:
    """Make what every rank does whatever their number: pack the gradients, and step."""
    model = nn.MLP(sizes, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=1e-9)
    for parameter in model.parameters():
        parameter.grad = parameter.numpy()

    def run() -> None:
        terms = [(parameter.numpy(), 0.5) for parameter in model.parameters()]
        alone.sum([terms, terms])
        optimizer.step()

    return run


def timed(steps: Mapping[str, Callable[[], Any]], rounds: int, world: Group, MPI: Any) -> Figures:
    """Time steps in turn, round after round; only those named "two" are of both ranks.

    Of each, the mean of every round's steps, and the shortest step of all.
    """
    calls = dict.fromkeys(steps, 1)
    means: dict[str, list[float]] = {name: [] for name in steps}
    best = dict.fromkeys(steps, inf)
    for number in range(-2, rounds):
        for name, run in steps.items():
            meet(MPI)
            if name == "two" or world.rank == 0:
                times = [perf_counter()]
                for _ in range(calls[name]):
                    run()
                    times.append(perf_counter())
                mean = (times[-1] - times[0]) / calls[name]
                if number >= 0:
                    means[name].append(mean)
                    best[name] = min(best[name], *(b - a for a, b in pairwise(times)))
            if number == -1:  # the first was a warm-up, the second says how many are a chunk
                fitting = max(1, int(CHUNK / mean)) if world.rank == 0 else 1
                calls[name] = MPI.COMM_WORLD.bcast(fitting)
    return {"means": means, "best": best}


def meet(MPI: Any) -> None:
    """Wait for the other rank, asleep: what is timed has the cores for itself."""
    request = MPI.COMM_WORLD.Ibarrier()
    while not request.Test():
        sleep(0.001)


# ---- what it means -----------------------------------------------------------------------------


def exchange(ranks: int, size: float, latency: float, bandwidth: float) -> float:
    """Model the seconds that a sum of vectors of `size` bytes takes: two rounds of messages.

    >>> exchange(1, 1e6, 1e-5, 1e9), round(exchange(2, 1e6, 1e-5, 1e9), 5)
    (0.0, 0.00102)
    """
    return 2 * (ranks - 1) * (latency + size / ranks / bandwidth)


def constants(found: Figures) -> tuple[float, float]:
    """Solve for latency and bandwidth: two sums, two unknowns; of the times the shortest."""
    (small, fast), (large, slow) = (
        (8 * each["entries"], each["best"]["two"]) for each in found["sums"]
    )
    bandwidth = (large - small) / (slow - fast)
    return fast / 2 - small / 2 / bandwidth, bandwidth


def report(found: Figures, rounds: int) -> str:
    """Lay out the measured times, and what the model is made of."""
    rows = []
    for each in found["steps"]:
        plain, one, two = (
            f"{1000 * median(each['means'][name]):.3g} ({1000 * each['best'][name]:.3g})"
            for name in ("plain", "one", "two")
        )
        speed = [f"{median(ratios(each)):.2f}", f"{at_best(each):.2f}"]
        rows.append([named(each["sizes"]), f"{each['batch']}", plain, one, two, *speed])
    head = ["network", "batch", "without, ms", "1 rank, ms", "2 ranks, ms", "speed-up", "at best"]
    latency, bandwidth = constants(found)
    notes = (
        f"Medians of {rounds} interleaved rounds and, in brackets, the shortest step; float64, "
        "eager, SGD, two shards. The speed-up is the median of the rounds' own; at best, that of "
        "the shortest steps. Between the ranks, for the model, at best too: latency "
        f"{1e6 * latency:.1f} µs, bandwidth {bandwidth / 1e9:.2f} GB/s. {table.machine(1)}."
    )
    return table.markdown(head, rows) + "\n\n" + notes


def ratios(each: Figures) -> list[float]:
    """Divide the time without by that of two ranks, round by round."""
    means = each["means"]
    return [a / b for a, b in zip(means["plain"], means["two"], strict=True)]


def at_best(each: Figures) -> float:
    """Divide the shortest times, which other work on the machine has lengthened least."""
    found: float = each["best"]["plain"] / each["best"]["two"]
    return found


def named(sizes: tuple[int, ...]) -> str:
    """Name a network."""
    return "-".join(map(str, sizes))


def predicted(
    found: Figures, of: Sequence[Figures], ranks: int, link: tuple[float, float]
) -> float:
    """Model how many times as fast as without so many ranks are, at the largest batch.

    `of` are the steps of one network: forward and backward take a time, and more for each sample.
    """
    few, many = of[0], of[-1]
    sizes, batch, plain = many["sizes"], many["batch"], many["best"]["plain"]
    slope = (plain - few["best"]["plain"]) / max(batch - few["batch"], 1)
    compute = max(plain - slope * batch, 0) + slope * batch / ranks
    (serial_part,) = (x["best"]["serial"] for x in found["serial"] if x["sizes"] == sizes)
    size = 8 * sum((n + 1) * m for n, m in pairwise(sizes))
    speed_up: float = plain / (compute + serial_part + exchange(ranks, size, *link))
    return speed_up


@plotting.style()
def draw(found: Figures) -> bytes:
    """Draw measured speed-ups beside simulated ones, as SVG."""
    figure, (left, right) = plotting.subplots(1, 2, size=(10, 4.4))
    ranks = [1, 2, 4, 8, 16, 32, 64]
    measured, simulated = [], []  # the ends of curves
    for colour, sizes in zip(("blue", "orange", "green", "pink"), NETWORKS, strict=True):
        of = [each for each in found["steps"] if tuple(each["sizes"]) == sizes]
        if not of:
            continue
        name, color = named(sizes), plotting.COLOURS[colour]
        batches = [each["batch"] for each in of]
        low, mid, high = np.transpose([np.quantile(ratios(each), (0.25, 0.5, 0.75)) for each in of])
        left.plot(batches, mid, marker="o", markersize=4, color=color)
        left.fill_between(batches, low, high, color=color, alpha=0.15, linewidth=0)
        left.plot(batches, [at_best(each) for each in of], ":", color=color)
        if batches[-1] == BATCHES[-1]:
            measured.append((batches[-1], mid[-1], name, colour))
        else:  # others go on there
            plotting.label(left, batches[-1], mid[-1], name, colour, xytext=(-20, 24))
        for link, line in ((ETHERNET, "--"), (constants(found), "-")):
            curve = [predicted(found, of, n, link) for n in ranks]
            right.plot(ranks, curve, line, color=color)
        simulated.append((ranks[-1], curve[-1], name, colour))
    plot.name_ends(left, measured, 1.05)
    plot.name_ends(right, simulated, 1.25)
    left.set(xlabel="batch", xscale="log", title="Measured: two ranks on two cores")
    left.set_ylim(0, max(2, left.get_ylim()[1]))
    left.set_xticks(BATCHES, [f"{batch:,}" for batch in BATCHES])
    right.set(xlabel="ranks, a core each", xscale="log", yscale="log",
              title="Simulated, at the largest batch")  # fmt: skip
    right.set_xticks(ranks, list(map(str, ranks)))
    right.set_yticks([0.5, 1, 2, 4, 8, 16, 32], ["0.5", "1", "2", "4", "8", "16", "32"])
    keys: Any = (
        (
            left,
            (0.97, 0.04),
            "right",
            "solid: median and middle half of the rounds\ndotted: at best",
        ),
        (
            right,
            (0.03, 0.9),
            "left",
            "solid: latency, bandwidth as measured\ndashed: assumed, 30 µs, 10 Gbit/s",
        ),
    )
    for axes, place, side, key in keys:
        axes.minorticks_off()
        axes.axhline(1, color=plotting.LINE, linewidth=0.8, zorder=0)
        axes.set_ylabel("times as fast as without")
        axes.text(*place, key, transform=axes.transAxes, ha=side, color=plotting.SOFT)
    return plotting.render(figure, "svg")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the document's table and picture if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parallel", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--small", action="store_true", help="only the smallest case")
    parser.add_argument(
        "--write", action="store_true", help=f"write {DOCUMENT.name}, {PICTURE.name}"
    )
    parser.add_argument("--rank", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.rank:
        measure(given.rounds, NETWORKS[: 1 if given.small else None],
                BATCHES[: 1 if given.small else None])  # fmt: skip
        return 0
    mpiexec = str(Path(sys.executable).with_name("mpiexec"))
    command = [mpiexec, "-n", "2", sys.executable, "-m", "benchmarks.parallel", "--rank",
               "--rounds", str(given.rounds), *["--small"] * given.small]  # fmt: skip
    done = subprocess.run(  # noqa: S603 (our own code)
        command, cwd=ROOT, env=environment(1), stdout=subprocess.PIPE, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    printed = report(found, given.rounds)
    sys.stdout.write(printed + "\n")
    if given.write:
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        text = f"{before}{BEGIN}\n\n{printed}\n\n{END}{after}"
        files.write(DOCUMENT, text.encode())
        files.write(PICTURE, draw(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
