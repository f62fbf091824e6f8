"""Functions of other shapes are called as `diagnose` calls them."""

import linecache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograd_nn import grad
from autograd_nn.compare import DiagnosisVerdict, compare_gradients, diagnose
from autograd_nn.compare.diagnosis.adapters import Adapted, adapt, adapt_forward, adapt_loss
from autograd_nn.compare.diagnosis.conventions import gradients_by_name, last_assigned, returned
from autograd_nn.compare.diagnosis.losses import half_sse
from autograd_nn.compare.diagnosis.objects import adapt_globals, adapt_object
from autograd_nn.errors import DiagnosisInputError

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((7, 3)), RNG.uniform(size=(7, 2))
PARAMS = {"W1": RNG.standard_normal((3, 5)), "W2": RNG.standard_normal((5, 2))}


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def assert_exact(adapted: Adapted, params: Any, inputs: Any = X, targets: Any = Y) -> None:
    """Hold the adapted gradient against the automatic one."""
    loss = half_sse
    point = {name: np.array(value) for name, value in params.items()}
    output, cache = adapted.forward(point, inputs)
    if adapted.returns == "grads":
        hand = adapted.backward(point, inputs, targets, output, cache)
    else:
        new = adapted.backward(point, inputs, targets, output, cache, 0.5) or point
        hand = {name: (params[name] - new[name]) / 0.5 for name in params}
    truth = grad(lambda p: loss(adapted.forward(p, inputs)[0], targets))(dict(params))
    compare_gradients({"hand": hand, "automatic": truth}, "automatic").assert_close()
    verdict = diagnose(
        adapted.forward, adapted.backward, loss, params, inputs, targets, adapted.returns
    ).verdict
    assert verdict is DiagnosisVerdict.EXACT


def forward(X: Any, W1: Any, W2: Any) -> Any:
    a1 = sigmoid(X @ W1)
    a2 = sigmoid(a1 @ W2)
    return a1, a2


def tuple_of_gradients(X: Any, W2: Any, a1: Any, a2: Any, t: Any) -> Any:
    d2 = (a2 - t) * a2 * (1 - a2)
    d1 = d2 @ W2.T * a1 * (1 - a1)
    dW2, grad_W1 = a1.T @ d2, X.T @ d1
    return dW2, grad_W1  # not in the order of the parameters


def nameless_gradients(X: Any, W2: Any, a1: Any, a2: Any, t: Any) -> Any:
    d2 = (a2 - t) * a2 * (1 - a2)
    return X.T @ (d2 @ W2.T * a1 * (1 - a1)), a1.T @ d2


def dict_of_gradients(X: Any, t: Any, W2: Any, a1: Any, a2: Any) -> Any:
    second, first = tuple_of_gradients(X, W2, a1, a2, t)
    return {"dW1": first, "W2_grad": second}


def updates_in_place(
    X: Any, W1: Any, W2: Any, a1: Any, a2: Any, t: Any, learning_rate: Any
) -> None:
    second, first = tuple_of_gradients(X, W2, a1, a2, t)
    W1 -= learning_rate * first
    W2 -= learning_rate * second


def returns_new_ones(X: Any, W1: Any, W2: Any, a1: Any, a2: Any, t: Any, lr: Any) -> Any:
    second, first = tuple_of_gradients(X, W2, a1, a2, t)
    W1 = W1 - lr * first
    W2 = W2 - lr * second
    return W1, W2


def calls_another(X: Any, W2: Any, a1: Any, a2: Any, t: Any) -> Any:
    return tuple_of_gradients(X, W2, a1, a2, t)


alpha = 0.1


def without_a_rate(X: Any, W1: Any, W2: Any, a1: Any, a2: Any, t: Any) -> None:
    updates_in_place(X, W1, W2, a1, a2, t, 0.5)


def by_a_global_rate(X: Any, W1: Any, W2: Any, a1: Any, a2: Any, t: Any) -> None:
    updates_in_place(X, W1, W2, a1, a2, t, alpha)


@pytest.mark.parametrize(
    ("backward", "returns"),
    [
        (tuple_of_gradients, "grads"),
        (nameless_gradients, "grads"),
        (dict_of_gradients, "grads"),
        (updates_in_place, "update"),
        (returns_new_ones, "update"),
        (by_a_global_rate, "update"),
    ],
)
def test_functions_are_matched_by_name(backward: Any, returns: str) -> None:
    adapted = adapt(forward, backward)
    assert (adapted.returns, adapted.parameters) == (returns, ("W1", "W2"))
    assert_exact(adapted, PARAMS)
    assert alpha == 0.1


def test_params_as_a_whole_and_gradients_by_other_names() -> None:
    def forward(parameters: Any, X: Any) -> Any:
        H = np.tanh(X @ parameters["W1"])
        return H @ parameters["W2"], {"H": H}

    def backward(parameters: Any, cache: Any, X: Any, Y: Any, y_hat: Any) -> Any:
        d = y_hat - Y
        H = cache["H"]
        return {"dW1": X.T @ (d @ parameters["W2"].T * (1 - H * H)), "dW2": H.T @ d}

    assert_exact(adapt(forward, backward, roles={"#0": "output", "#1": "cache"}), PARAMS)


def test_nested_parameters_keep_their_nesting() -> None:
    def forward(x: Any, layer: Any) -> Any:
        return x @ layer["W"] + layer["b"]

    def backward(x: Any, t: Any, output: Any) -> Any:
        y = output
        return {"layer": {"W": x.T @ (y - t), "b": (y - t).sum(axis=0)}}

    params = {"layer": {"W": RNG.standard_normal((3, 2)), "b": np.zeros(2)}}
    adapted = adapt(forward, backward)
    output, cache = adapted.forward(params, X)
    assert set(adapted.backward(params, X, Y, output, cache)["layer"]) == {"W", "b"}


class Network:
    def __init__(self) -> None:
        self.W1, self.W2 = PARAMS["W1"].copy(), PARAMS["W2"].copy()
        self.momentum = np.zeros(3)

    def forward(self, x: Any) -> Any:
        self.h = np.tanh(x @ self.W1)
        return self.h @ self.W2

    def backward(self, x: Any, y: Any, output: Any) -> None:
        d = output - y
        self.dW2 = self.h.T @ d
        self.grad_W1 = x.T @ (d @ self.W2.T * (1 - self.h**2))


class ReturningNetwork(Network):
    def backward(self, x: Any, y: Any, output: Any) -> Any:
        super().backward(x, y, output)
        return {"W1": self.__dict__.pop("grad_W1"), "W2": self.__dict__.pop("dW2")}


class UpdatingNetwork(Network):
    def backward(self, x: Any, y: Any, output: Any, lr: Any) -> None:  # type: ignore[override]
        super().backward(x, y, output)
        self.W1 -= lr * self.grad_W1
        self.W2 = self.W2 - lr * self.dW2


def test_an_update_without_a_rate_is_taken_at_1_and_said() -> None:
    adapted = adapt(forward, without_a_rate)
    assert adapted.returns == "update"
    given = (adapted.forward, adapted.backward, half_sse, PARAMS, X, Y, adapted.returns)
    found = diagnose(*given)
    assert found.factor == {"W1": "1/2", "W2": "1/2"}
    assert "judged as a step of the rate 1." in found.notes[0]
    assert diagnose(*given, lr=0.5).verdict is DiagnosisVerdict.EXACT
    rated = adapt(forward, by_a_global_rate)
    found = diagnose(rated.forward, rated.backward, half_sse, PARAMS, X, Y, rated.returns)
    assert found.verdict is DiagnosisVerdict.EXACT
    assert found.notes == ()


class RatedNetwork(Network):
    def __init__(self) -> None:
        super().__init__()
        self.learning_rate = 0.1

    def backward(self, x: Any, y: Any, output: Any) -> None:
        super().backward(x, y, output)
        self.W1 -= self.learning_rate * self.grad_W1
        self.W2 -= self.learning_rate * self.dW2


@pytest.mark.parametrize(
    ("kind", "returns"),
    [
        (RatedNetwork, "update"),
        (Network, "grads"),
        (ReturningNetwork, "grads"),
        (UpdatingNetwork, "update"),
    ],
)
def test_objects_keep_parameters_cache_and_gradients_in_attributes(kind: Any, returns: str) -> None:
    network = kind()
    adapted, params = adapt_object(network, "forward", "backward", X)
    assert set(params) == {"W1", "W2"}  # momentum has no effect on the output
    assert adapted.returns == returns
    assert_exact(adapted, params)
    assert np.array_equal(network.W1, PARAMS["W1"])
    assert not hasattr(network, "h")


GLOBALS = """
import numpy as np

W1, W2 = np.ones((3, 5)), np.ones((5, 2))
unused, lr = np.ones(3), 0.1

def forward(X):
    global h
    h = np.tanh(X @ W1)
    return h @ W2

def backward(X, y, out):
    global W1, W2
    d = out - y
    dW1 = X.T @ (d @ W2.T * (1 - h * h))
    W2 -= lr * h.T @ d
    W1 = W1 - lr * dW1
"""


def test_variables_of_a_module_are_parameters_and_stay_what_they_are() -> None:
    module = ModuleType("net")
    module.__file__ = "net.py"
    exec(compile(GLOBALS, "net.py", "exec"), vars(module))  # noqa: S102 (our own program)
    linecache.cache["net.py"] = (len(GLOBALS), None, GLOBALS.splitlines(keepends=True), "net.py")
    adapted, own = adapt_globals(module, "forward", "backward", X)
    assert set(own) == {"W1", "W2"}
    assert adapted.returns == "update"
    assert_exact(adapted, PARAMS)
    assert np.array_equal(module.W1, np.ones((3, 5)))
    assert np.array_equal(module.W2, np.ones((5, 2)))
    assert module.lr == 0.1
    assert not hasattr(module, "h")


def test_lists_of_arrays_are_parameters_too() -> None:
    class Deep:
        def __init__(self) -> None:
            self.weights = [PARAMS["W1"], PARAMS["W2"]]

        def forward(self, x: Any) -> Any:
            self.activations = [x]
            for w in self.weights:
                self.activations.append(np.tanh(self.activations[-1] @ w))
            return self.activations[-1]

        def backward(self, y: Any) -> Any:
            delta, grads = self.activations[-1] - y, [None, None]
            for i in (1, 0):
                delta = delta * (1 - self.activations[i + 1] ** 2)
                grads[i] = self.activations[i].T @ delta
                delta = delta @ self.weights[i].T
            return grads

    adapted, params = adapt_object(Deep(), "forward", "backward", X, roles={"y": "targets"})
    output, cache = adapted.forward(params, X)
    hand = adapted.backward(params, X, Y, output, cache)
    truth = grad(lambda p: half_sse(adapted.forward(p, X)[0], Y))(params)
    compare_gradients({"hand": hand, "automatic": truth}, "automatic").assert_close()


def test_a_layer_is_judged_by_the_gradient_from_above() -> None:
    def dense_forward(x: Any, w: Any, b: Any) -> Any:
        out = x @ w + b
        cache = (x, w)
        return out, cache

    def dense_backward(dout: Any, cache: Any) -> Any:
        x, w = cache
        return dout @ w.T, x.T @ dout, dout.sum(axis=0)

    adapted = adapt(dense_forward, dense_backward)
    assert adapted.layer
    assert adapted.parameters == ("x", "w", "b")
    params = {"x": X, "w": RNG.standard_normal((3, 2)), "b": np.zeros(2)}
    output, cache = adapted.forward(params, X)
    found = adapted.backward(params, X, Y, output, cache)
    assert np.allclose(found["x"], Y @ params["w"].T)
    assert np.allclose(found["w"], X.T @ Y)

    class Dense:
        def __init__(self) -> None:
            self.weights = params["w"]

        def forward(self, inputs: Any) -> Any:
            self.inputs = inputs
            return inputs @ self.weights

        def backward(self, dvalues: Any) -> None:
            self.dweights = self.inputs.T @ dvalues
            self.dinputs = dvalues @ self.weights.T

    adapted, own = adapt_object(Dense(), "forward", "backward", X)
    assert adapted.layer
    assert set(own) == {"weights", "inputs"}
    output, cache = adapted.forward(own, X)
    found = adapted.backward(own, X, Y, output, cache)
    assert np.allclose(found["inputs"], Y @ params["w"].T)
    assert np.allclose(found["weights"], X.T @ Y)


@pytest.mark.parametrize(
    "loss",
    [
        lambda output, targets: output - 2 * targets,
        lambda y_true, y_pred: y_pred - 2 * y_true,
        lambda t, z: z - 2 * t,
        lambda a, y_hat: y_hat - 2 * a,
        lambda a, b: a - 2 * b,
        lambda AL, Y: AL - 2 * Y,
        lambda y, t, eps=1e-9: y - 2 * t,  # two names of targets: the output comes first
    ],
)
def test_the_arguments_of_a_loss_are_told_by_name(loss: Any) -> None:
    assert adapt_loss(loss)(5.0, 2.0) == 1.0


def test_a_loss_may_take_params() -> None:
    loss = adapt_loss(lambda params, y_hat, y: (y_hat - y) * params["c"])
    assert loss(5.0, 2.0, {"c": 2.0}) == 6.0


def test_an_adapted_forward_pass_alone() -> None:
    output, cache = adapt_forward(forward)(PARAMS, X)
    assert output.shape == (7, 2)
    assert list(cache) == ["a1"]


def test_gradients_are_matched_however_they_are_called() -> None:
    names = ["dW1", "grad_b1", "W2_grad", "nabla_w3", "db", "dL_dV", "delta_u", "d_weights", "c"]
    assert gradients_by_name(names, ["W1", "b1", "W2", "w3", "b", "V", "u", "weights", "c"]) == {
        "W1": "dW1",
        "b1": "grad_b1",
        "W2": "W2_grad",
        "w3": "nabla_w3",
        "b": "db",
        "V": "dL_dV",
        "u": "delta_u",
        "weights": "d_weights",
        "c": "c",
    }
    assert gradients_by_name(["x", "y"], ["W"]) == {}


def test_what_is_returned_is_read_from_the_source() -> None:
    assert returned(forward) == ["a1", "a2"]
    assert returned(nameless_gradients) == ["#0", "#1"]
    assert returned(updates_in_place) == []
    assert returned(dict_of_gradients) == ["#0"]
    assert returned(calls_another) == ["dW2", "grad_W1"]
    assert returned(len) == []
    assert last_assigned(forward, ["a1", "a2"]) == "a2"


def takes_more(X: Any, W2: Any, a1: Any, a2: Any, t: Any, wurst: Any) -> Any:
    raise NotImplementedError


def returns_others(X: Any, t: Any, a2: Any) -> Any:
    p, q, r = X, t, a2
    return p, q, r


def two_targets(t: Any, target: Any) -> Any:
    return t, target


@pytest.mark.parametrize(
    ("backward", "roles", "sentence"),
    [
        (takes_more, {}, r"takes_more: its argument 'wurst' is neither .* --role wurst=ROLE"),
        (two_targets, {}, "t and target could each be the targets"),
        (tuple_of_gradients, {"t": "sausage"}, "t=sausage: the roles are targets, lr"),
    ],
)
def test_what_does_not_match_is_one_sentence(backward: Any, roles: Any, sentence: str) -> None:
    with pytest.raises(DiagnosisInputError, match=sentence):
        adapt(forward, backward, roles=roles)


def test_gradients_of_unknown_names_are_one_sentence() -> None:
    adapted = adapt(forward, returns_others)
    output, cache = adapted.forward(PARAMS, X)
    with pytest.raises(DiagnosisInputError, match="returned p, q, r, which match none of the"):
        adapted.backward(PARAMS, X, Y, output, cache)


def test_roles_that_names_do_not_tell_can_be_given() -> None:
    def backward(X: Any, W2: Any, a1: Any, a2: Any, wanted: Any) -> Any:
        return tuple_of_gradients(X, W2, a1, a2, wanted)

    with pytest.raises(DiagnosisInputError, match="--role wanted=ROLE"):
        adapt(forward, backward)
    assert_exact(
        adapt(forward, backward, roles={"wanted": "targets"}), dict(reversed(PARAMS.items()))
    )


def test_an_object_without_parameters_is_one_sentence() -> None:
    with pytest.raises(DiagnosisInputError, match="Silent has no float arrays that have an effect"):
        adapt_object(Silent(), "forward", "backward", X)


class Silent:
    def forward(self, x: Any) -> Any:
        return x

    def backward(self, y: Any) -> None:
        pass
