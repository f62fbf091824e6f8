"""Windows of images: a convolution is a matrix product of them, pooling chooses among them.

Images are of shape (n, channels, height, width).  `im2col` lays all windows side by side, and
`col2im` adds them up again where they were taken from: each is the transpose of the other.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_nn.errors import ShapeError
from autograd_nn.fitting import Value
from autograd_nn.ops.arguments import bare
from autograd_nn.primitive import Primitive, record
from autograd_nn.table import linear

Pair = tuple[int, int]
RANK = 4  # of images


def window_counts(
    shape: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> Pair:
    """Compute how many windows fit along the height and the width."""
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    room = [n + 2 * p - r for n, p, r in zip(shape[-2:], padding, reach, strict=True)]
    if min(room) < 0:
        message = (
            f"a window of {reach[0]} x {reach[1]} does not fit into an image of {shape[-2]} x "
            f"{shape[-1]} with padding {padding}; make the kernel smaller or the padding larger"
        )
        raise ShapeError(message)
    return room[0] // stride[0] + 1, room[1] // stride[1] + 1


def windows_of(
    x: Value, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair, fill: float = 0
) -> Value:
    """View all windows of padded images: (n, channels, height, width, kernel, kernel)."""
    window_counts(x.shape, kernel, stride, padding, dilation)
    (top, left), (down, right), (below, beside) = padding, stride, dilation
    if top or left:
        x = np.pad(x, [(0, 0), (0, 0), (top, top), (left, left)], constant_values=fill)
    reach = (below * (kernel[0] - 1) + 1, beside * (kernel[1] - 1) + 1)
    return sliding_window_view(x, reach, (2, 3))[:, :, ::down, ::right, ::below, ::beside]


def added_up(v: Value, _y: Value, x: Value, **windows: Any) -> Value:
    """Carry columns back to the images that they were taken from."""
    return col2im(v, shape=x.shape, **windows)


@lambda function: linear(function, added_up, hint=None)
def im2col(x: Value, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Value:
    """Lay the windows of images side by side, a column each.

    Of shape (channels * kernel height * kernel width, n * number of windows).

    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> im2col(image, kernel=(2, 2), stride=(1, 1), padding=(0, 0), dilation=(1, 1))
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    """
    windows = windows_of(x, kernel, stride, padding, dilation)
    columns = np.ascontiguousarray(windows.transpose(1, 4, 5, 0, 2, 3))
    return columns.reshape(x.shape[1] * kernel[0] * kernel[1], -1)


@lambda function: linear(
    function, lambda v, _y, _columns, *, shape, **windows: im2col(v, **windows), hint=None
)
def col2im(
    columns: Value,
    *,
    shape: tuple[int, ...],
    kernel: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
) -> Value:
    """Add windows, a column each, to images of `shape`, where `im2col` takes them from.

    >>> ones = np.ones((4, 4))
    >>> options = dict(kernel=(2, 2), stride=(1, 1), padding=(0, 0), dilation=(1, 1))
    >>> col2im(ones, shape=(1, 1, 3, 3), **options)[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    n, channels, height, width = shape
    high, wide = window_counts(shape, kernel, stride, padding, dilation)
    (top, left), (down, right), (below, beside) = padding, stride, dilation
    columns = columns.reshape(channels, *kernel, n, high, wide)
    images = np.zeros((channels, n, height + 2 * top, width + 2 * left), columns.dtype)
    for i in range(kernel[0]):  # over the few entries of a window, not over the image
        for j in range(kernel[1]):
            rows = slice(i * below, i * below + down * high, down)
            across = slice(j * beside, j * beside + right * wide, right)
            images[:, :, rows, across] += columns[:, i, j]
    inner = images[:, :, top : top + height, left : left + width]
    return np.ascontiguousarray(inner.swapaxes(0, 1))


def convolved(
    x: Value,
    weight: Value,
    bias: Value | None,
    *,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> Value:
    """Slide kernels over images: ``y[:, o] = sum of weight[o] * window``, plus ``bias[o]``.

    `weight` has shape (out, channels / groups, kernel height, kernel width), as in PyTorch.
    """
    kernel = weight.shape[2:]
    high, wide = window_counts(x.shape, kernel, stride, padding, dilation)
    columns = im2col(x, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    kernels = np.reshape(weight, (groups, weight.shape[0] // groups, -1))
    columns = np.reshape(columns, (groups, kernels.shape[2], -1))
    y = np.reshape(kernels @ columns, (weight.shape[0], x.shape[0], high, wide))
    if bias is not None:
        y = y + np.reshape(bias, (-1, 1, 1, 1))
    return np.swapaxes(y, 0, 1)


def places_of_max(x: Value, *, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair) -> Value:
    """Find the largest entry of every window: where it is in the flattened images.

    Of equal entries the first, of NaN the last, as in PyTorch.
    """
    windows = windows_of(x, kernel, stride, padding, dilation, -np.inf)
    top = np.array(windows[..., 0, 0])
    row, column = np.zeros((2, *top.shape), np.intp)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            entry = windows[..., i, j]
            larger = (entry > top) | (entry != entry)  # noqa: PLR0124 (NaN)
            np.copyto(top, entry, where=larger)
            np.copyto(row, i * dilation[0], where=larger)
            np.copyto(column, j * dilation[1], where=larger)
    n, channels, height, width = x.shape
    row += stride[0] * np.arange(row.shape[2])[:, np.newaxis] - padding[0]
    column += stride[1] * np.arange(row.shape[3]) - padding[1]
    np.clip(row, 0, height - 1, out=row)  # where all of a window is -inf
    np.clip(column, 0, width - 1, out=column)
    image = np.arange(n * channels).reshape(n, channels, 1, 1)
    return (image * height + row) * width + column


max_places = Primitive(places_of_max, [None], [None])


def max_pooled(x: Value, **windows: Any) -> Value:
    """Take the largest entry of every window; the gradient goes there alone."""
    return np.reshape(x, -1)[bare(record(max_places, (bare(x),), windows))]


def mean_pooled(x: Value, *, kernel: Pair, stride: Pair, padding: Pair) -> Value:
    """Average every window, padding included."""
    n, channels = x.shape[:2]
    high, wide = window_counts(x.shape, kernel, stride, padding, (1, 1))
    columns = im2col(x, kernel=kernel, stride=stride, padding=padding, dilation=(1, 1))
    columns = np.reshape(columns, (channels, kernel[0] * kernel[1], -1))
    means = np.reshape(np.mean(columns, axis=1), (channels, n, high, wide))
    return np.swapaxes(means, 0, 1)


__test__ = {p.__name__: str(p.__doc__) for p in (im2col, col2im)}  # for doctest
