"""Normalisation: over the batch, or over the features of each sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.nn.arguments import check_eps, check_shape, check_sizes
from autograd_nn.nn.initialisers import parameter
from autograd_nn.nn.module import Module
from autograd_nn.ops.arguments import bare
from autograd_nn.ops.normalisation import standardise
from autograd_nn.tensor import Tensor


class BatchNorm(Module):
    """Bring every feature (channel) to mean 0 and variance 1, then to a learned mean and scale.

    Ioffe & Szegedy, "Batch normalization" (2015).  In training by the mean and the variance of
    the batch, of which running means are kept; afterwards by these.

    Parameters
    ----------
    num_features : int
        How many features or channels there are, along axis 1.
    eps : float
        Added to the variance.
    momentum : float or None
        How much of a batch goes into the running means; None for the mean of all batches.
    affine : bool
        Whether a mean (`bias`) and a scale (`weight`) are learned.
    track_running_stats : bool
        Whether running means are kept; else the batch is always normalised by itself.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,  # noqa: FBT001, FBT002 (PyTorch's signature)
        track_running_stats: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        kind = type(self).__name__
        check_sizes(kind, num_features=num_features)
        check_eps(kind, eps)
        if momentum is not None and not 0 <= momentum <= 1:
            message = f"{kind}: momentum={momentum!r} must be from 0 to 1, or None"
            raise ValueError(message)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.track_running_stats = track_running_stats
        self.weight = parameter(np.ones(num_features)) if affine else None
        self.bias = parameter(np.zeros(num_features)) if affine else None
        if track_running_stats:
            self.running_mean = Tensor(np.zeros(num_features))
            self.running_var = Tensor(np.ones(num_features))
            self.num_batches_tracked = Tensor(0)

    def forward(self, x: Any) -> Any:
        """Map a batch to the same shape."""
        axes = (0, *range(2, np.ndim(x)))
        shape = (1, self.num_features, *[1] * (np.ndim(x) - 2))
        if self.training or not self.track_running_stats:
            n = np.size(x) // self.num_features
            if n < 2:  # noqa: PLR2004
                message = (
                    f"{type(self).__name__}: x of shape {np.shape(x)} has {n} value for each of "
                    "its features, and no variance; give more, or call eval()"
                )
                raise ShapeError(message)
            y = standardise(x, axis=axes, eps=self.eps)
            if self.track_running_stats:
                self.track(bare(x), axes)
        else:
            mean, variance = self.running_mean.value, self.running_var.value
            spread = np.sqrt(variance + self.eps)
            y = (x - np.reshape(mean, shape)) / np.reshape(spread, shape)
        if self.weight is None or self.bias is None:
            return y
        return y * np.reshape(self.weight, shape) + np.reshape(self.bias, shape)

    def track(self, x: Any, axes: tuple[int, ...]) -> None:
        """Let the mean and the (unbiased) variance of a batch go into the running means."""
        n = self.num_batches_tracked.value + 1
        self.num_batches_tracked.write(n, "BatchNorm")
        share = (1 / n).astype(x.dtype) if self.momentum is None else self.momentum
        for running, batch in (
            (self.running_mean, np.mean(x, axis=axes)),
            (self.running_var, np.var(x, axis=axes, ddof=1)),
        ):
            running.write(running.value + share * (batch - running.value), "BatchNorm")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.num_features}, eps={self.eps})"


class BatchNorm1d(BatchNorm):
    """Normalise features over a batch, of shape (n, features) or (n, features, length).

    See `BatchNorm` for the parameters.

    Examples
    --------
    >>> layer = BatchNorm1d(1)
    >>> layer(np.array([[1.0], [3.0]])).numpy().round(4).tolist()
    [[-1.0], [1.0]]
    >>> layer.running_mean.tolist(), layer.running_var.tolist()
    ([0.2], [1.1])
    """

    def forward(self, x: Any) -> Any:
        """Map (n, features) or (n, features, length) to the same shape."""
        check_shape("BatchNorm1d", x, ("n", self.num_features), ("n", self.num_features, "length"))
        return super().forward(x)


class BatchNorm2d(BatchNorm):
    """Normalise channels over a batch of images, of shape (n, channels, height, width).

    See `BatchNorm` for the parameters.

    >>> BatchNorm2d(3)(np.random.default_rng(0).normal(size=(2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    def forward(self, x: Any) -> Any:
        """Map (n, channels, height, width) to the same shape."""
        check_shape("BatchNorm2d", x, ("n", self.num_features, "height", "width"))
        return super().forward(x)


class LayerNorm(Module):
    """Bring the last axes of every sample to mean 0 and variance 1, then scale and shift each.

    Ba, Kiros & Hinton, "Layer normalization" (2016).

    Parameters
    ----------
    normalized_shape : int or tuple of int
        The shape of the last axes.
    eps : float
        Added to the variance.
    elementwise_affine : bool
        Whether a scale (`weight`) and a mean (`bias`) are learned for every entry.

    Examples
    --------
    >>> LayerNorm(2)(np.array([[1.0, 3.0], [5.0, 9.0]])).numpy().round(4).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,  # noqa: FBT001, FBT002 (PyTorch's signature)
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else (*normalized_shape,)
        check_sizes("LayerNorm", **{f"normalized_shape[{i}]": n for i, n in enumerate(shape)})
        check_eps("LayerNorm", eps)
        self.normalized_shape, self.eps = shape, eps
        self.weight = parameter(np.ones(shape)) if elementwise_affine else None
        self.bias = parameter(np.zeros(shape)) if elementwise_affine else None

    def forward(self, x: Any) -> Any:
        """Map (..., *normalized_shape) to the same shape."""
        n = len(self.normalized_shape)
        if np.shape(x)[-n:] != self.normalized_shape:
            message = (
                f"LayerNorm: x has shape {np.shape(x)}; its last axes must have shape "
                f"{self.normalized_shape}"
            )
            raise ShapeError(message)
        y = standardise(x, axis=tuple(range(-n, 0)), eps=self.eps)
        return y if self.weight is None or self.bias is None else y * self.weight + self.bias

    def __repr__(self) -> str:
        return f"LayerNorm({self.normalized_shape}, eps={self.eps})"
