"""Gradients from several sources side by side, and oracles to judge them."""

from autograd_nn.compare.comparison import (
    GradientComparison,
    GradientRow,
    Verdict,
    compare_gradients,
)
from autograd_nn.compare.diagnosis import Diagnosis, DiagnosisVerdict, diagnose
from autograd_nn.compare.gradcheck import gradcheck
from autograd_nn.compare.oracles import complex_step, finite_difference
from autograd_nn.compare.training import TrainingEffect, training_effect

__all__ = [
    "Diagnosis",
    "DiagnosisVerdict",
    "GradientComparison",
    "GradientRow",
    "TrainingEffect",
    "Verdict",
    "compare_gradients",
    "complex_step",
    "diagnose",
    "finite_difference",
    "gradcheck",
    "training_effect",
]
