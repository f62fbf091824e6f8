"""Which line of a hand-written backward pass is wrong, which mistake it is, what to write."""

from autograd_nn.compare.diagnosis.engine import diagnose
from autograd_nn.compare.diagnosis.mistakes import MISTAKES
from autograd_nn.compare.diagnosis.result import Blame, CodeLine, Diagnosis, DiagnosisVerdict

__all__ = ["MISTAKES", "Blame", "CodeLine", "Diagnosis", "DiagnosisVerdict", "diagnose"]
