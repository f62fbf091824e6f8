"""Hand-written backward passes, right as they stand, and mistakes to make in them.

Each program defines forward, backward, loss, and `problem(rng)`, which makes the arguments.
"""

import linecache
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

PROGRAMS = {
    "sigmoid": """
import numpy as np
def s(x):
    return 1 / (1 + np.exp(-x))
def ds(x):
    return s(x) * (1 - s(x))
def forward(p, x):
    z1 = x @ p["W1"] + p["b1"]
    a1 = s(z1)
    z2 = a1 @ p["W2"] + p["b2"]
    a2 = s(z2)
    return a2, (z1, a1, z2, a2)
def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)
def backward(p, x, y, out, cache):
    z1, a1, z2, a2 = cache
    e2 = a2 - y
    d2 = e2 * ds(z2)
    e1 = d2 @ p["W2"].T
    d1 = e1 * ds(z1)
    dW2 = a1.T @ d2
    db2 = d2.sum(axis=0)
    dW1 = x.T @ d1
    db1 = d1.sum(axis=0)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
def problem(rng):
    p = {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4),
         "W2": rng.normal(size=(4, 2)), "b2": rng.normal(size=2)}
    return p, rng.normal(size=(5, 3)), rng.random((5, 2))
""",
    "softmax": """
import numpy as np
def forward(params, X):
    Z1 = X.dot(params["W1"]) + params["b1"]
    A1 = np.maximum(0, Z1)
    scores = A1.dot(params["W2"]) + params["b2"]
    shifted = scores - scores.max(axis=1, keepdims=True)
    P = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    return P, {"Z1": Z1, "A1": A1, "P": P}
def loss(P, y, params):
    n = P.shape[0]
    data = -np.log(P[np.arange(n), y]).mean()
    return data + 0.5 * 0.1 * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
def backward(params, X, y, P, cache):
    reg = 0.1
    n = X.shape[0]
    grads = {}
    dscores = P.copy()
    dscores[np.arange(n), y] -= 1
    dscores /= n
    grads["W2"] = cache["A1"].T.dot(dscores) + reg * params["W2"]
    grads["b2"] = np.sum(dscores, axis=0)
    dhidden = dscores.dot(params["W2"].T)
    dhidden[cache["A1"] <= 0] = 0
    grads["W1"] = X.T.dot(dhidden) + reg * params["W1"]
    grads["b1"] = np.sum(dhidden, axis=0)
    return grads
def problem(rng):
    p = {"W1": rng.normal(size=(4, 6)), "b1": rng.normal(size=6) * 0.1,
         "W2": rng.normal(size=(6, 3)), "b2": rng.normal(size=3) * 0.1}
    return p, rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
""",
    "columns": """
import numpy as np
def forward(parameters, X):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
def loss(A2, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
def backward(parameters, X, Y, A2, cache):
    m = X.shape[1]
    W2 = parameters["W2"]
    A1 = cache["A1"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
def problem(rng):
    p = {"W1": rng.normal(size=(4, 4)), "b1": rng.normal(size=(4, 1)),
         "W2": rng.normal(size=(1, 4)), "b2": rng.normal(size=(1, 1))}
    return p, rng.normal(size=(4, 6)), rng.integers(0, 2, (1, 6)).astype(float)
""",
    "update": """
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def forward(net, x):
    h = sigmoid(x @ net["w1"] + net["b1"])
    o = sigmoid(h @ net["w2"] + net["b2"])
    return o, h
def loss(o, y):
    return np.sum((y - o) ** 2) / 2
def backward(net, x, y, o, h, lr):
    delta_o = (y - o) * o * (1 - o)
    delta_h = delta_o @ net["w2"].T * h * (1 - h)
    net["w2"] += lr * h.T @ delta_o
    net["b2"] += lr * delta_o.sum(axis=0)
    net["w1"] += lr * x.T @ delta_h
    net["b1"] += lr * delta_h.sum(axis=0)
def problem(rng):
    p = {"w1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3),
         "w2": rng.normal(size=(3, 2)), "b2": rng.normal(size=2)}
    return p, rng.normal(size=(4, 2)), rng.random((4, 2))
""",
    "layers": """
import numpy as np
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        dx = dout @ self.W.T
        return dx
class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out
    def backward(self, dout):
        dx = dout * (1 - self.out ** 2)
        return dx
def forward(params, x):
    layers = [Linear(params["W1"], params["b1"]), Tanh(),
              Linear(params["W2"], params["b2"]), Tanh(), Linear(params["W3"], params["b3"])]
    for layer in layers:
        x = layer.forward(x)
    return x, layers
def loss(out, y):
    return np.mean((out - y) ** 2)
def backward(params, x, y, out, layers):
    dout = 2 * (out - y) / out.size
    for layer in reversed(layers):
        dout = layer.backward(dout)
    first, _, second, _, third = layers
    return {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db,
            "W3": third.dW, "b3": third.db}
def problem(rng):
    p = {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4),
         "W2": rng.normal(size=(4, 5)), "b2": rng.normal(size=5),
         "W3": rng.normal(size=(5, 2)), "b3": rng.normal(size=2)}
    return p, rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
""",
    "samples": """
import numpy as np
def forward(params, X):
    hidden, outputs = [], []
    for x in X:
        h = np.tanh(params["W1"].dot(x) + params["b1"])
        hidden.append(h)
        outputs.append(params["W2"].dot(h) + params["b2"])
    return np.array(outputs), np.array(hidden)
def loss(out, y):
    return ((out - y) ** 2).sum() / (2 * len(y))
def backward(params, X, Y, out, hidden):
    dW1 = np.zeros_like(params["W1"])
    db1 = np.zeros_like(params["b1"])
    dW2 = np.zeros_like(params["W2"])
    db2 = np.zeros_like(params["b2"])
    for i in range(len(X)):
        d2 = (out[i] - Y[i]) / len(X)
        dW2 += np.outer(d2, hidden[i])
        db2 += d2
        d1 = params["W2"].T.dot(d2) * (1 - hidden[i] ** 2)
        dW1 += np.outer(d1, X[i])
        db1 += d1
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
def problem(rng):
    p = {"W1": rng.normal(size=(4, 3)), "b1": rng.normal(size=4),
         "W2": rng.normal(size=(2, 4)), "b2": rng.normal(size=2)}
    return p, rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
""",
    "recurrent": """
import numpy as np
def forward(params, xs):
    T = len(xs)
    hs = np.zeros((T + 1, params["Wh"].shape[0]))
    ys = np.zeros((T, params["Wy"].shape[1]))
    for t in range(T):
        hs[t] = np.tanh(xs[t] @ params["Wx"] + hs[t - 1] @ params["Wh"] + params["b"])
        ys[t] = hs[t] @ params["Wy"]
    return ys, hs
def loss(ys, targets):
    return 0.5 * np.sum((ys - targets) ** 2)
def backward(params, xs, targets, ys, hs):
    dWx, dWh = np.zeros_like(params["Wx"]), np.zeros_like(params["Wh"])
    db, dWy = np.zeros_like(params["b"]), np.zeros_like(params["Wy"])
    dh_next = np.zeros(params["Wh"].shape[0])
    for t in reversed(range(len(xs))):
        dy = ys[t] - targets[t]
        dWy += np.outer(hs[t], dy)
        dh = params["Wy"] @ dy + dh_next
        draw = dh * (1 - hs[t] ** 2)
        db += draw
        dWx += np.outer(xs[t], draw)
        dWh += np.outer(hs[t - 1], draw)
        dh_next = params["Wh"] @ draw
    return {"Wx": dWx, "Wh": dWh, "b": db, "Wy": dWy}
def problem(rng):
    p = {"Wx": rng.normal(size=(3, 4)), "Wh": rng.normal(size=(4, 4)) * 0.5,
         "b": rng.normal(size=4), "Wy": rng.normal(size=(4, 2))}
    return p, rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
""",
    "batch norm": """
import numpy as np
def forward(params, x):
    z = x @ params["W"]
    mu = z.mean(axis=0)
    var = z.var(axis=0)
    istd = 1 / np.sqrt(var + 1e-5)
    zhat = (z - mu) * istd
    out = params["gamma"] * zhat + params["beta"]
    a = np.maximum(out, 0)
    return a, (x, z, mu, istd, zhat, out)
def loss(a, y):
    return 0.5 * np.sum((a - y) ** 2)
def backward(params, x, y, a, cache):
    x, z, mu, istd, zhat, out = cache
    N = x.shape[0]
    da = a - y
    dout = da * (out > 0)
    dgamma = np.sum(dout * zhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dzhat = dout * params["gamma"]
    dvar = np.sum(dzhat * (z - mu) * -0.5 * istd ** 3, axis=0)
    dmu = np.sum(dzhat * -istd, axis=0) + dvar * np.mean(-2 * (z - mu), axis=0)
    dz = dzhat * istd + dvar * 2 * (z - mu) / N + dmu / N
    dW = x.T @ dz
    return {"W": dW, "gamma": dgamma, "beta": dbeta}
def problem(rng):
    p = {"W": rng.normal(size=(3, 4)), "gamma": rng.normal(size=4), "beta": rng.normal(size=4)}
    return p, rng.normal(size=(7, 3)), rng.normal(size=(7, 4))
""",
    "dropout": """
import numpy as np
def forward(params, inputs):
    x, mask = inputs
    z = x @ params["W1"]
    h = np.maximum(z, 0)
    dropped = h * mask / 0.5
    out = dropped @ params["W2"]
    return out, (z, h, dropped)
def loss(out, y):
    return np.mean(np.sum((out - y) ** 2, axis=1))
def backward(params, inputs, y, out, cache):
    x, mask = inputs
    z, h, dropped = cache
    dout = 2 * (out - y) / len(y)
    dW2 = dropped.T @ dout
    ddropped = dout @ params["W2"].T
    dh = ddropped * mask / 0.5
    dz = dh * (z > 0)
    dW1 = x.T @ dz
    return {"W1": dW1, "W2": dW2}
def problem(rng):
    p = {"W1": rng.normal(size=(3, 5)), "W2": rng.normal(size=(5, 2))}
    x, mask = rng.normal(size=(6, 3)), (rng.random((6, 5)) < 0.5).astype(float)
    return p, (x, mask), rng.normal(size=(6, 2))
""",
    "embedding": """
import numpy as np
def forward(params, tokens):
    e = params["E"][tokens]
    h = e.sum(axis=1)
    a = np.tanh(h)
    out = a @ params["W"]
    skip = out + h @ params["S"]
    return skip, (h, a)
def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)
def backward(params, tokens, y, out, cache):
    h, a = cache
    dout = out - y
    dW = a.T @ dout
    dS = h.T @ dout
    da = dout @ params["W"].T
    dh = da * (1 - a ** 2)
    dh += dout @ params["S"].T
    dE = np.zeros_like(params["E"])
    for j in range(tokens.shape[1]):
        np.add.at(dE, tokens[:, j], dh)
    return {"E": dE, "W": dW, "S": dS}
def problem(rng):
    p = {"E": rng.normal(size=(6, 4)), "W": rng.normal(size=(4, 2)), "S": rng.normal(size=(4, 2))}
    return p, rng.integers(0, 6, (5, 3)), rng.normal(size=(5, 2))
""",
    "attention": """
import numpy as np
def forward(params, x):
    q = x @ params["Wq"]
    k = x @ params["Wk"]
    v = x @ params["Wv"]
    scores = q @ k.T
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    A = e / e.sum(axis=1, keepdims=True)
    return A @ v, (q, k, v, A)
def loss(out, y):
    return 0.5 * np.sum((out - y) ** 2)
def backward(params, x, y, out, cache):
    q, k, v, A = cache
    dout = out - y
    dv = A.T @ dout
    dA = dout @ v.T
    dscores = A * (dA - np.sum(dA * A, axis=1, keepdims=True))
    dq = dscores @ k
    dk = dscores.T @ q
    return {"Wq": x.T @ dq, "Wk": x.T @ dk, "Wv": x.T @ dv}
def problem(rng):
    p = {n: rng.normal(size=(3, 4)) * 0.5 for n in ("Wq", "Wk", "Wv")}
    return p, rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
""",
}

# program, the right line, the wrong one, the mistake that it is
MISTAKES = [
    ("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2 * ds(a2)", "double-derivative"),
    ("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1 * ds(a1)", "double-derivative"),
    ("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1 * (s(a1) * (1 - s(a1)))", "double-derivative"),
    ("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1", "missing-derivative"),
    ("sigmoid", "d2 = e2 * ds(z2)", "d2 = e2", "missing-derivative"),
    ("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1 * (1 - a1 ** 2)", "wrong-derivative"),
    ("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1 * z1 * (1 - z1)", "wrong-derivative"),
    ("sigmoid", "d1 = e1 * ds(z1)", "d1 = e1 * (z1 > 0)", "wrong-derivative"),
    ("sigmoid", "return s(x) * (1 - s(x))", "return s(x) * (1 + s(x))", "wrong-derivative"),
    ("sigmoid", "db1 = d1.sum(axis=0)", "db1 = d1.sum()", "bias-reduction"),
    ("sigmoid", "db1 = d1.sum(axis=0)", "db1 = d1.mean(axis=0)", "bias-reduction"),
    ("sigmoid", "db1 = d1.sum(axis=0)", "db1 = d1", "bias-reduction"),
    ("sigmoid", "db1 = d1.sum(axis=0)", "db1 = d1[0]", "bias-reduction"),
    ("sigmoid", "db1 = d1.sum(axis=0)", "db1 = e1.sum(axis=0)", "bias-reduction"),
    ("sigmoid", "dW2 = a1.T @ d2", "dW2 = z1.T @ d2", "wrong-operand"),
    ("sigmoid", "dW2 = a1.T @ d2", "dW2 = s(a1).T @ d2", "wrong-operand"),
    ("sigmoid", "dW2 = a1.T @ d2", "dW2 = a1.T @ e2", "wrong-operand"),
    ("sigmoid", 'e1 = d2 @ p["W2"].T', 'e1 = e2 @ p["W2"].T', "wrong-operand"),
    ("sigmoid", "e2 = a2 - y", "e2 = -(a2 - y)", "constant"),
    ("softmax", "dscores /= n", "dscores /= 1", "constant"),
    ("softmax", '+ reg * params["W2"]', "", "regularisation"),
    ("softmax", '+ reg * params["W2"]', '+ 2 * reg * params["W2"]', "regularisation"),
    ("softmax", '+ reg * params["W1"]', '- reg * params["W1"]', "regularisation"),
    ("softmax", 'dhidden[cache["A1"] <= 0] = 0', "dhidden[dhidden <= 0] = 0", "mask"),
    ("columns", "dA1 = np.dot(W2.T, dZ2)", "dA1 = np.dot(W2.T, A2)", "wrong-operand"),
    (
        "columns",
        "dZ1 = dA1 * (1 - np.power(A1, 2))",
        "dZ1 = dA1 * (1 - np.tanh(A1) ** 2)",
        "double-derivative",
    ),
    (
        "columns",
        "dZ1 = dA1 * (1 - np.power(A1, 2))",
        "dZ1 = dA1 * A1 * (1 - A1)",
        "wrong-derivative",
    ),
    ("columns", "dZ2 = A2 - Y", "dZ2 = (A2 - Y) * A2 * (1 - A2)", "loss-mismatch"),
    (
        "columns",
        "db1 = np.sum(dZ1, axis=1, keepdims=True) / m",
        "db1 = np.sum(dZ1) / m",
        "bias-reduction",
    ),
    ("columns", "dW1 = np.dot(dZ1, X.T) / m", "dW1 = np.dot(dZ1, X.T)", "constant"),
    (
        "update",
        'delta_h = delta_o @ net["w2"].T * h * (1 - h)\n    net["w2"] += lr * h.T @ delta_o',
        'net["w2"] += lr * h.T @ delta_o\n    delta_h = delta_o @ net["w2"].T * h * (1 - h)',
        "stale-weights",
    ),
    ("layers", "dx = dout * (1 - self.out ** 2)", "dx = dout * (1 - self.out)", "wrong-derivative"),
    (
        "layers",
        "dx = dout * (1 - self.out ** 2)",
        "dx = dout * (1 - np.tanh(self.out) ** 2)",
        "double-derivative",
    ),
    ("layers", "dx = dout * (1 - self.out ** 2)", "dx = 1 - self.out ** 2", "upstream-dropped"),
    (
        "layers",
        "self.db = dout.sum(axis=0)",
        "self.db = dout.sum(axis=0) / len(dout)",
        "bias-reduction",
    ),
    ("samples", "dW2 += np.outer(d2, hidden[i])", "dW2 = np.outer(d2, hidden[i])", "overwrite"),
    ("samples", "db1 += d1", "db1 = d1", "overwrite"),
    ("samples", "* (1 - hidden[i] ** 2)", "* (1 - hidden[i])", "wrong-derivative"),
    ("samples", "* (1 - hidden[i] ** 2)", "", "missing-derivative"),
    ("recurrent", 'dh = params["Wy"] @ dy + dh_next', 'dh = params["Wy"] @ dy', "recurrent-term"),
    ("recurrent", 'dh_next = params["Wh"] @ draw', 'dh_next = params["Wh"].T @ draw', "transpose"),
    ("recurrent", 'dh_next = params["Wh"] @ draw', 'dh_next = params["Wh"] @ dh', "wrong-operand"),
    (
        "recurrent",
        "dWh += np.outer(hs[t - 1], draw)",
        "dWh += np.outer(hs[t], draw)",
        "wrong-operand",
    ),
    (
        "recurrent",
        "draw = dh * (1 - hs[t] ** 2)",
        "draw = dh * (1 - np.tanh(hs[t]) ** 2)",
        "double-derivative",
    ),
    (
        "batch norm",
        "dz = dzhat * istd + dvar * 2 * (z - mu) / N + dmu / N",
        "dz = dzhat * istd + dmu / N",
        "batch-norm-term",
    ),
    (
        "batch norm",
        "dz = dzhat * istd + dvar * 2 * (z - mu) / N + dmu / N",
        "dz = dzhat * istd + dvar * 2 * (z - mu) / N",
        "batch-norm-term",
    ),
    ("batch norm", 'dzhat = dout * params["gamma"]', "dzhat = dout", "upstream-dropped"),
    (
        "batch norm",
        "dgamma = np.sum(dout * zhat, axis=0)",
        "dgamma = np.sum(dout * z, axis=0)",
        "wrong-operand",
    ),
    ("batch norm", "dout = da * (out > 0)", "dout = da * (zhat > 0)", "mask"),
    ("dropout", "dh = ddropped * mask / 0.5", "dh = ddropped", "mask"),
    ("dropout", "dh = ddropped * mask / 0.5", "dh = ddropped * mask", "mask"),
    ("dropout", "dW2 = dropped.T @ dout", "dW2 = h.T @ dout", "mask"),
    ("dropout", "dz = dh * (z > 0)", "dz = dh * (dropped > 0) * mask / 0.5", "mask"),
    ("embedding", 'dh += dout @ params["S"].T', 'dh = dout @ params["S"].T', "overwrite"),
    ("embedding", "np.add.at(dE, tokens[:, j], dh)", "dE[tokens[:, j]] += dh", "overwrite"),
    (
        "attention",
        "dscores = A * (dA - np.sum(dA * A, axis=1, keepdims=True))",
        "dscores = dA * A * (1 - A)",
        "softmax-jacobian",
    ),
    (
        "attention",
        "dscores = A * (dA - np.sum(dA * A, axis=1, keepdims=True))",
        "dscores = A * (dA - np.sum(dA * A, axis=0, keepdims=True))",
        "softmax-jacobian",
    ),
    ("attention", "dk = dscores.T @ q", "dk = dscores @ q", "transpose"),
    ("attention", "dv = A.T @ dout", "dv = A @ dout", "transpose"),
]


@dataclass(frozen=True)
class Program:
    """A program, run from a file that only `linecache` knows."""

    namespace: SimpleNamespace
    text: str

    def line(self, part: str) -> int:
        return next(i for i, line in enumerate(self.text.split("\n"), 1) if part in line)

    def arguments(self, seed: int = 0) -> tuple[Any, ...]:
        n = self.namespace
        return (n.forward, n.backward, n.loss, *n.problem(np.random.default_rng(seed)))


def load(text: str, name: str) -> Program:
    file = f"<{name}>"
    linecache.cache[file] = (len(text), None, [line + "\n" for line in text.split("\n")], file)
    names: dict[str, Any] = {"__name__": "backward_pass"}
    exec(compile(text, file, "exec"), names)  # noqa: S102 (it is ours)
    return Program(SimpleNamespace(**names), text)


@cache
def program(name: str, right: str = "", wrong: str = "") -> Program:
    text = PROGRAMS[name]
    assert right in text
    return load(text.replace(right, wrong) if right else text, f"{name} {wrong}")
