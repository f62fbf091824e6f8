"""Every error of the package: one base, one class a kind, each also the built-in it refines."""

__all__ = [
    "AutogradError",
    "CheckpointError",
    "DataError",
    "DetachError",
    "DiagnosisInputError",
    "DtypeError",
    "ExportError",
    "GradcheckError",
    "GraphReleasedError",
    "InPlaceError",
    "MissingExtraError",
    "NaNError",
    "NoDerivativeError",
    "NoGradientError",
    "NoRuleError",
    "NonScalarError",
    "ParallelError",
    "ShapeError",
    "TraceError",
]


class AutogradError(Exception):
    """Base of all errors that autograd_nn raises on purpose."""


class ShapeError(AutogradError, ValueError):
    """Shapes do not fit together; the message names the operation and all shapes."""


class DtypeError(AutogradError, TypeError):
    """A dtype that has no derivative (integers, booleans, objects) where one is needed."""


class NonScalarError(AutogradError, ValueError):
    """A gradient was asked of a value that is not a scalar, with no cotangent given."""


class NoGradientError(AutogradError, RuntimeError):
    """A gradient was asked of a value that was not computed from anything differentiated."""


class NoDerivativeError(AutogradError, ValueError):
    """A function has no derivative at these values, such as eigenvectors where they may turn."""


class GraphReleasedError(AutogradError, RuntimeError):
    """A backward pass reached a part of the graph that an earlier one had released."""


class InPlaceError(AutogradError, RuntimeError):
    """An in-place change that the recorded graph could not follow."""


class DetachError(AutogradError, TypeError):
    """A differentiated tensor was about to be turned into a plain array, losing its graph."""


class DiagnosisInputError(AutogradError, ValueError):
    """What was given to `diagnose` cannot be judged; the message says what to change."""


class NoRuleError(AutogradError, TypeError):
    """A function, or one of its keywords, has no derivative rule."""


class NaNError(AutogradError, FloatingPointError):
    """A step whose results were to be checked made NaN; it has changed nothing."""


class TraceError(AutogradError, RuntimeError):
    """A function did what a compiled program cannot repeat, such as branching on a value."""


class GradcheckError(AutogradError, AssertionError):
    """An automatic gradient disagrees with the numerical one."""


class CheckpointError(AutogradError, ValueError):
    """A saved file is damaged, foreign, or does not fit what it is loaded into."""


class ExportError(AutogradError, RuntimeError):
    """A model does what the format of a file cannot say; the message names the module."""


class ParallelError(AutogradError, RuntimeError):
    """The ranks of a job that trains in parallel no longer do, or hold, the same."""


class DataError(AutogradError, ValueError):
    """A file of data cannot be read as samples with labels; the message says what is wrong."""


class MissingExtraError(AutogradError, ImportError):
    """An optional program or package is needed; the message names what to install."""
