"""``autograd-nn train``: train a network, see it learn, stop it, go on."""

from __future__ import annotations

import argparse
import hashlib
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd_nn import __version__, datasets, nn, optim, plotting
from autograd_nn.commands.common import (
    DONE,
    EXIT_CODES,
    FAILED,
    STOPPED,
    Parser,
    add_common_arguments,
    as_json,
    at_least,
    between,
    check_writable,
    complain,
    ending_in,
    first_ctrl_c,
    positive,
    publish,
    write,
)
from autograd_nn.commands.data import add_data_arguments, layers_of, load, sizes, spelled
from autograd_nn.datasets import Dataset
from autograd_nn.datasets.preparation import mean_and_scale
from autograd_nn.errors import CheckpointError
from autograd_nn.nn.onnx import imported as import_onnx
from autograd_nn.saving import load as load_checkpoint
from autograd_nn.training import Checkpoint, History, Run, accuracy, evaluate, fit

DESCRIPTION = """\
Train a network to tell the classes of a data set, or of a file, apart.  Features are standardised.
A single output is a logit of the second class (binary cross-entropy), several are logits of all
classes (cross-entropy)."""
EPILOG = f"""\
example: autograd-nn train --data iris --validation 0.2 --epochs 30 --checkpoint run.safetensors
example: autograd-nn train --resume run.safetensors --epochs 40 --out history.json model.onnx

Ctrl-C ends training after the epoch, a second one at once.  What --checkpoint has saved is resumed
with the options that it was saved with, and is then the uninterrupted training, bit for bit.
{EXIT_CODES}"""
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
}
OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "sgd": optim.SGD,
    "rmsprop": optim.RMSprop,
    "adagrad": optim.Adagrad,
    "adam": optim.Adam,
    "adamw": optim.AdamW,
}
PLOTS = (".svg", ".png", ".pdf")
HIDDEN = 32
DEFAULTS = {  # of what decides a training; a resumed one takes it from its checkpoint
    "data": "xor",
    "network": None,
    "activation": "relu",
    "optimizer": "adam",
    "lr": 0.01,
    "epochs": 50,
    "batch_size": 32,
    "compile": None,
    "validation": None,
    "seed": 0,
}
Settings = dict[str, Any]


def add_arguments(parser: Parser) -> None:
    """Add the options of the command."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    add_data_arguments(parser, hidden=HIDDEN)
    add = parser.add_argument
    add("--activation", choices=ACTIVATIONS, help="after every layer but the last (relu)")
    add("--optimizer", choices=OPTIMIZERS, help="(adam)")
    add("--lr", type=positive, metavar="RATE", help="learning rate (0.01)")
    add("--epochs", type=at_least(1), metavar="N", help="those before included (50)")
    add("--batch-size", type=at_least(1), metavar="N", help="samples to a step (32)")
    add(
        "--compile",
        nargs="?",
        const="numpy",
        choices=["numpy", "numba"],
        help="run steps as a flat program (numpy, if no backend is named)",
    )
    share = between(0, 1, "share between 0 and 1")
    add("--validation", type=share, metavar="SHARE", help="of the samples, to measure on (none)")
    add("--checkpoint", type=Path, metavar="FILE", help="save all after every epoch")
    add("--resume", type=Path, metavar="FILE", help="go on with what --checkpoint saved there")
    add_common_arguments(
        parser,
        seed="decides the weights, the order of samples, which validate",
        out="write the results to .json, the curves to .svg, .png or .pdf (the extra [plot]), the "
        "network, for features that are not standardised, to .onnx (the extra [onnx])",
        metavar="FILE",
        nargs="+",
        type=ending_in(["json", "onnx", *(ending[1:] for ending in PLOTS)]),
        default=[],
    )
    parser.set_defaults(**dict.fromkeys(DEFAULTS))  # to know which were given


def run(options: argparse.Namespace, parser: Parser) -> int:
    """Train as the options say."""
    checkpoint = options.checkpoint or options.resume
    for path in [*options.out, *([checkpoint] if checkpoint else [])]:
        check_writable(path.parent)
    endings = {path.suffix.lower() for path in options.out}
    if endings & {*PLOTS}:
        History().plot()  # says now, not after training, that matplotlib is missing
    if ".onnx" in endings:
        import_onnx()
    given = {name: getattr(options, name) for name in DEFAULTS}
    settings, samples = settings_of(parser, given, options.resume)
    data = load(settings["data"])
    network = sizes(settings["network"]) if settings["network"] else None
    layers = layers_of(parser, network, settings["data"], data, HIDDEN)
    try:
        training = Training(settings | {"network": spelled(layers)}, layers, data)
    except ValueError as error:  # too few samples to set some apart
        parser.error(str(error))
    if samples not in {None, training.samples}:
        message = f"{options.resume} was trained with other samples than {settings['data']} holds"
        raise CheckpointError(message)
    training.train(checkpoint, options.resume)

    fields = training.results() | {"checkpoint": str(checkpoint) if checkpoint else None}
    written = [training.write(path, fields) for path in options.out]
    publish(report(fields), fields, written, as_data=options.json)
    n_done, epochs = len(training.history), training.settings["epochs"]
    if training.history.stopped:
        complain(parser, f"stopped after epoch {n_done}: {training.history.stopped}")
        return FAILED
    if fields["stopped"] is None:
        return DONE
    kept = checkpoint if training.has_advanced else options.resume
    way = f"; --resume {kept} goes on" if kept and kept.exists() else ""
    complain(parser, f"stopped after epoch {n_done} of {epochs}{way}")
    return STOPPED


def settings_of(
    parser: Parser, given: Mapping[str, Any], resume: Path | None
) -> tuple[Settings, str | None]:
    """Return what decides a training, given, saved or assumed, and the digest of its samples."""
    given = {name: value for name, value in given.items() if value is not None}
    if "network" in given:
        given["network"] = spelled(given["network"])
    if resume is None:
        return DEFAULTS | given, None
    saved = load_checkpoint(resume).get("callback_0")
    if not (isinstance(saved, dict) and saved.keys() == {*DEFAULTS, "samples"}):
        message = f"{resume} was saved by another program; go on with it from Python, by fit"
        raise CheckpointError(message)
    for name, value in given.items():
        if value != saved[name] and name != "epochs":
            option = f"--{name.replace('_', '-')}"
            parser.error(
                f"{option} {value}: the training in {resume} has {saved[name]}; leave {option} out"
            )
    return {name: saved[name] for name in DEFAULTS} | given, saved["samples"]


class Training:
    """A network, its data, and what became of them."""

    def __init__(self, settings: Settings, layers: tuple[int, ...], data: Dataset) -> None:
        self.settings = settings
        digest = hashlib.sha256(data.features.tobytes() + data.labels.tobytes())
        self.samples = digest.hexdigest()
        split, weights, self.order = np.random.default_rng(settings["seed"]).spawn(3)
        is_binary = layers[-1] == 1
        targets = data.targets if is_binary else data.labels
        self.loss = nn.binary_cross_entropy_with_logits if is_binary else nn.cross_entropy
        self.metrics = {"accuracy": binary_accuracy if is_binary else accuracy}
        self.validation: tuple[Any, Any] | None = None
        if settings["validation"] is None:
            self.raw = data.features  # that it learns from, before they are standardised
            self.data = datasets.standardise(self.raw), targets
        else:
            self.raw, x_apart, y, y_apart = datasets.train_test_split(
                data.features, targets, test_size=settings["validation"], rng=split
            )
            x, x_apart = datasets.standardise(self.raw, x_apart)
            self.data, self.validation = (x, y), (x_apart, y_apart)
        activation = ACTIVATIONS[settings["activation"]]
        self.model = nn.MLP(layers, activation=activation, rng=weights)
        self.history = History()  # of the epochs that are done
        self.interrupted = self.broken_off = self.has_advanced = False

    def train(self, checkpoint: Path | None, resume: Path | None) -> None:
        """Train until all epochs are done, or Ctrl-C."""
        if resume is not None:
            self.history.load_state_dict(load_checkpoint(resume)["history"])
            n_done, epochs = len(self.history), self.settings["epochs"]
            if n_done > epochs:
                sys.stderr.write(f"{resume} has {n_done} epochs; --epochs counts them too\n")
        optimizer = OPTIMIZERS[self.settings["optimizer"]](
            self.model.parameters(), lr=self.settings["lr"]
        )
        try:
            with first_ctrl_c(self.interrupt):
                fit(
                    self.model,
                    self.data,
                    self.loss,
                    optimizer,
                    self.settings["epochs"],
                    batch_size=self.settings["batch_size"],
                    rng=self.order,
                    validation=self.validation,
                    metrics=self.metrics,
                    callbacks=[self, *([Checkpoint(checkpoint)] if checkpoint else [])],
                    compile=self.settings["compile"] or False,
                    resume=resume,
                )
        except KeyboardInterrupt:
            self.interrupted = self.broken_off = True

    def interrupt(self) -> None:
        """Have training end after this epoch."""
        self.interrupted = True
        sys.stderr.write("\nfinishing this epoch; Ctrl-C again stops at once\n")

    def __call__(self, run: Run) -> None:
        """Look on after an epoch, as a callback of `fit`."""
        self.history, self.has_advanced = run.history, True
        if self.interrupted:
            run.pause()

    def state_dict(self) -> Settings:
        """Return what a checkpoint is to tell of how it was trained."""
        return self.settings | {"samples": self.samples}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Accept the state, which was held against the options before."""

    def results(self) -> dict[str, Any]:
        """Return all that is known, as data."""
        is_done = len(self.history) == self.settings["epochs"]
        stopped = "Ctrl-C" if self.interrupted and not is_done else self.history.stopped
        return {
            "seed": self.settings["seed"],
            "settings": self.settings,
            "parameters": sum(p.size for p in self.model.parameters()),
            "epochs": len(self.history),
            "stopped": stopped,
            "metrics": self.measured(),
            "history": self.history.to_dict(),
            "versions": {
                "autograd_nn": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }

    def measured(self) -> dict[str, Any] | None:
        """Measure the model as it is, unless it was left within an epoch."""
        if self.broken_off:
            return None
        parts = {"training": self.data}
        if self.validation is not None:
            parts["validation"] = self.validation
        return {
            name: evaluate(self.model, part, self.loss, self.metrics) | {"samples": len(part[0])}
            for name, part in parts.items()
        }

    def write(self, path: Path, fields: Mapping[str, Any]) -> str:
        """Write what a file's ending says: results, curves or the network; return its name."""
        ending = path.suffix.lower()
        if ending == ".onnx":
            nn.to_onnx(path, Standardised(self.model, self.raw), self.raw[:1])
            return str(path)
        if ending in PLOTS:
            return write(path, plotting.render(self.history.plot(), ending[1:]))
        return write(path, as_json(fields) + "\n")


class Standardised(nn.Module):
    """A network that does to its inputs what was done to the samples that it learned from."""

    def __init__(self, model: nn.Module, samples: NDArray[np.float64]) -> None:
        super().__init__()
        self.model = model
        self.mean, self.scale = mean_and_scale(samples)

    def forward(self, x: Any) -> Any:
        """Return the logits for features as the file has them."""
        return self.model((x - self.mean) / self.scale)


def report(fields: Mapping[str, Any]) -> str:
    """Say how a network was trained and how good it is."""
    settings = fields["settings"]
    how = f"{settings['activation']}, {settings['optimizer']} at {settings['lr']:g}"
    lines = [f"{settings['data']}: {settings['network']}, {how}; {fields['epochs']} epochs"]
    for name, found in (fields["metrics"] or {}).items():
        right = f"{found['accuracy']:.1%} of {found['samples']} samples right"
        lines.append(f"{name}: loss {found['loss']:.4g}, {right}")
    return "\n".join(lines)


def binary_accuracy(prediction: Any, target: Any) -> float:
    """Compute the share of samples whose logit is on the side of their class."""
    return float(np.mean((np.asarray(prediction) > 0) == (np.asarray(target) > 0)))
