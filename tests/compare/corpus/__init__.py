"""Hand-written backward passes, wrong and right, in the styles that people use."""

from corpus.case import CASES, Case, Mended

__all__ = ["CASES", "Case", "Mended"]
