"""What has no honest derivative: why, and what to write instead; and functions about values."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.table import constant, refuse

constant(np.array2string, np.array_repr, np.array_str, np.isin)
constant(np.can_cast, np.common_type, np.min_scalar_type, np.packbits, np.unpackbits)


def refuse_each(reason: str, *functions: Callable[..., Any]) -> None:
    """Refuse several functions for one reason."""
    for function in functions:
        refuse(function, reason)


# ---- files, bytes and dates ----------------------------------------------------------------------

refuse_each(
    "a file holds values without their graph; write t.detach()",
    np.save,
    np.savetxt,
    np.savez,
    np.savez_compressed,
)
refuse_each(
    "it is about dates, which a tensor does not hold",
    np.busday_count,
    np.busday_offset,
    np.datetime_as_string,
    np.is_busday,
)

# ---- what NumPy does not offer to a Tensor: it asks for a plain array ----------------------------
# These ask __array__ (or float(), or the buffer protocol), which refuse a tracked Tensor; the
# sentences are for the page of names.

refuse_each(
    "it makes a plain array, which holds no graph; a Tensor needs no conversion, np.stack joins "
    "several",
    np.array,
    np.asanyarray,
    np.asarray,
    np.asarray_chkfinite,
    np.ascontiguousarray,
    np.asfortranarray,
    np.require,
)
refuse_each(
    "a matrix is a plain array, which holds no graph; write np.block, or a Tensor with two axes",
    np.asmatrix,
    np.bmat,
)
refuse(np.fromiter, "it makes a plain array of Python numbers; write np.stack(list(numbers))")
refuse_each(
    "it makes a plain array of a buffer, which holds no graph; write t.detach().numpy()",
    np.from_dlpack,
    np.frombuffer,
)
refuse(
    np.frompyfunc,
    "the ufunc that it makes returns Python objects; write the function with NumPy's functions",
)
