"""One Hypothesis profile for everybody: the same examples on every machine, no deadline.

Figures that tests measure are printed at the end.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")

collect_ignore = [
    "compare/corpus/cases",  # people's code, loaded by tests/compare/corpus/case.py
]

FIGURES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--networks",
        type=int,
        default=16,
        help="how many random networks, right ones and mutants each, are diagnosed",
    )


@pytest.fixture(scope="session")
def publish(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Print a line at the end of the run."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if lines := config.stash.get(FIGURES, []):
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
