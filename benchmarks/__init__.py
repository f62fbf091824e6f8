"""Measure autograd_nn beside the tutorial's loop and other libraries: ``python -m benchmarks``."""
