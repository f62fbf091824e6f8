"""A network of sigmoids reads at least 97 % of handwritten digits it has not seen, in seconds.

`fit` trains it by compiled steps; the picture shows how it went, and the digits that it misreads.
Give a folder to have the picture there.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_nn as ag
from autograd_nn import Tensor, datasets, nn, optim, plotting
from autograd_nn.training import History, accuracy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EPOCHS = 30


@plotting.style()
def picture(history: History, images: Any, read: Any, labels: Any) -> "Figure":
    """Draw the errors along training, and the digits that are misread at its end."""
    figure, _ = plotting.subplots(size=(8.4, 3))
    figure.clear()
    parts: Any = figure.subfigures(1, 2, width_ratios=(1, 1.3))
    left, right = parts
    axes = left.subplots()
    names = {"accuracy": ("learned from", "orange"), "val_accuracy": ("unseen", "blue")}
    for name, (text, colour) in names.items():
        errors = 100 * (1 - np.array(history[name]))
        axes.semilogy(range(1, EPOCHS + 1), errors, color=plotting.COLOURS[colour])
        plotting.label(axes, EPOCHS, errors[-1], text, colour)
    ticks = (0.2, 0.5, 1, 2, 5, 10, 20, 50)
    axes.set_yticks(ticks, [f"{tick:g} %" for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="epoch")
    axes.set_title("Digits misread", loc="left")
    missed = np.flatnonzero(read != labels)[:15]
    grid = right.subplots(3, 5)
    for panel in grid.ravel():
        panel.set_axis_off()
    for panel, i in zip(grid.ravel(), missed, strict=False):
        panel.imshow(images[i].reshape(8, 8), cmap="Greys", interpolation="none")
        panel.set_title(f"{labels[i]}, read as {read[i]}", fontsize=8)
    right.suptitle(f"The {len(missed)} of {len(labels)} that are misread at the end", fontsize=10)
    return figure


def main() -> None:
    """Train, print, draw, assert."""
    data = datasets.digits()
    split = datasets.train_test_split(data.features / 16, data.labels, rng=0)
    X_train, X_test, y_train, y_test = split
    rng = np.random.default_rng(0)
    model = nn.MLP((64, 256, 10), activation=nn.Sigmoid, dropout=0.3, rng=rng)
    optimizer = optim.Adam(model.parameters(), lr=Tensor(0.02))

    start = time.perf_counter()
    history = ag.fit(
        model,
        (X_train, y_train),
        nn.cross_entropy,
        optimizer,
        EPOCHS,
        rng=rng,
        validation=(X_test, y_test),
        metrics={"accuracy": accuracy},
        schedule=optim.CosineAnnealingLR(optimizer, EPOCHS),
        compile=True,
    )
    seconds = time.perf_counter() - start

    with ag.no_grad():
        read = np.argmax(model.eval()(X_test).numpy(), axis=1)
    right = np.mean(read == y_test)
    print(model.summary())
    print(f"{right:.1%} of {len(y_test)} digits it has not seen, after {seconds:.1f} s")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    figure = picture(history, X_test, read, y_test)
    print("written to", plotting.save(figure, folder / "digits.svg"))
    assert right >= 0.97


if __name__ == "__main__":
    main()
