"""One assertion for tests of hand-written gradients."""

from typing import Any

from autograd_nn.compare.comparison import compare_gradients
from autograd_nn.transforms import grad

__all__ = ["assert_gradients_match"]


def assert_gradients_match(
    hand: Any, reference: Any, params: Any = None, *, rtol: float = 1e-6
) -> None:
    """Pass silently if gradients are right, for use in a test.

    Parameters
    ----------
    hand : arrays, nested at will
        The gradients to be tested.
    reference : callable, or arrays nested as `hand`
        The loss as a function of `params` alone, which is differentiated automatically; or
        gradients that are known to be right.
    params : arrays, nested as `hand`
        Where the loss is differentiated; to be given with a function.
    rtol : float
        Relative tolerance, as in `compare_gradients`. For float32, about 1e-4.

    Raises
    ------
    AssertionError
        If a gradient does not match; the text is the table of those, each with a sentence.
    TypeError
        If `reference` is a function and `params` is missing, or the reverse.

    Examples
    --------
    >>> import numpy as np
    >>> def backward(params, x):
    ...     return {"w": x * np.cos(params["w"] * x)}
    >>> def test_backward():
    ...     params, x = {"w": np.array([1.0, 2.0])}, 3.0
    ...     assert_gradients_match(
    ...         backward(params, x), lambda params: np.sum(np.sin(params["w"] * x)), params
    ...     )
    >>> test_backward()
    """
    __tracebackhide__ = True  # pytest shows the line of the test, not ours
    if callable(reference):
        if params is None:
            message = (
                "assert_gradients_match: reference is a function, so params must be given: "
                "assert_gradients_match(gradients, loss, params)."
            )
            raise TypeError(message)
        reference = grad(reference)(params)
    elif params is not None:
        message = (
            "assert_gradients_match: params goes with a function, but reference is "
            f"{type(reference).__name__}; pass the loss as a function of params."
        )
        raise TypeError(message)
    comparison = compare_gradients({"hand": hand, "automatic": reference}, "automatic", rtol=rtol)
    comparison.assert_close()
