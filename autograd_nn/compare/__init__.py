"""Gradients from several sources side by side, oracles to judge them, and experiments."""

from autograd_nn.compare.comparison import (
    GradientComparison,
    GradientRow,
    Verdict,
    compare_gradients,
)
from autograd_nn.compare.experiments.cases import Case, cases
from autograd_nn.compare.experiments.executors import open_executor
from autograd_nn.compare.experiments.outcome import Agreement, Outcome, digest
from autograd_nn.compare.experiments.report import Summary, distance_table, summarize, table
from autograd_nn.compare.experiments.sweeping import sweep
from autograd_nn.compare.gradcheck import gradcheck
from autograd_nn.compare.oracles import complex_step, finite_difference
from autograd_nn.compare.training import TrainingEffect, training_effect

__all__ = [
    "Agreement",
    "Case",
    "GradientComparison",
    "GradientRow",
    "Outcome",
    "Summary",
    "TrainingEffect",
    "Verdict",
    "cases",
    "compare_gradients",
    "complex_step",
    "digest",
    "distance_table",
    "finite_difference",
    "gradcheck",
    "open_executor",
    "summarize",
    "sweep",
    "table",
    "training_effect",
]
