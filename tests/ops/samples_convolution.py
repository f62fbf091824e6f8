"""Samples of autograd_nn/ops/convolution.py."""

from typing import Any

import numpy as np

from autograd_nn.ops.convolution import col2im, im2col
from samples import Sample, normal, row

WINDOWS: list[dict[str, Any]] = [
    {"kernel": (2, 3), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)},
    {"kernel": (3, 2), "stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)},
    {"kernel": (2, 2), "stride": (3, 2), "padding": (0, 1), "dilation": (2, 1)},
    {"kernel": (1, 1), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)},
]


def columns(x: Any, *, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """Take window after window, pixel after pixel."""
    (p, q), (n, channels) = padding, x.shape[:2]
    wide = np.zeros((n, channels, x.shape[2] + 2 * p, x.shape[3] + 2 * q), x.dtype)
    wide[:, :, p : p + x.shape[2], q : q + x.shape[3]] = x
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    found = [
        wide[i, :, y : y + reach[0] : dilation[0], x : x + reach[1] : dilation[1]].ravel()
        for i in range(n)
        for y in range(0, wide.shape[2] - reach[0] + 1, stride[0])
        for x in range(0, wide.shape[3] - reach[1] + 1, stride[1])
    ]
    return np.stack(found, axis=1)


def images(v: Any, *, shape: Any, **windows: Any) -> Any:
    """Add every entry to the place that it came from."""
    places = np.arange(1, np.prod(shape) + 1).reshape(shape)  # 0 is padding
    out = np.zeros(places.size + 1, v.dtype)
    np.add.at(out, columns(places, **windows), v)
    return out[1:].reshape(shape)


def width(shape: Any, windows: Any) -> tuple[int, int]:
    found = columns(np.zeros(shape), **windows).shape
    return int(found[0]), int(found[1])


SAMPLES: list[Sample] = [
    *[row(im2col, normal(2, 3, 5, 6), formula=columns, **w) for w in WINDOWS],
    *[
        row(col2im, normal(*width((2, 3, 5, 6), w)), formula=images, shape=(2, 3, 5, 6), **w)
        for w in WINDOWS
    ],
]
