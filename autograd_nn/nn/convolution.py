"""Convolution and pooling of images, of shape (n, channels, height, width)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.nn.arguments import Rng, check_shape, check_sizes, pair
from autograd_nn.nn.initialisers import Initialiser, parameter, uniform_fan_in
from autograd_nn.nn.module import Module
from autograd_nn.ops.convolution import convolved, max_pooled, mean_pooled

Size = int | tuple[int, int]


class Conv2d(Module):
    """Slide learned kernels over images.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, dilation : int or pair of int
        For height and width: how large a kernel is, how far it moves, how many zeros there are on
        either side, and how far the entries are apart that a kernel looks at.
    groups : int
        Into how many parts the channels are divided; each sees its own part of the input alone.
    bias : bool
        Whether every output channel has a number added to it.
    rng : Generator or int, optional
        Where the initial weights, then the biases, are drawn from.
    initialise : callable
        One of `autograd_nn.nn.initialisers`.

    Attributes
    ----------
    weight : Tensor, shape (out_channels, in_channels / groups, kernel height, kernel width)
        As in PyTorch.
    bias : Tensor, shape (out_channels,), or None

    Examples
    --------
    >>> layer = Conv2d(1, 4, kernel_size=3, padding=1, rng=0)
    >>> layer(np.ones((2, 1, 8, 8))).shape
    (2, 4, 8, 8)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,  # noqa: FBT001, FBT002 (PyTorch's signature)
        *,
        rng: Rng = None,
        initialise: Initialiser = uniform_fan_in,
    ) -> None:
        check_sizes("Conv2d", in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            message = (
                f"Conv2d: groups={groups} must divide in_channels={in_channels} and "
                f"out_channels={out_channels}"
            )
            raise ValueError(message)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = pair("Conv2d", "kernel_size", kernel_size, 1)
        self.stride = pair("Conv2d", "stride", stride, 1)
        self.padding = pair("Conv2d", "padding", padding, 0)
        self.dilation = pair("Conv2d", "dilation", dilation, 1)
        rng = np.random.default_rng(rng)
        area = self.kernel_size[0] * self.kernel_size[1]
        fans = in_channels // groups * area, out_channels // groups * area
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = parameter(initialise(rng, shape, *fans))
        self.bias = parameter(initialise(rng, (out_channels,), *fans)) if bias else None

    def forward(self, x: Any) -> Any:
        """Map (n, in_channels, height, width) to (n, out_channels, height, width) of the output."""
        check_shape("Conv2d", x, ("n", self.in_channels, "height", "width"))
        return convolved(
            x,
            self.weight,
            self.bias,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )

    def __repr__(self) -> str:
        parts = [f"{self.in_channels}, {self.out_channels}", f"kernel_size={self.kernel_size}"]
        parts += [f"stride={self.stride}"] * (self.stride != (1, 1))
        parts += [f"padding={self.padding}"] * (self.padding != (0, 0))
        parts += [f"dilation={self.dilation}"] * (self.dilation != (1, 1))
        parts += [f"groups={self.groups}"] * (self.groups != 1)
        parts += ["bias=False"] * (self.bias is None)
        return f"Conv2d({', '.join(parts)})"


class Pool2d(Module):
    """What both kinds of pooling have in common."""

    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1
    ) -> None:
        kind = type(self).__name__
        self.kernel_size = pair(kind, "kernel_size", kernel_size, 1)
        self.stride = pair(kind, "stride", kernel_size if stride is None else stride, 1)
        self.padding = pair(kind, "padding", padding, 0)
        self.dilation = pair(kind, "dilation", dilation, 1)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            message = (
                f"{kind}: padding={self.padding} must be at most half of kernel_size="
                f"{self.kernel_size}, or windows would lie in it altogether"
            )
            raise ValueError(message)

    def __repr__(self) -> str:
        parts = [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        parts += [f"padding={self.padding}"] * (self.padding != (0, 0))
        parts += [f"dilation={self.dilation}"] * (self.dilation != (1, 1))
        return f"{type(self).__name__}({', '.join(parts)})"


class MaxPool2d(Pool2d):
    """Take the largest entry of every window.

    The gradient goes to that entry alone; of equal ones to the first, as in PyTorch.

    Parameters
    ----------
    kernel_size : int or pair of int
        How large a window is.
    stride : int or pair of int, optional
        How far it moves; as far as it is large if not given.
    padding : int or pair of int
        How many entries of -infinity there are on either side.
    dilation : int or pair of int
        How far the entries of a window are apart.

    Examples
    --------
    >>> MaxPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4))[0, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """

    def forward(self, x: Any) -> Any:
        """Map (n, channels, height, width) to as many, smaller images."""
        check_shape("MaxPool2d", x, ("n", "channels", "height", "width"))
        return max_pooled(
            x,
            kernel=self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )


class AvgPool2d(Pool2d):
    """Average every window, the zeros of the padding included.

    Parameters
    ----------
    kernel_size : int or pair of int
        How large a window is.
    stride : int or pair of int, optional
        How far it moves; as far as it is large if not given.
    padding : int or pair of int
        How many zeros there are on either side.

    Examples
    --------
    >>> AvgPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4))[0, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__(kernel_size, stride, padding)

    def forward(self, x: Any) -> Any:
        """Map (n, channels, height, width) to as many, smaller images."""
        check_shape("AvgPool2d", x, ("n", "channels", "height", "width"))
        return mean_pooled(x, kernel=self.kernel_size, stride=self.stride, padding=self.padding)


class Flatten(Module):
    """Make one axis of the axes from `start_dim` to `end_dim`, both included.

    >>> Flatten()(np.ones((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """Map (n, ...) to (n, product of the others), unless told otherwise."""
        shape = np.shape(x)
        start, end = (dim + len(shape) * (dim < 0) for dim in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < len(shape):
            message = f"Flatten: x of shape {shape} has no axes from {start} to {end}"
            raise ValueError(message)
        merged = int(np.prod(shape[start : end + 1]))
        return np.reshape(x, (*shape[:start], merged, *shape[end + 1 :]))

    def __repr__(self) -> str:
        return f"Flatten(start_dim={self.start_dim}, end_dim={self.end_dim})"
