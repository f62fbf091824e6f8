"""The differential fuzzer: random compositions of NumPy's functions, judged by independent oracles.

``python -m tests.fuzz --n 1000 --seed 0`` from the root of the repository.
"""
