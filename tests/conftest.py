"""One Hypothesis profile for everybody: the same examples on every machine, no deadline."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")

collect_ignore = ["compare/corpus/cases"]  # people's code, loaded by tests/compare/corpus/case.py
