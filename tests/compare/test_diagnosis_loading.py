"""Programs and tutorials are run as they stand, and lines keep their numbers."""

import inspect
import traceback
from pathlib import Path

import numpy as np
import pytest

from autograd_nn.compare import DiagnosisVerdict, diagnose
from autograd_nn.compare.diagnosis.data import completed
from autograd_nn.compare.diagnosis.loading import load
from autograd_nn.compare.diagnosis.subject import subject_of
from autograd_nn.errors import DiagnosisInputError

TUTORIAL = """\
# A tutorial

```python
import numpy as np
```

Then:

```bash
rm -rf nothing
```

* in a list:

  ```python title="f.py"
  def f(x):
      return 1 / x
  ```

~~~py
g = f(2.0)
~~~
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["tutorial.md", "tutorial.txt", "tutorial.markdown"])
def test_blocks_are_joined_and_lines_keep_their_numbers(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, TUTORIAL)
    program = load(path)
    f = program.names["f"]
    assert program.names["g"] == 0.5
    assert f.__code__.co_firstlineno == 16
    assert inspect.getsource(f) == "def f(x):\n    return 1 / x\n"
    with pytest.raises(ZeroDivisionError) as failure:
        f(0)
    last = traceback.extract_tb(failure.value.__traceback__)[-1]
    assert (last.filename, last.lineno, last.line) == (str(path), 17, "return 1 / x")


def test_blocks_without_a_mark_are_taken_if_none_has_one(tmp_path: Path) -> None:
    assert load(write(tmp_path, "a.md", "```\nx = 1\n```\n")).names["x"] == 1
    mixed = "```\nnot python\n```\n```python\nx = 2\n```\n"
    assert load(write(tmp_path, "b.md", mixed)).names["x"] == 2


def test_a_program_is_not_the_main_one_and_repeats(tmp_path: Path) -> None:
    text = "import numpy as np\nx = np.random.randn()\nif __name__ == '__main__':\n    x = None\n"
    path = write(tmp_path, "a.py", text)
    assert load(path, seed=3).names["x"] == load(path, seed=3).names["x"]
    assert load(path, seed=3).names["x"] != load(path, seed=4).names["x"]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.py", "x = (\n", r"a.py, line 1, does not parse: '\(' was never closed"),
        ("a.md", "text\n\n```python\nx = = 1\n```\n", "a.md, line 4, does not parse: invalid"),
        ("a.py", "\nimport no_such_library\n", "a.py, line 2, needs no_such_library, which is not"),
        ("a.py", "def f():\n    return 1 / 0\nf()\n", "a.py, line 2, failed when .* ZeroDivision"),
        ("a.py", "import sys\nsys.exit(1)\n", "a.py, line 2, failed when .* SystemExit: 1"),
        ("a.md", "no code\n", "a.md has no fenced code block"),
        ("a.md", "```js\nx\n```\n", "a.md has no code block marked as Python, only js"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    with pytest.raises(DiagnosisInputError, match=sentence) as failure:
        load(write(tmp_path, name, text))
    assert "\n" not in str(failure.value)


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DiagnosisInputError, match="cannot be read: No such file"):
        load(tmp_path / "none.py")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(DiagnosisInputError, match="is not text in UTF-8"):
        load(tmp_path / "bytes.py")


SOFTMAX = """\
import numpy as np

def init_params(n_in, n_hidden, n_out):
    return np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, n_out)

def forward(x, W1, W2):
    h = np.tanh(x @ W1)
    e = np.exp(h @ W2)
    p = e / e.sum(axis=1, keepdims=True)
    return h, p

def backward(x, W2, h, p, t):
    d = (p - t) / len(x)
    return x.T @ (d @ W2.T * (1 - h * h)), h.T @ d
"""


def test_parameters_inputs_and_targets_are_drawn_to_fit(tmp_path: Path) -> None:
    subject = subject_of(load(write(tmp_path, "a.py", SOFTMAX)))
    assert {name: value.shape for name, value in subject.params.items()} == {
        "W1": (3, 5),
        "W2": (5, 2),
    }
    assert subject.inputs.shape == (7, 3)
    assert subject.targets.shape == (7, 2)
    assert set(np.unique(subject.targets)) == {0.0, 1.0}  # one-hot, as the outputs sum to 1
    assert subject.targets.sum() == 7


def test_without_a_loss_the_one_that_fits_is_assumed_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, "a.py", SOFTMAX)
    assert "--loss mean-cross-entropy was assumed" in subject_of(load(path)).notes[-1]
    wrong_below = SOFTMAX.replace("(1 - h * h)", "(1 - h)")  # W2 still tells
    path = write(tmp_path, "b.py", wrong_below)
    assert "--loss mean-cross-entropy was assumed" in subject_of(load(path)).notes[-1]
    wrong = SOFTMAX.replace("(p - t)", "(p + t)")
    path = write(tmp_path, "c.py", wrong)
    assert "--loss half-sse was assumed" in subject_of(load(path)).notes[-1]
    assert subject_of(load(path), loss="bce").notes == subject_of(load(path)).notes[:-1]


def test_the_files_own_variables_are_preferred(tmp_path: Path) -> None:
    own = "W1, W2 = np.ones((2, 4)), np.ones((4, 3))\nX, y = np.eye(2), np.eye(2, 3)\n"
    subject = subject_of(load(write(tmp_path, "a.py", SOFTMAX + own)))
    assert subject.params["W1"].shape == (2, 4)
    assert np.array_equal(subject.inputs, np.eye(2))
    assert np.array_equal(subject.targets, np.eye(2, 3))
    made = "def make_problem(rng):\n    return {'W1': 1, 'W2': 2}, 3.0, 4.0\n"
    single = SOFTMAX.replace("e.sum(axis=1, keepdims=True)", "e").replace("@", "*")
    subject = subject_of(load(write(tmp_path, "b.py", single + own + made)), loss="sse")
    assert (subject.params, subject.inputs, subject.targets) == ({"W1": 1, "W2": 2}, 3.0, 4.0)


def test_targets_are_drawn_like_the_output() -> None:
    rng = np.random.default_rng(0)
    output = np.full((3, 4), 0.25)
    assert np.array_equal(completed(None, output, rng, layer=False).sum(axis=1), np.ones(3))
    columns = np.full((2, 5), 0.5)
    assert np.array_equal(completed(None, columns, rng, layer=False).sum(axis=0), np.ones(5))
    assert completed(None, np.ones((3, 1)), rng, layer=False).max() < 1


ONE_AT_A_TIME = """\
import numpy as np

class Net:
    def __init__(self, sizes):
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) for m, n in zip(sizes, sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = np.tanh(w @ a + b)
        return a

    def backprop(self, x, y):
        activations = [x]
        for b, w in zip(self.biases, self.weights):
            activations.append(np.tanh(w @ activations[-1] + b))
        nabla_b, nabla_w = [], []
        delta = activations[-1] - y
        for w, a, below in zip(self.weights[::-1], activations[::-1], activations[-2::-1]):
            delta = delta * (1 - a ** 2)
            nabla_b.insert(0, delta)
            nabla_w.insert(0, delta @ below.T)
            delta = w.T @ delta
        return nabla_b, nabla_w
"""


def test_code_for_one_sample_at_a_time_gets_one(tmp_path: Path) -> None:
    subject = subject_of(load(write(tmp_path, "a.py", ONE_AT_A_TIME)))
    assert subject.inputs.shape == (3, 1)
    assert diagnose(**subject.arguments()).verdict is DiagnosisVerdict.EXACT


def test_a_problem_may_be_made_for_an_object_too(tmp_path: Path) -> None:
    made = "def make_problem(rng):\n    return None, np.ones((3, 1)), np.zeros((2, 1))\n"
    subject = subject_of(load(write(tmp_path, "a.py", ONE_AT_A_TIME + made)))
    assert np.array_equal(subject.inputs, np.ones((3, 1)))
    assert np.array_equal(subject.targets, np.zeros((2, 1)))
    assert len(subject.params["weights"]) == 2
    assert not any("drawn" in note for note in subject.notes)


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("x = 1\n", {}, "it defines no functions: put the two passes into functions"),
        (
            "def go(x): 0\n",
            {},
            "no forward pass .* give --forward NAME, one of what it defines: go",
        ),
        (SOFTMAX, {"forward": "go"}, "does not define a function 'go'; it defines init_params, f"),
        (SOFTMAX, {"loss": "l1"}, "does not define a loss 'l1'; give .* half-sse"),
        (SOFTMAX + "feed_forward = lambda x: x\n", {}, "forward and feed_forward could each be"),
        (SOFTMAX.replace("init_params", "start"), {}, r"no values .* parameters \(W1, W2\)"),
        (SOFTMAX.replace("np.tanh(x @ W1)", "x @ W3"), {"loss": "sse"}, "no shape of the inputs"),
        (SOFTMAX.replace("n_in, n_hidden, n_out):", "a, b, c):\n    1 / 0"), {}, "failed .*Zero"),
        (
            "".join(f"def {n}_forward(x): 0\ndef {n}_backward(dout): 0\n" for n in "ab"),
            {},
            "give one of: --forward a_forward --backward a_backward, --forward b_",
        ),
    ],
)
def test_what_cannot_be_found_is_one_sentence(
    tmp_path: Path, text: str, options: dict[str, str], sentence: str
) -> None:
    program = load(write(tmp_path, "a.py", text))
    with pytest.raises(DiagnosisInputError, match=sentence):
        subject_of(program, **options)  # type: ignore[arg-type]


CLASSIFIER = """
import numpy as np

class Classifier:
    def __init__(self, input_size, hidden_size, output_size):
        self.params = {
            "W1": np.random.randn(input_size, hidden_size), "b1": np.zeros(hidden_size),
            "W2": np.random.randn(hidden_size, output_size), "b2": np.zeros(output_size),
        }

    def forward(self, X):
        self.h = np.tanh(X @ self.params["W1"] + self.params["b1"])
        return self.h @ self.params["W2"] + self.params["b2"]

    def backward(self, X, y, scores):
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        dz = p @ self.params["W2"].T * (1 - self.h**2)
        return {"W1": X.T @ dz, "b1": dz.sum(0), "W2": self.h.T @ p, "b2": p.sum(0)}
"""


@pytest.mark.parametrize(
    "text",
    [
        CLASSIFIER,
        CLASSIFIER.replace('{"W1": X', 'self.grads = {"W1": X').replace("return self.g", "self.g"),
        CLASSIFIER.replace('"W1": X', '"dW1": X').replace('"b2": p', '"db2": p'),
    ],
    ids=["returned", "left in an attribute", "by names of gradients"],
)
def test_labels_and_parameters_in_a_dict_of_an_object_are_found(tmp_path: Path, text: str) -> None:
    subject = subject_of(load(write(tmp_path, "a.py", text)))
    assert subject.targets.shape == (7,)
    assert set(subject.targets) <= {0, 1}
    assert any("--loss logits-cross-entropy was assumed" in note for note in subject.notes)
    found = diagnose(**subject.arguments())
    assert found.verdict is DiagnosisVerdict.EXACT


def test_an_object_of_the_program_is_taken_with_its_data(tmp_path: Path) -> None:
    own = "X, y = np.ones((9, 4)), np.arange(9) % 6\nnet = Classifier(4, 8, 6)\n"
    subject = subject_of(load(write(tmp_path, "a.py", CLASSIFIER + own)))
    assert subject.params["params"]["W1"].shape == (4, 8)
    assert np.array_equal(subject.targets, np.arange(9) % 6)
