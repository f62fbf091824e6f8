"""The tally of a run, and how it is printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .judge import Disagreement, Verdict
from .programs import Program
from .snippet import snippet

FEW = 20
KINDS = ("value", "gradient", "jvp", "second")


@dataclass
class Tally:
    """What many verdicts add up to."""

    programs: int = 0
    compared: Counter[tuple[str, str]] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)  # those that were judged
    profiles: Counter[str] = field(default_factory=Counter)
    not_yet: Counter[str] = field(default_factory=Counter)
    unable: Counter[str] = field(default_factory=Counter)
    failures: list[int] = field(default_factory=list)

    def add(self, number: int, program: Program, verdict: Verdict) -> None:
        """Count one program."""
        self.programs += 1
        self.compared += verdict.compared
        self.profiles[program.profile] += 1
        if verdict.compared:
            self.operations.update(program.operations)
        if verdict.not_yet:
            self.not_yet[verdict.not_yet.split(";")[0][:100]] += 1
        self.unable.update(verdict.unable)
        if verdict.disagreements:
            self.failures.append(number)

    def join(self, other: Tally) -> None:
        """Add another tally."""
        self.programs += other.programs
        for name in ("compared", "operations", "profiles", "not_yet", "unable"):
            getattr(self, name).update(getattr(other, name))
        self.failures += other.failures


def summary(tally: Tally, absent: list[str], *, verbose: bool) -> str:
    """Say what was compared, by whom, and what came of it."""
    judges = sorted({oracle for oracle, _ in tally.compared})
    lines = [f"{tally.programs} compositions, {sum(tally.compared.values())} comparisons:", ""]
    lines.append(f"{'':10}" + "".join(f"{kind:>10}" for kind in KINDS))
    lines += [
        f"{oracle:10}" + "".join(f"{tally.compared[oracle, kind]:>10}" for kind in KINDS)
        for oracle in judges
    ]
    lines += ["", "dtypes: " + counts(tally.profiles)]
    if tally.operations:
        least = min(tally.operations, key=tally.operations.__getitem__)
        lines.append(
            f"{len(tally.operations)} operations judged, each at least "
            f"{tally.operations[least]} times ({least})"
        )
    if verbose:
        lines += [f"  {n:6} {name}" for name, n in sorted(tally.operations.items())]
    if absent:
        listed = ", ".join(absent) if verbose or len(absent) < FEW else "see --verbose"
        lines.append(f"{len(absent)} operations refused whenever tried (no rule yet): {listed}")
    for title, counter in (("refused", tally.not_yet), ("oracle unable", tally.unable)):
        lines.append(f"{title}: {sum(counter.values())}")
        shown = counter.most_common(None if verbose else 5)
        lines += [f"  {n:6} {message}" for message, n in shown]
    lines.append(f"disagreements: {len(tally.failures)}")
    if tally.failures:
        lines.append("in compositions " + ", ".join(map(str, tally.failures)) + " (see --only)")
    return "\n".join(lines)


def counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counter.most_common())


def describe(number: int, seed: int, failure: Disagreement) -> str:
    """Print one disagreement: what to run."""
    return (
        f"# ---- composition {number} of seed {seed}: {failure.kind} differs from "
        f"{failure.oracle}'s (operations: {', '.join(failure.program.operations)})\n"
        f"{snippet(failure)}# found: {failure.found}\n"
    )
