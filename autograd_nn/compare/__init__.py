"""Gradients from several sources side by side, oracles, diagnoses of code, and experiments."""

from autograd_nn.compare.asserting import assert_gradients_match
from autograd_nn.compare.comparison import (
    GradientComparison,
    GradientRow,
    Verdict,
    compare_gradients,
)
from autograd_nn.compare.diagnosis import Blame, CodeLine, Diagnosis, DiagnosisVerdict, diagnose
from autograd_nn.compare.diagnosis.dumps import judge_gradients
from autograd_nn.compare.diagnosis.effect import repair_effects
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
    "Blame",
    "Case",
    "CodeLine",
    "Diagnosis",
    "DiagnosisVerdict",
    "GradientComparison",
    "GradientRow",
    "Outcome",
    "Summary",
    "TrainingEffect",
    "Verdict",
    "assert_gradients_match",
    "cases",
    "compare_gradients",
    "complex_step",
    "diagnose",
    "digest",
    "distance_table",
    "finite_difference",
    "gradcheck",
    "judge_gradients",
    "open_executor",
    "repair_effects",
    "summarize",
    "sweep",
    "table",
    "training_effect",
]
