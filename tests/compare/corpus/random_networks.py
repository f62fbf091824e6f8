"""Random networks with a right hand-written backward pass, and mutants that have one mistake."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Params = dict[str, Array]
Cache = tuple[list[Array], list[Array]]


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky relu": lambda z: np.where(z > 0, z, 0.1 * z),
    "softplus": lambda z: np.logaddexp(0, z),
    "identity": lambda z: z,
}
SLOPES: dict[str, Callable[[Array, Array], Array]] = {  # of the weighted input and the activation
    "sigmoid": lambda z, a: a * (1 - a),
    "tanh": lambda z, a: 1 - a**2,
    "relu": lambda z, a: a > 0,
    "leaky relu": lambda z, a: np.where(z > 0, 1, 0.1).astype(z.dtype),
    "softplus": lambda z, a: sigmoid(z),
    "identity": lambda z, a: np.ones_like(z),
}
LOSSES = ("half SSE", "MSE", "BCE", "softmax CE")
OF_THE_LOSS = ("softmax-jacobian", "loss-mismatch", "constant 2", "constant -1", "constant 1/N")
OF_A_LAYER = (
    "double-derivative",
    "missing-derivative",
    "wrong-derivative",
    "upstream-dropped",
    "wrong-operand",
    "transpose",
    "transpose of W",
    "bias-reduction",
    "bias-reduction, first sample",
    "regularisation",
    "regularisation, doubled",
    "regularisation, wrong sign",
)
MUTATIONS = (*OF_THE_LOSS, *OF_A_LAYER)


@dataclass(frozen=True)
class Network:
    """A network of dense layers, at a point, with its loss and its backward pass.

    The last layer's activation belongs to the loss for BCE (a sigmoid) and softmax CE: the output
    is what goes into it.
    """

    activations: tuple[str, ...]
    loss_name: str
    l2: float
    params: Params
    inputs: Array
    targets: Array
    mutation: str = ""
    layer: int = 0  # where the mutation is, from 1

    @property
    def mistake(self) -> str:
        """The class of the mutation, a key of `MISTAKES`."""
        return self.mutation.split(" ")[0].rstrip(",")

    @property
    def depth(self) -> int:
        return len(self.activations)

    def forward(self, params: Params, inputs: Array) -> tuple[Array, Cache]:
        zs, acts = [inputs], [inputs]
        for l, name in enumerate(self.activations, start=1):
            zs.append(acts[-1] @ params[f"W{l}"] + params[f"b{l}"])
            acts.append(ACTIVATIONS[name](zs[-1]))
        return acts[-1], (zs, acts)

    def loss(self, output: Array, targets: Array, params: Params) -> Any:
        penalty: Any = sum(np.sum(params[f"W{l}"] ** 2) for l in range(1, self.depth + 1))
        return self.data_loss(output, targets) + 0.5 * self.l2 * penalty

    def data_loss(self, output: Array, targets: Array) -> Any:
        if self.loss_name == "half SSE":
            return 0.5 * np.sum((output - targets) ** 2)
        if self.loss_name == "MSE":
            return np.mean((output - targets) ** 2)
        if self.loss_name == "BCE":
            return np.sum(np.logaddexp(0, output) - targets * output) / len(output)
        shift = output.max(axis=1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(output - shift), axis=1, keepdims=True)) + shift
        return np.sum(targets * (log_sum - output)) / len(output)

    def backward(
        self,
        params: Params,
        inputs: Array,  # noqa: ARG002 (a backward pass is given them; here they are in the cache)
        targets: Array,
        output: Array,
        cache: Cache,
    ) -> Params:
        zs, acts = cache
        grads = {}
        upstream = self.loss_gradient(output, targets)
        for l in range(self.depth, 0, -1):
            W = params[f"W{l}"]
            delta = self.delta(l, upstream, zs[l], acts[l])
            grads[f"W{l}"] = self.weight_gradient(l, delta, zs[l - 1], acts[l - 1], W)
            grads[f"b{l}"] = self.bias_gradient(l, delta)
            upstream = delta @ W.T
            if self._wrong("transpose of W", l):
                upstream = delta @ W
        return grads

    def delta(self, l: int, upstream: Array, z: Array, a: Array) -> Array:
        slope = SLOPES[self.activations[l - 1]]
        delta = upstream * slope(z, a)
        if self._wrong("double-derivative", l):
            delta = upstream * slope(a, ACTIVATIONS[self.activations[l - 1]](a))
        elif self._wrong("missing-derivative", l):
            delta = upstream
        elif self._wrong("wrong-derivative", l):
            delta = upstream * (1 - a)
        elif self._wrong("upstream-dropped", l):
            delta = np.ones_like(upstream) * slope(z, a)
        return delta

    def weight_gradient(self, l: int, delta: Array, z_in: Array, a_in: Array, W: Array) -> Array:
        product = a_in.T @ delta
        if self._wrong("wrong-operand", l):
            product = z_in.T @ delta
        elif self._wrong("transpose", l):
            product = delta.T @ a_in
        gradient = product + self.l2 * W
        if self._wrong("regularisation", l):
            gradient = product
        elif self._wrong("regularisation, doubled", l):
            gradient = product + 2 * self.l2 * W
        elif self._wrong("regularisation, wrong sign", l):
            gradient = product - self.l2 * W
        return gradient

    def bias_gradient(self, l: int, delta: Array) -> Array:
        gradient: Array = delta.sum(axis=0)
        if self._wrong("bias-reduction", l):
            gradient = delta.mean(axis=0)
        elif self._wrong("bias-reduction, first sample", l):
            gradient = delta[0]
        return gradient

    def _wrong(self, mutation: str, layer: int) -> bool:
        return (mutation, layer) == (self.mutation, self.layer)

    def loss_gradient(self, output: Array, targets: Array) -> Array:
        if self.loss_name == "half SSE":
            gradient = output - targets
        elif self.loss_name == "MSE":
            gradient = 2 * (output - targets) / output.size
        elif self.loss_name == "BCE":
            gradient = (sigmoid(output) - targets) / len(output)
        else:
            e = np.exp(output - output.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            gradient = (p - targets) / len(output)

        if self.mutation == "softmax-jacobian":
            gradient = -targets * (1 - p) / len(output)
        elif self.mutation == "loss-mismatch":
            p = sigmoid(output)
            gradient = (p - targets) * p * (1 - p) / len(output)
        elif self.mutation == "constant 2":
            gradient = 2 * gradient
        elif self.mutation == "constant -1":
            gradient = -gradient
        elif self.mutation == "constant 1/N":
            gradient = gradient / len(output)
        return gradient

    def gradient(self) -> Params:
        """The hand-written gradient at the network's own point."""
        output, cache = self.forward(self.params, self.inputs)
        return self.backward(self.params, self.inputs, self.targets, output, cache)


def random_network(seed: int) -> Network:
    """Draw a network whose backward pass is right."""
    rng = np.random.default_rng(seed)
    dtype = str(rng.choice(["float64", "float32"]))
    widths = rng.integers(1, 9, size=rng.integers(2, 6))
    batch = rng.integers(1, 10)
    loss_name = str(rng.choice(LOSSES))
    names = [str(name) for name in rng.choice(list(ACTIVATIONS), size=len(widths) - 1)]
    if loss_name in {"BCE", "softmax CE"}:
        names[-1] = "identity"
    params = {}
    for l in range(1, len(widths)):
        scale = rng.uniform(0.5, 2) / np.sqrt(widths[l - 1])
        params[f"W{l}"] = (scale * rng.normal(size=widths[l - 1 : l + 1])).astype(dtype)
        params[f"b{l}"] = (scale * rng.normal(size=widths[l])).astype(dtype)
    targets = rng.normal(size=(batch, widths[-1]))
    if loss_name == "BCE":
        targets = (targets > 0).astype(dtype)
    elif loss_name == "softmax CE":
        targets = np.eye(widths[-1])[rng.integers(0, widths[-1], size=batch)]
    return Network(
        activations=tuple(names),
        loss_name=loss_name,
        l2=float(rng.choice([0.0, 0.1])),
        params=params,
        inputs=rng.normal(size=(batch, widths[0])).astype(dtype),
        targets=targets.astype(dtype),
    )


def random_mutant(seed: int) -> Network:
    """Draw a network whose backward pass has one mistake that changes the gradient."""
    rng = np.random.default_rng([seed, 1])
    while True:
        network = random_network(int(rng.integers(2**32)))
        for mutation in rng.permutation(MUTATIONS):
            layer = int(rng.integers(1, network.depth + 1))
            mutant = replace(network, mutation=str(mutation), layer=layer)
            if _fits(mutant) and _differs(mutant.gradient(), network.gradient()):
                return mutant


def _fits(mutant: Network) -> bool:
    """Whether the mistake can be made in this network without a change of shapes."""
    W = mutant.params[f"W{mutant.layer}"]
    needs = {"softmax-jacobian": "softmax CE", "loss-mismatch": "BCE"}
    return mutant.loss_name == needs.get(mutant.mutation, mutant.loss_name) and (
        mutant.mistake != "transpose" or W.shape[0] == W.shape[1]
    )


def _differs(wrong: Params, right: Params) -> bool:
    """Whether some parameter's gradient is off by more than a thousandth of the whole."""
    size = max(float(np.linalg.norm(g)) for g in right.values())
    return any(float(np.linalg.norm(wrong[k] - right[k])) > 1e-3 * size > 0 for k in right)
