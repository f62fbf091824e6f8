r"""Derive by hand the backprop of a two-layer sigmoid network, as a tutorial prints it and mended.

`initialize_network`, `forward_propagation`, `backward_propagation`, `train_network` and `predict`
do, bit for bit, what the tutorial prints, its mistake included.  `mended_backward_propagation`
is the same rule with the mistake mended.  This module imports NumPy alone: it judges automatic
gradients, and a judge must not import what it judges.

The network maps ``x`` of shape (n_samples, n_features) to ``y`` of shape (n_samples, n_outputs)::

    z1 = x @ W1 + b1    h = sigmoid(z1)    (n_samples, n_hidden)
    z2 = h @ W2 + b2    y = sigmoid(z2)    (n_samples, n_outputs)

and its loss is half the sum of squared errors, ``L = 1/2 sum (y - t)**2``.

The mistake
-----------
The chain rule needs the slope of the sigmoid at the *pre-activation*, ``sigmoid'(z)``.
`sigmoid_derivative` computes just that from ``z``, yet the tutorial hands it the *activation*
``a = sigmoid(z)``, so that the sigmoid is applied twice::

    printed   sigmoid'(a) = sigmoid(a) * (1 - sigmoid(a))     between 0.1966 and 0.25
    true      sigmoid'(z) = a * (1 - a)                       between 0 and 0.25

At the output delta (the gradient with respect to ``z2``) the ratio printed / true is exactly
``sigmoid'(a) / (a * (1 - a))``, element by element: 0.94 at ``a = 1/2`` and without bound as the
unit saturates.  The hidden delta mixes these factors through ``W2`` and multiplies by its own,
so no learning rate makes up for them.

Only NumPy functions and operators touch the arrays, so complex arrays pass through (a complex
step can differentiate the loss), and so does whatever else speaks NumPy's protocols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]  # what it is made for; the code asks nothing of the type
Layer = dict[str, Array]  # {"weights": (n_in, n_out), "bias": (n_out,)}


def sigmoid(x: Array) -> Array:
    """Squash each element into (0, 1): ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    x : array of any shape

    Returns
    -------
    array of the shape of `x`

    Warns
    -----
    RuntimeWarning
        For x below about -709.78 `exp` overflows, exactly as in the tutorial; the result is
        then 0, which is right to within 1e-308.

    Examples
    --------
    >>> sigmoid(np.array([-2.0, 0.0, 2.0])).round(4)
    array([0.1192, 0.5   , 0.8808])
    """
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(x: Array) -> Array:
    """Evaluate the slope of the sigmoid at the pre-activation `x`.

    From ``s = 1 / (1 + e)`` with ``e = exp(-x)`` follows ``s' = e / (1 + e)**2 = s * (1 - s)``.

    The function is right.  The mistake is to call it with an activation, which has been
    through the sigmoid already; `activation_derivative` is what such a caller needs.

    Parameters
    ----------
    x : array of any shape
        Pre-activations.

    Returns
    -------
    array of the shape of `x`, in (0, 0.25]

    Examples
    --------
    >>> sigmoid_derivative(np.array([-2.0, 0.0, 2.0])).round(4)
    array([0.105, 0.25 , 0.105])
    """
    return sigmoid(x) * (1 - sigmoid(x))


def activation_derivative(a: Array) -> Array:
    """Evaluate the slope of the sigmoid from its value ``a = sigmoid(z)``: ``a * (1 - a)``.

    Parameters
    ----------
    a : array of any shape
        Activations, in (0, 1).

    Returns
    -------
    array of the shape of `a`, in (0, 0.25]

    Examples
    --------
    >>> z = np.array([-2.0, 0.0, 2.0])
    >>> np.allclose(activation_derivative(sigmoid(z)), sigmoid_derivative(z), rtol=1e-15)
    True
    """
    return a * (1 - a)


def initialize_network(
    input_nodes: int,
    hidden_nodes: int,
    output_nodes: int,
    *,
    rng: np.random.Generator | int | None = None,
) -> tuple[Layer, Layer]:
    """Draw every weight and bias from the standard normal distribution.

    The order of the draws is hidden weights, hidden bias, output weights, output bias.

    Parameters
    ----------
    input_nodes, hidden_nodes, output_nodes : int
        The sizes n_features, n_hidden and n_outputs.
    rng : numpy.random.Generator, int or None, optional
        The generator to draw from, or its seed.  With None the numbers come from
        `numpy.random.randn`, as in the tutorial, so that `numpy.random.seed` reproduces them.

    Returns
    -------
    hidden_layer : dict
        'weights' of shape (n_features, n_hidden) and 'bias' of shape (n_hidden,).
    output_layer : dict
        'weights' of shape (n_hidden, n_outputs) and 'bias' of shape (n_outputs,).

    Examples
    --------
    >>> hidden_layer, output_layer = initialize_network(2, 4, 1, rng=0)
    >>> hidden_layer["weights"].shape, output_layer["bias"].shape
    ((2, 4), (1,))
    """
    draw = np.random.randn if rng is None else _standard_normal(np.random.default_rng(rng))
    hidden_layer = {"weights": draw(input_nodes, hidden_nodes), "bias": draw(hidden_nodes)}
    output_layer = {"weights": draw(hidden_nodes, output_nodes), "bias": draw(output_nodes)}
    return hidden_layer, output_layer


def forward_propagation(
    input_data: Array, hidden_layer: Layer, output_layer: Layer
) -> tuple[Array, Array]:
    """Compute the activations of both layers.

    Parameters
    ----------
    input_data : (n_samples, n_features) array
    hidden_layer, output_layer : dict
        Weights and biases, shaped as `initialize_network` returns them.

    Returns
    -------
    hidden_layer_output : (n_samples, n_hidden) array
    output_layer_output : (n_samples, n_outputs) array

    Examples
    --------
    >>> hidden_layer, output_layer = initialize_network(2, 4, 1, rng=0)
    >>> hidden, output = forward_propagation(np.eye(2), hidden_layer, output_layer)
    >>> hidden.shape, output.shape
    ((2, 4), (2, 1))
    """
    hidden_layer_input = np.dot(input_data, hidden_layer["weights"]) + hidden_layer["bias"]
    hidden_layer_output = sigmoid(hidden_layer_input)

    output_layer_input = np.dot(hidden_layer_output, output_layer["weights"]) + output_layer["bias"]
    output_layer_output = sigmoid(output_layer_input)

    return hidden_layer_output, output_layer_output


def half_sse(actual_output: Array, output_layer_output: Array) -> np.float64:
    """Sum the squared errors and halve: ``1/2 sum (y - t)**2``.

    The half cancels the 2 of the square, so that the gradient with respect to ``y`` is
    ``y - t``, the tutorial's error with the sign turned.

    Parameters
    ----------
    actual_output : (n_samples, n_outputs) array
        The targets ``t``.
    output_layer_output : (n_samples, n_outputs) array
        The predictions ``y``.

    Returns
    -------
    scalar of the precision of the arguments

    Examples
    --------
    >>> float(half_sse(np.array([[1.0], [0.0]]), np.array([[0.5], [2.0]])))
    2.125
    """
    return 0.5 * np.sum((output_layer_output - actual_output) ** 2)


def backward_propagation(
    input_data: Array,
    hidden_layer: Layer,
    output_layer: Layer,
    hidden_layer_output: Array,
    output_layer_output: Array,
    actual_output: Array,
    learning_rate: float,
) -> None:
    """Update both layers in place by the printed rule, which is not the gradient of the loss.

    The rule takes ``sigmoid'(a)`` at the activations where the chain rule has ``sigmoid'(z)``
    at the pre-activations; see the module's docstring.

    Parameters
    ----------
    input_data : (n_samples, n_features) array
    hidden_layer, output_layer : dict
        Weights and biases, changed in place.
    hidden_layer_output : (n_samples, n_hidden) array
    output_layer_output : (n_samples, n_outputs) array
        What `forward_propagation` returned for these layers.
    actual_output : (n_samples, n_outputs) array
        The targets.
    learning_rate : float
        The length of the step, per unit of gradient summed (not averaged) over the samples.

    See Also
    --------
    mended_backward_propagation : the same with the gradient of `half_sse`.

    Examples
    --------
    >>> hidden_layer, output_layer = {"weights": np.array([[0.0]]), "bias": np.array([0.0])}, {
    ...     "weights": np.array([[1.0]]), "bias": np.array([-0.5])}
    >>> x, target = np.array([[1.0]]), np.array([[1.0]])
    >>> outputs = forward_propagation(x, hidden_layer, output_layer)
    >>> backward_propagation(x, hidden_layer, output_layer, *outputs, target, 1.0)
    >>> output_layer["bias"].round(4)  # the gradient would lead to -0.375
    array([-0.3825])
    """
    outputs = hidden_layer_output, output_layer_output
    steps = _descent(sigmoid_derivative, input_data, output_layer, *outputs, actual_output)
    _update((hidden_layer, output_layer), steps, learning_rate)


def mended_backward_propagation(
    input_data: Array,
    hidden_layer: Layer,
    output_layer: Layer,
    hidden_layer_output: Array,
    output_layer_output: Array,
    actual_output: Array,
    learning_rate: float,
) -> None:
    """Update both layers in place by one step of gradient descent on `half_sse`.

    Parameters and shapes are those of `backward_propagation`; only the slope differs.

    Examples
    --------
    >>> hidden_layer, output_layer = {"weights": np.array([[0.0]]), "bias": np.array([0.0])}, {
    ...     "weights": np.array([[1.0]]), "bias": np.array([-0.5])}
    >>> x, target = np.array([[1.0]]), np.array([[1.0]])
    >>> outputs = forward_propagation(x, hidden_layer, output_layer)
    >>> mended_backward_propagation(x, hidden_layer, output_layer, *outputs, target, 1.0)
    >>> output_layer["bias"].round(4)
    array([-0.375])
    """
    outputs = hidden_layer_output, output_layer_output
    steps = _descent(activation_derivative, input_data, output_layer, *outputs, actual_output)
    _update((hidden_layer, output_layer), steps, learning_rate)


def printed_gradients(
    input_data: Array, hidden_layer: Layer, output_layer: Layer, actual_output: Array
) -> tuple[Layer, Layer]:
    """Return what the printed rule takes for the gradient of `half_sse`.

    `backward_propagation` amounts to ``parameter -= learning_rate * gradient``.

    Parameters
    ----------
    input_data : (n_samples, n_features) array
    hidden_layer, output_layer : dict
        Weights and biases, left as they are.
    actual_output : (n_samples, n_outputs) array
        The targets.

    Returns
    -------
    hidden_gradient, output_gradient : dict
        'weights' and 'bias', shaped like those of the layers.

    Examples
    --------
    >>> layers = initialize_network(2, 4, 1, rng=0)
    >>> hidden_gradient, output_gradient = printed_gradients(np.eye(2), *layers, np.eye(2)[:, :1])
    >>> hidden_gradient["weights"].shape, output_gradient["bias"].shape
    ((2, 4), (1,))
    """
    return _gradients(sigmoid_derivative, input_data, hidden_layer, output_layer, actual_output)


def mended_gradients(
    input_data: Array, hidden_layer: Layer, output_layer: Layer, actual_output: Array
) -> tuple[Layer, Layer]:
    """Return the gradient of `half_sse` with respect to every weight and bias.

    Parameters, results and shapes are those of `printed_gradients`.

    Notes
    -----
    Write ``delta`` for the gradient of the loss with respect to a layer's pre-activation
    (Rumelhart, Hinton and Williams, *Nature* 323, 533-536, 1986).  By the chain rule::

        dL/dy  = y - t
        delta2 = dL/dz2 = (y - t) * y * (1 - y)         since dy/dz2 = y (1 - y)
        dL/dW2 = h.T @ delta2                           since z2 = h @ W2 + b2
        dL/db2 = delta2 summed over the samples         since every sample adds the same b2
        dL/dh  = delta2 @ W2.T
        delta1 = dL/dz1 = (delta2 @ W2.T) * h * (1 - h)
        dL/dW1 = x.T @ delta1
        dL/db1 = delta1 summed over the samples

    Examples
    --------
    The slope along the output bias agrees with a difference quotient:

    >>> x, target = np.eye(2), np.array([[1.0], [0.0]])
    >>> hidden_layer, output_layer = initialize_network(2, 4, 1, rng=0)
    >>> _, gradient = mended_gradients(x, hidden_layer, output_layer, target)
    >>> def loss(bias):
    ...     moved = {**output_layer, "bias": bias}
    ...     return half_sse(target, predict(x, hidden_layer, moved))
    >>> bias, step = output_layer["bias"], 1e-5
    >>> quotient = (loss(bias + step) - loss(bias - step)) / (2 * step)
    >>> bool(abs(gradient["bias"][0] - quotient) < 1e-9)
    True
    """
    return _gradients(activation_derivative, input_data, hidden_layer, output_layer, actual_output)


def train_network(
    input_data: Array,
    actual_output: Array,
    input_nodes: int,
    hidden_nodes: int,
    output_nodes: int,
    learning_rate: float,
    epochs: int,
    *,
    rng: np.random.Generator | int | None = None,
    backward: Callable[..., None] = backward_propagation,
) -> tuple[Layer, Layer]:
    """Train a freshly drawn network, all samples at every step.

    Parameters
    ----------
    input_data : (n_samples, n_features) array
    actual_output : (n_samples, n_outputs) array
        The targets, in [0, 1].
    input_nodes, hidden_nodes, output_nodes : int
        The sizes n_features, n_hidden and n_outputs.
    learning_rate : float
        The length of a step, per unit of gradient summed over the samples.
    epochs : int
        The number of steps.
    rng : numpy.random.Generator, int or None, optional
        Where the first weights come from; see `initialize_network`.
    backward : callable, optional
        The update rule, `backward_propagation` (as printed) or `mended_backward_propagation`.

    Returns
    -------
    hidden_layer, output_layer : dict
        The trained weights and biases.

    Examples
    --------
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> exclusive_or = np.array([[0.0], [1.0], [1.0], [0.0]])
    >>> layers = train_network(
    ...     x, exclusive_or, 2, 4, 1, 1.0, 2000, rng=0, backward=mended_backward_propagation)
    >>> predict(x, *layers).round().ravel()
    array([0., 1., 1., 0.])
    """
    hidden_layer, output_layer = initialize_network(
        input_nodes, hidden_nodes, output_nodes, rng=rng
    )
    for _ in range(epochs):
        outputs = forward_propagation(input_data, hidden_layer, output_layer)
        backward(input_data, hidden_layer, output_layer, *outputs, actual_output, learning_rate)
    return hidden_layer, output_layer


def predict(input_data: Array, hidden_layer: Layer, output_layer: Layer) -> Array:
    """Return the output of the network, of shape (n_samples, n_outputs).

    Parameters
    ----------
    input_data : (n_samples, n_features) array
    hidden_layer, output_layer : dict
        Weights and biases, shaped as `initialize_network` returns them.

    Examples
    --------
    >>> predict(np.eye(2), *initialize_network(2, 4, 1, rng=0)).shape
    (2, 1)
    """
    _, output_layer_output = forward_propagation(input_data, hidden_layer, output_layer)
    return output_layer_output


def _standard_normal(generator: np.random.Generator) -> Callable[..., Array]:
    """Return a draw that takes its shape the way `numpy.random.randn` does."""
    return lambda *shape: generator.standard_normal(shape)


def _descent(
    slope: Callable[[Array], Array],
    input_data: Array,
    output_layer: Layer,
    hidden_layer_output: Array,
    output_layer_output: Array,
    actual_output: Array,
) -> tuple[Layer, Layer]:
    """Return the steps downhill, minus the gradients, with `slope` applied to activations."""
    output_error = actual_output - output_layer_output
    output_delta = output_error * slope(output_layer_output)

    hidden_error = np.dot(output_delta, output_layer["weights"].T)
    hidden_delta = hidden_error * slope(hidden_layer_output)

    return _layer_step(input_data, hidden_delta), _layer_step(hidden_layer_output, output_delta)


def _layer_step(layer_input: Array, delta: Array) -> Layer:
    """Collect over the samples what `delta` asks of a layer's weights and bias."""
    return {"weights": np.dot(layer_input.T, delta), "bias": np.sum(delta, axis=0)}


def _update(layers: tuple[Layer, Layer], steps: tuple[Layer, Layer], learning_rate: float) -> None:
    """Add `learning_rate` times each step to its parameter, in place."""
    for layer, step in zip(layers, steps, strict=True):
        for name in step:
            layer[name] += learning_rate * step[name]


def _gradients(
    slope: Callable[[Array], Array],
    input_data: Array,
    hidden_layer: Layer,
    output_layer: Layer,
    actual_output: Array,
) -> tuple[Layer, Layer]:
    """Run forward, then return the gradients, minus the steps downhill."""
    outputs = forward_propagation(input_data, hidden_layer, output_layer)
    hidden, output = _descent(slope, input_data, output_layer, *outputs, actual_output)
    return {name: -hidden[name] for name in hidden}, {name: -output[name] for name in output}
