"""Experiments over many networks: described, run anywhere, resumed, reported."""
