"""What is done with a batch: forward, backward, measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd_nn.nn import Module
from autograd_nn.tensor import Tensor

Loss = Callable[[Any, Any], Any]
Metrics = Mapping[str, Callable[[Any, Any], float]]


def forward_and_backward(where: str, model: Module, loss: Loss, x: Any, y: Any) -> tuple[Any, Any]:
    """Bring a batch's gradient to the parameters; return the loss and the prediction."""
    prediction = model(x)
    value = loss(prediction, y)
    if not isinstance(value, Tensor):
        message = (
            f"{where}: argument loss returned a {type(value).__name__}, not a Tensor that has a "
            "gradient; compute it with NumPy's functions of the prediction itself"
        )
        raise TypeError(message)
    value.backward()
    return value, prediction


def measured(value: Any, prediction: Any, target: Any, metrics: Metrics) -> dict[str, float]:
    """Return the loss and the metrics of a batch as numbers."""
    if "loss" in metrics:
        message = "argument metrics names a metric 'loss', as the loss itself is; rename it"
        raise ValueError(message)
    found = {name: float(metric(plain(prediction), target)) for name, metric in metrics.items()}
    return {"loss": float(plain(value))} | found


def plain(x: Any) -> Any:
    """Take the array of a Tensor, leaving its graph behind."""
    return x.numpy() if isinstance(x, Tensor) else x
