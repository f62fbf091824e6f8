"""How well mistakes are diagnosed: the corpus, and random networks by the hundred.

``--networks 10000`` asks for more of the latter.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn.compare import diagnose
from autograd_nn.compare.diagnosis.result import Diagnosis, DiagnosisVerdict
from autograd_nn.compare.oracles import leaves
from corpus import CASES, Case
from corpus.random_networks import Network, random_mutant, random_network

EXACT = DiagnosisVerdict.EXACT
FACTOR = DiagnosisVerdict.EXACT_UP_TO_A_FACTOR
NO_VERDICT = DiagnosisVerdict.CANNOT_DECIDE
WRONG = [case for case in CASES if case.group == "wrong"]
CONSTANT = [case for case in CASES if case.group == "constant"]
RIGHT = [case for case in CASES if case.group == "right"]


@cache
def diagnosis(case: Case) -> Diagnosis:
    params, inputs, targets = case.make(np.random.default_rng(0))
    return diagnose(
        case.forward,
        case.backward,
        case.loss,
        params,
        inputs,
        targets,
        returns=case.returns,
        lr=case.lr if case.returns == "update" else None,
        rng=np.random.default_rng(0),
    )


def of_network(network: Network) -> Diagnosis:
    return diagnose(
        network.forward,
        network.backward,
        network.loss,
        network.params,
        network.inputs,
        network.targets,
        rng=np.random.default_rng(0),
    )


def detected(case: Case) -> bool:
    return diagnosis(case).verdict not in {EXACT, NO_VERDICT}


def line_is_first(case: Case) -> bool:
    """Whether the line blamed first is one that a person who knows would point to."""
    if not (blame := diagnosis(case).blame):
        return False
    lines = {mend.line for mends in case.guilty for mend in mends}
    return Path(blame[0].file).name == case.path.name and blame[0].line in lines


def all_lines(case: Case) -> bool:
    """Whether every mistake has one of its lines blamed, and no other line is."""
    blamed = {blame.line for blame in diagnosis(case).blame}
    groups = [{mend.line for mend in mends} for mends in case.guilty]
    return all(group & blamed for group in groups) and blamed <= set().union(*groups)


def mistake_is_right(case: Case) -> bool:
    blame = diagnosis(case).blame
    return bool(blame) and blame[0].mistake == case.mistake


def repair_is_verified(case: Case) -> bool:
    blame = diagnosis(case).blame
    return bool(blame) and all(b.repair and b.verified for b in blame)


def constants_are_named(case: Case) -> bool:
    found = diagnosis(case)
    params, _, _ = case.make(np.random.default_rng(0))
    return found.verdict is FACTOR and all(
        np.isclose(
            case.factor_value(found.factor.get(name, "1")),
            case.factor_value(case.factor.get(name, "1")),
            rtol=1e-9,
        )
        for name, _ in leaves(params)
    )


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_wrong_ones_are_detected(case: Case) -> None:
    assert detected(case)


@pytest.mark.parametrize("case", CONSTANT, ids=lambda case: case.name)
def test_constants_are_named(case: Case) -> None:
    assert constants_are_named(case), diagnosis(case).factor


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_right_ones_raise_no_alarm(case: Case) -> None:
    assert diagnosis(case).verdict is EXACT, diagnosis(case).reason


def holds(claim: Callable[[Any], bool], subject: Any) -> bool:
    """Whether a claim is true; an error is a miss here, and fails the case's own test above."""
    try:
        return claim(subject)
    except Exception:  # noqa: BLE001 (whatever it is)
        return False


def share(claim: Callable[[Any], bool], subjects: Iterable[Any]) -> tuple[float, str, list[Any]]:
    """Count of how many subjects a claim is true: the share, its text, those of which it is not."""
    subjects = list(subjects)
    misses = [subject for subject in subjects if not holds(claim, subject)]
    hits = len(subjects) - len(misses)
    return hits / len(subjects), f"{hits}/{len(subjects)} ({hits / len(subjects):.1%})", misses


def test_the_corpus_is_diagnosed_as_well_as_is_promised(publish: Callable[[str], None]) -> None:
    least = [
        ("wrong ones detected", detected, WRONG, 1.0),
        ("right ones called exact", lambda case: diagnosis(case).verdict is EXACT, RIGHT, 1.0),
        ("constants named", constants_are_named, CONSTANT, 1.0),
        ("guilty line named first", line_is_first, WRONG, 0.95),
        ("all guilty lines, and no other", all_lines, WRONG, 0.0),
        ("class of mistake right", mistake_is_right, WRONG, 0.0),
        ("repair verified", repair_is_verified, WRONG, 0.85),
    ]
    short = []
    for title, claim, cases, target in least:
        reached, text, misses = share(claim, cases)
        names = ", ".join(case.name for case in misses)
        publish(f"{title}: {text}" + (f"; not {names}" if names else ""))
        if reached < target:
            short.append(f"{title}: {text}, not {target:.0%}: {names}")
    assert short == []


def test_random_networks_raise_no_alarm(
    pytestconfig: pytest.Config, publish: Callable[[str], None]
) -> None:
    seeds = range(pytestconfig.getoption("--networks"))
    verdicts = {seed: of_network(random_network(seed)).verdict for seed in seeds}
    alarms = [seed for seed, verdict in verdicts.items() if verdict not in {EXACT, NO_VERDICT}]
    undecided = [seed for seed, verdict in verdicts.items() if verdict is NO_VERDICT]
    publish(f"false alarms on random right networks: {len(alarms)}/{len(seeds)}")
    publish(f"undecided random right networks: {len(undecided)}/{len(seeds)}")
    assert alarms == []
    assert undecided == []


def test_mutants_are_detected(pytestconfig: pytest.Config, publish: Callable[[str], None]) -> None:
    seeds = range(pytestconfig.getoption("--networks"))
    found = {seed: of_network(random_mutant(seed)) for seed in seeds}
    missed = [seed for seed, d in found.items() if d.verdict in {EXACT, NO_VERDICT}]
    publish(f"random mutants detected: {len(seeds) - len(missed)}/{len(seeds)}")
    assert missed == []
