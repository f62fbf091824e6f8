"""Gradients from several sources side by side, oracles to judge them, and what is wrong in code."""

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
from autograd_nn.compare.gradcheck import gradcheck
from autograd_nn.compare.oracles import complex_step, finite_difference
from autograd_nn.compare.training import TrainingEffect, training_effect

__all__ = [
    "Blame",
    "CodeLine",
    "Diagnosis",
    "DiagnosisVerdict",
    "GradientComparison",
    "GradientRow",
    "TrainingEffect",
    "Verdict",
    "assert_gradients_match",
    "compare_gradients",
    "complex_step",
    "diagnose",
    "finite_difference",
    "gradcheck",
    "judge_gradients",
    "repair_effects",
    "training_effect",
]
