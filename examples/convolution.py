"""A convolutional network misreads half as many digits as dense layers with as many parameters.

Both read handwritten digits, trained alike by compiled steps; the picture shows what the first
layer looks for, and what it finds in a digit.  Give a folder to have the picture there.
"""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_nn as ag
from autograd_nn import Tensor, datasets, nn, optim, plotting
from autograd_nn.training import History, accuracy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EPOCHS = 12


def networks() -> dict[str, nn.Sequential]:
    """Make one network that convolves, and one that does not."""
    rng = np.random.default_rng(0)
    convolution = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.Conv2d(12, 24, 3, padding=1, rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3, rng=rng),
        nn.Linear(24 * 4 * 4, 10, rng=rng),
    )
    dense = nn.Sequential(nn.Flatten(), nn.MLP((64, 88, 10), rng=rng))  # dropout makes it no better
    return {"convolution": convolution, "dense": dense}


def train(model: nn.Module, split: list[Any]) -> History:
    """Train, and measure on digits that are not seen."""
    X, X_test, y, y_test = split
    optimizer = optim.AdamW(model.parameters(), lr=Tensor(5e-3))
    history: History = ag.fit(
        model,
        (X, y),
        nn.cross_entropy,
        optimizer,
        EPOCHS,
        rng=0,
        validation=(X_test, y_test),
        metrics={"accuracy": accuracy},
        schedule=optim.CosineAnnealingLR(optimizer, EPOCHS),
        compile=True,
        progress=False,
    )
    return history


@plotting.style()
def picture(
    model: nn.Sequential, image: Any, digit: int, histories: dict[str, History]
) -> "Figure":
    """Draw the filters, what they find in a digit, and the errors along training."""
    figure, _ = plotting.subplots(size=(8.4, 3.3))
    figure.clear()
    parts: Any = figure.subfigures(1, 2, width_ratios=(1.35, 1))
    left, right = parts
    convolve = model[0]
    assert isinstance(convolve, nn.Conv2d)
    filters = convolve.weight.numpy()[:, 0]
    with ag.no_grad():
        found = model[1](convolve(image[np.newaxis])).numpy()[0]
    grid = left.subplots(5, 6, height_ratios=(1, 1, 0.1, 1, 1))
    for axes in grid.ravel():
        axes.set_axis_off()
    order = np.argsort(-found.sum(axis=(1, 2)))
    top = np.abs(filters).max()
    for i, k in enumerate(order):
        row, column = divmod(i, 6)
        look = {"vmin": -top, "vmax": top, "cmap": "PuOr_r"}
        grid[3 * row, column].imshow(filters[k], interpolation="none", **look)
        grid[3 * row + 1, column].imshow(found[k], interpolation="none", cmap="Greys")
    left.suptitle(f"Twelve learned filters, and below each what it finds in a {digit}", size=10)
    axes = right.subplots()
    for (name, history), colour in zip(histories.items(), ("blue", "orange"), strict=True):
        errors = 100 * (1 - np.array(history["val_accuracy"]))
        epochs = range(1, EPOCHS + 1)
        axes.semilogy(epochs, errors, "o-", markersize=3.5, color=plotting.COLOURS[colour])
        plotting.label(axes, EPOCHS, errors[-1], name, colour, xytext=(8, 0))
    ticks = (1, 2, 5, 10, 20)
    axes.set_yticks(ticks, [f"{tick} %" for tick in ticks])
    axes.minorticks_off()
    axes.set(xlabel="epoch", xticks=range(2, EPOCHS + 1, 2))
    axes.set_title("Unseen digits misread", loc="left")
    return figure


def main() -> None:
    """Train, print, draw, assert."""
    data = datasets.digits()
    images = data.features.reshape(-1, 1, 8, 8).astype(np.float32) / 16
    split = datasets.train_test_split(images, data.labels, rng=0)
    models, histories = networks(), {}
    sizes = {name: sum(p.size for p in model.parameters()) for name, model in models.items()}
    for name, model in models.items():
        histories[name] = train(model.to("float32"), split)
        read = histories[name]["val_accuracy"][-1]
        print(f"{name:12} {sizes[name]} parameters, {read:.1%} of {len(split[3])} unseen digits")
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    figure = picture(models["convolution"], split[1][0], split[3][0], histories)
    print("written to", plotting.save(figure, folder / "convolution.svg"))

    assert sizes["convolution"] <= sizes["dense"]
    errors = {name: 1 - history["val_accuracy"][-1] for name, history in histories.items()}
    assert errors["convolution"] <= 0.02
    assert errors["convolution"] <= 2 / 3 * errors["dense"]


if __name__ == "__main__":
    main()
