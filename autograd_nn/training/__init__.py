"""Training networks: `fit`, what it reports, what may look on and stop it."""

from autograd_nn.training.callbacks import Checkpoint, EarlyStopping
from autograd_nn.training.history import History
from autograd_nn.training.loop import evaluate, fit
from autograd_nn.training.metrics import accuracy
from autograd_nn.training.run import Run

__all__ = ["Checkpoint", "EarlyStopping", "History", "Run", "accuracy", "evaluate", "fit"]
