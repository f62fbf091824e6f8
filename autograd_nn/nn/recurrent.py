"""Recurrent layers: what was seen before goes into what is made of the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.errors import ShapeError
from autograd_nn.nn.arguments import Rng, check_shape, check_sizes
from autograd_nn.nn.initialisers import Initialiser, parameter, uniform_fan_in
from autograd_nn.nn.module import Module
from autograd_nn.ops.layers import affine
from autograd_nn.ops.slicing import slices
from autograd_nn.ops.special import relu, sigmoid


class Recurrent(Module):
    """What recurrent layers have in common; subclasses define `gates`, `kept` and `cell`.

    Parameters
    ----------
    input_size : int
        How many features the input has at each time.
    hidden_size : int
        How many the state has.
    num_layers : int
        How many layers there are, each fed with the states of the one below.
    batch_first : bool
        Whether input and output have shape (n, time, features) rather than (time, n, features).
    bidirectional : bool
        Whether each layer also runs from the end to the start; both states side by side are
        what it returns.
    rng : Generator or int, optional
        Where the initial parameters are drawn from, layer by layer.
    initialise : callable
        One of `autograd_nn.nn.initialisers`; both fans are `hidden_size`, as in PyTorch.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Tensor, shapes (inputs, gates * hidden), (hidden, gates * hidden)
        The transposes of PyTorch's, with the gates in its order; of layer 1 they are called
        ``..._l1``, of the way back ``..._l0_reverse``.
    bias_ih_l0, bias_hh_l0 : Tensor, shape (gates * hidden,)
    """

    gates: int  # how many blocks of parameters a cell has
    kept = 1  # of how many arrays a state is made

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        batch_first: bool = False,
        bidirectional: bool = False,
        rng: Rng = None,
        initialise: Initialiser = uniform_fan_in,
    ) -> None:
        sizes = {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}
        check_sizes(type(self).__name__, **sizes)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional = batch_first, bidirectional
        rng, n = np.random.default_rng(rng), self.gates * hidden_size
        for layer, ending in self.passes():
            inputs = input_size if layer == 0 else hidden_size * (1 + bidirectional)
            for name, shape in (
                ("weight_ih", (inputs, n)),
                ("weight_hh", (hidden_size, n)),
                ("bias_ih", (n,)),
                ("bias_hh", (n,)),
            ):
                values = initialise(rng, shape, hidden_size, hidden_size)
                setattr(self, f"{name}_{ending}", parameter(values))

    def passes(self) -> list[tuple[int, str]]:
        """List what runs over the whole sequence: the layer, and how its parameters end."""
        ways = ("", "_reverse")[: 1 + self.bidirectional]
        return [(k, f"l{k}{way}") for k in range(self.num_layers) for way in ways]

    def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
        """Run over a sequence.

        Parameters
        ----------
        x : (time, n, input_size), or (n, time, input_size) if `batch_first`
        state : (passes, n, hidden_size), optional
            What to begin with for each layer (and way), zeros if not given; of an LSTM a pair.

        Returns
        -------
        output : as `x`, with hidden_size features (twice that if `bidirectional`)
            The states of the last layer.
        state : as `state`
            What each layer (and way) ends with.
        """
        kind, features = type(self).__name__, self.input_size
        axes = ("n", "time") if self.batch_first else ("time", "n")
        check_shape(kind, x, (*axes, features))
        times = slices(x, axis=1 if self.batch_first else 0)
        if not times:
            message = f"{kind}: x of shape {np.shape(x)} has no times; give one at least"
            raise ShapeError(message)
        states = self.first_states(state, np.shape(times[0])[0], np.result_type(x))
        ends: list[tuple[Any, ...]] = []
        for layer in range(self.num_layers):
            ways = []
            for _, ending in (p for p in self.passes() if p[0] == layer):
                back = ending.endswith("_reverse")
                outputs, end = self.run(ending, times[::-1] if back else times, states[len(ends)])
                ways.append(outputs[::-1] if back else outputs)
                ends.append(end)
            times = ways[0] if len(ways) == 1 else both(*ways)
        found = tuple(np.stack(parts) for parts in zip(*ends, strict=True))
        output = np.stack(times, axis=1 if self.batch_first else 0)
        return output, found[0] if self.kept == 1 else found

    def first_states(self, state: Any, n: int, dtype: Any) -> list[tuple[Any, ...]]:
        """Take the given state apart, an entry a pass, or make one of zeros."""
        passes, kind = len(self.passes()), type(self).__name__
        if state is None:
            zeros = np.zeros((n, self.hidden_size), dtype)
            return [(zeros,) * self.kept] * passes
        parts = (state,) if self.kept == 1 else tuple(state)
        if len(parts) != self.kept:
            message = f"{kind}: state has {len(parts)} parts; it needs {self.kept}, h and c"
            raise ShapeError(message)
        for part in parts:
            if np.shape(part) != (passes, n, self.hidden_size):
                message = (
                    f"{kind}: state has shape {np.shape(part)}; it must have shape "
                    f"{(passes, n, self.hidden_size)}"
                )
                raise ShapeError(message)
        return [*zip(*(slices(part, axis=0) for part in parts), strict=True)]

    def run(self, ending: str, times: Any, state: tuple[Any, ...]) -> tuple[list[Any], Any]:
        """Run one pass over the sequence; return the state after each time, and the last one."""
        names = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
        w_ih, b_ih, w_hh, b_hh = (getattr(self, f"{name}_{ending}") for name in names)
        outputs = []
        for x in times:
            state = self.cell(affine(x, w_ih, b_ih), affine(state[0], w_hh, b_hh), state)
            outputs.append(state[0])
        return outputs, state

    def cell(self, from_input: Any, from_state: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the next state of what the input and the last one contribute to the gates."""
        message = f"{type(self).__name__} defines no cell(); give it one"
        raise NotImplementedError(message)

    def apart(self, gates: Any) -> tuple[Any, ...]:
        """Take the blocks of gates apart."""
        blocks: tuple[Any, ...] = slices(
            np.reshape(gates, (-1, self.gates, self.hidden_size)), axis=1
        )
        return blocks

    def __repr__(self) -> str:
        parts = [f"{self.input_size}, {self.hidden_size}"]
        parts += [f"num_layers={self.num_layers}"] * (self.num_layers > 1)
        parts += ["batch_first=True"] * self.batch_first
        parts += ["bidirectional=True"] * self.bidirectional
        return f"{type(self).__name__}({', '.join(parts)})"


def both(there: list[Any], back: list[Any]) -> list[Any]:
    """Put the states of both ways side by side."""
    return [np.concatenate(pair, axis=-1) for pair in zip(there, back, strict=True)]


class RNN(Recurrent):
    """Run ``h = tanh(x @ weight_ih + bias_ih + h @ weight_hh + bias_hh)`` over a sequence.

    Elman, "Finding structure in time" (1990).  `nonlinearity` is "tanh" or "relu"; see
    `Recurrent` for the other parameters.

    Examples
    --------
    >>> output, h = RNN(3, 4, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape
    ((5, 2, 4), (1, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        **options: Any,
    ) -> None:
        if nonlinearity not in {"tanh", "relu"}:
            message = f"RNN: nonlinearity={nonlinearity!r} must be 'tanh' or 'relu'"
            raise ValueError(message)
        self.nonlinearity = nonlinearity
        super().__init__(input_size, hidden_size, num_layers, **options)

    def cell(self, from_input: Any, from_state: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:  # noqa: ARG002
        """Compute the next state."""
        bend = np.tanh if self.nonlinearity == "tanh" else relu
        return (bend(from_input + from_state),)


class GRU(Recurrent):
    """Run a gated recurrent unit over a sequence.

    Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014), with the reset
    gate after the product, as in PyTorch; gates in the order reset, update, new.  See `Recurrent`
    for the parameters.

    Examples
    --------
    >>> output, h = GRU(3, 4, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape
    ((5, 2, 4), (1, 2, 4))
    """

    gates = 3

    def cell(self, from_input: Any, from_state: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the next state."""
        (r, z, n), (r_h, z_h, n_h) = self.apart(from_input), self.apart(from_state)
        reset, update = sigmoid(r + r_h), sigmoid(z + z_h)
        new = np.tanh(n + reset * n_h)
        return (new + update * (state[0] - new),)


class LSTM(Recurrent):
    """Run a long short-term memory over a sequence; its state is a pair, h and c.

    Hochreiter & Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers,
    Schmidhuber & Cummins (2000); gates in the order input, forget, cell, output.  See `Recurrent`
    for the parameters.

    Examples
    --------
    >>> output, (h, c) = LSTM(3, 4, rng=0)(np.ones((5, 2, 3)))
    >>> output.shape, h.shape, c.shape
    ((5, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    gates, kept = 4, 2

    def cell(self, from_input: Any, from_state: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        """Compute the next state."""
        i, f, g, o = self.apart(from_input + from_state)
        c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
