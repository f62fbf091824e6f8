"""Cut a sweep into pieces of work that are worth sending to another process."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from autograd_nn.compare.experiments.cases import Case, shape_of
from autograd_nn.compare.experiments.outcome import Outcome
from autograd_nn.compare.experiments.trial import SAMPLES, run_stack, stack_key

Chunk = list[Case]
WORTH = 0.15  # estimated seconds to a chunk, at least: sending one costs up to 8 ms under Dask
RUNS = 128  # to a stack, at most: more are hardly faster, and a chunk is what a kill costs
HISTORY = 2**24  # losses that a stack remembers, at most: 128 MB


def chunks(cases: Iterable[Case]) -> list[Chunk]:
    """Group cases that can be trained in one stack, cut large groups, pack small ones.

    >>> from autograd_nn.compare.experiments.cases import cases
    >>> [len(chunk) for chunk in chunks(cases(seed=range(300), rule="mended"))]
    [100, 100, 100]
    """
    packed: list[Chunk] = []
    pending: Chunk = []
    for stack in stacks(cases):
        pending = pending + stack
        if seconds(pending) >= WORTH:
            packed.append(pending)
            pending = []
    if pending and packed:
        packed[-1] = packed[-1] + pending
    elif pending:
        packed.append(pending)
    return packed


def run_chunk(chunk: Chunk) -> list[Outcome]:
    """Do the work of a chunk, in this process."""
    return [outcome for stack in stacks(chunk) for outcome in run_stack(stack)]


def stacks(cases: Iterable[Case]) -> list[Chunk]:
    """Group cases that can be trained side by side, and cut the groups evenly."""
    groups: dict[object, Chunk] = {}
    for case in cases:
        groups.setdefault(stack_key(case), []).append(case)
    found = []
    for group in groups.values():
        most = max(1, min(RUNS, HISTORY // (group[0].epochs + 1)))
        size = math.ceil(len(group) / math.ceil(len(group) / most))
        found += [group[start : start + size] for start in range(0, len(group), size)]
    return found


def seconds(cases: Sequence[Case]) -> float:
    """Estimate the work of cases from times measured on one core; it decides nothing but sizes."""
    return sum(map(_stack_seconds, stacks(cases)))


def _stack_seconds(stack: Chunk) -> float:
    case = stack[0]
    n_samples, _, _ = shape_of(case.data)
    n_features, n_hidden, n_outputs = case.sizes
    batch = case.batch_size or n_samples
    n_parameters = (n_features + 1) * n_hidden + (n_hidden + 1) * n_outputs
    updates = case.epochs * math.ceil(n_samples / batch)
    passes = updates + 3 * n_parameters + 2 * SAMPLES  # training, curl, agreement
    units = batch * (n_hidden + n_outputs)
    return passes * (40e-6 + len(stack) * (0.3e-6 + 15e-9 * units)) + len(stack) * 200e-6
