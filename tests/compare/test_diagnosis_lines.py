"""The line that is named is the one that makes the first wrong value, in code of many kinds."""

from typing import Any

import pytest

from autograd_nn.compare.diagnosis import Diagnosis, diagnose
from backward_passes import load, program

NORMALISED = """
import numpy as np
L2 = 0.3
def softplus(x):
    return np.log(1 + np.exp(x))
def d_softplus(x):
    return 1 / (1 + np.exp(-x))
def normalise(x):
    centred = x - x.mean(axis=0)
    scale = np.sqrt((centred ** 2).mean(axis=0) + 1e-3)
    return centred / scale, scale
def forward(p, x):
    n, scale = normalise(x @ p["W1"])
    u = n @ p["W2"] + p["b"]
    v = softplus(u)
    return v @ p["W3"], (n, scale, u, v)
def loss(out, y, p):
    penalty = sum(np.sum(p[name] ** 2) for name in p if name != "b")
    return 0.5 * np.sum((out - y) ** 2) + 0.5 * L2 * penalty
def backward(p, x, y, out, cache):
    n, scale, u, v = cache
    dout = out - y
    dv = dout @ p["W3"].T
    du = dv * d_softplus(u)
    dn = du @ p["W2"].T
    dz = (dn - dn.mean(axis=0) - n * (dn * n).mean(axis=0)) / scale
    grads = {"W1": x.T @ dz, "W2": n.T @ du, "b": du.sum(axis=0), "W3": v.T @ dout}
    for name in ("W1", "W2", "W3"):
        grads[name] = grads[name] + L2 * p[name]
    return grads
def problem(rng):
    p = {"W1": rng.normal(size=(3, 4)), "W2": rng.normal(size=(4, 5)),
         "b": rng.normal(size=5), "W3": rng.normal(size=(5, 2))}
    return p, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
"""
LEAKY = """
import numpy as np
LEAK = 0.3
def forward(p, xs):
    h, hs = np.zeros((xs.shape[1], 4)), []
    for x in xs:
        hs.append(h)
        h = (1 - LEAK) * h + LEAK * np.tanh(x @ p["W"] + h @ p["U"])
    return h @ p["V"], (h, hs)
def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)
def backward(p, xs, y, out, cache):
    h, hs = cache
    dout = out - y
    grads = {name: np.zeros_like(value) for name, value in p.items()}
    grads["V"] += h.T @ dout
    dh = dout @ p["V"].T
    for t in reversed(range(len(xs))):
        a = np.tanh(xs[t] @ p["W"] + hs[t] @ p["U"])
        dz = LEAK * dh * (1 - a ** 2)
        grads["W"] += xs[t].T @ dz
        grads["U"] += hs[t].T @ dz
        dh = dz @ p["U"].T + (1 - LEAK) * dh
    return grads
def problem(rng):
    p = {"W": rng.normal(size=(3, 4)), "U": rng.normal(size=(4, 4)), "V": rng.normal(size=(4, 2))}
    return p, rng.normal(size=(5, 7, 3)), rng.normal(size=(7, 2))
"""
DEEP = """
import numpy as np
def forward(p, x):
    a = np.tanh(x @ p["A"])
    z = a @ p["B"]
    windows = np.where(z > 0, z, 0.2 * z).reshape(len(x), -1, 2)
    h = windows.max(axis=2)
    return h @ p["C"], (a, z, windows, h)
def loss(out, y):
    return np.sum(np.log(np.cosh(out - y)))
def backward(p, x, y, out, cache):
    a, z, windows, h = cache
    dout = np.tanh(out - y)
    dh = dout @ p["C"].T
    mask = windows == windows.max(axis=2, keepdims=True)
    dr = (mask * dh[:, :, None]).reshape(z.shape)
    dz = np.where(z > 0, dr, 0.2 * dr)
    da = dz @ p["B"].T * (1 - a ** 2)
    return {"A": x.T @ da, "B": a.T @ dz, "C": h.T @ dout}
def problem(rng):
    p = {"A": rng.normal(size=(3, 5)), "B": rng.normal(size=(5, 4)), "C": rng.normal(size=(2, 2))}
    return p, rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
"""
LOGISTIC = """
import numpy as np
def forward(p, x):
    return 1 / (1 + np.exp(-(x @ p["w"] + p["b"]))), None
def loss(out, y):
    return -np.mean(y * np.log(out) + (1 - y) * np.log(1 - out))
def backward(p, x, y, out, cache):
    dz = (out - y) / len(y)
    return {"w": x.T @ dz, "b": dz.sum()}
def problem(rng):
    p = {"w": rng.normal(size=3), "b": np.array(0.5)}
    return p, rng.normal(size=(7, 3)), np.array([0, 1, 1, 0, 1, 0, 0])
"""
DZ = "dz = (dn - dn.mean(axis=0) - n * (dn * n).mean(axis=0)) / scale"
MISTAKES = [  # program, what is right, what is written, what the guilty line has in it, mistake
    (NORMALISED, "np.exp(-x)", "np.exp(x)", "1 / (1 + np.exp(x))", "wrong-derivative"),
    (NORMALISED, DZ, "dz = dn / scale", "dz = ", "batch-norm-term"),
    (NORMALISED, "dn - dn.mean(axis=0) - n", "dn - n", "dz = ", "batch-norm-term"),
    (NORMALISED, '("W1", "W2", "W3")', "grads", "L2 * p[name]", "regularisation"),
    (NORMALISED, "dout = out - y", "dout = y", "dout = ", "loss-mismatch"),
    (LEAKY, " + (1 - LEAK) * dh", "", 'dh = dz @ p["U"].T', "recurrent-term"),
    (LEAKY, " * (1 - a ** 2)", "", "dz = ", "missing-derivative"),
    (DEEP, "windows.max(axis=2, keepdims=True)", "windows.max()", "mask = ", "mask"),
    (DEEP, "dr, 0.2 * dr", "dr, 0", "dz = np.where", "wrong-derivative"),
    (DEEP, "mask * dh[:, :, None]", "mask * np.ones(dh.shape)[:, :, None]", "dr = ", None),
    (DEEP, ".T * (1 - a ** 2)", ".T", "da = ", "missing-derivative"),
    (LOGISTIC, "(out - y) / len(y)", "out - y", "dz = ", "constant"),  # targets are no mask
]


def judged(text: str, name: str) -> Diagnosis:
    return diagnose(*load(text, name).arguments())


@pytest.mark.parametrize("text", [NORMALISED, LEAKY, DEEP, LOGISTIC])
def test_they_are_right_as_they_stand(text: str) -> None:
    assert judged(text, "right").verdict.value == "exact"


@pytest.mark.parametrize(("text", "right", "wrong", "guilty", "mistake"), MISTAKES)
def test_the_first_wrong_line_is_named(
    text: str, right: str, wrong: str, guilty: str, mistake: Any
) -> None:
    assert text.count(right) == 1
    (blame,) = judged(text.replace(right, wrong), wrong).blame
    assert guilty in blame.code
    assert blame.verified
    assert mistake in {None, blame.mistake}


def test_a_loss_whose_derivative_has_no_edit_is_named() -> None:
    text = DEEP.replace("np.tanh(out - y)", "out - y")
    (blame,) = judged(text, "squared error").blame
    assert blame.variable == "dout"
    assert blame.mistake == "loss-mismatch"
    assert not blame.verified


def test_an_argument_that_is_returned_can_be_guilty() -> None:
    written = "dx = dout * (1 - self.out ** 2)\n        return dx"
    (blame,) = diagnose(*program("layers", written, "return dout").arguments()).blame
    assert blame.code == "return dout"
    assert blame.mistake == "missing-derivative"
    assert blame.verified


def test_what_is_made_to_be_an_argument_can_be_guilty() -> None:
    text = program("layers").text.replace(
        "dout = 2 * (out - y) / out.size\n    for layer in reversed(layers):",
        "dout = layers[-1].backward(2 * out / out.size)\n    for layer in reversed(layers[:-1]):",
    )
    (blame,) = judged(text, "argument").blame
    assert blame.code == "dout = layers[-1].backward(2 * out / out.size)"
