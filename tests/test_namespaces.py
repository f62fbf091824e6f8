"""Every public name of NumPy has exactly one class, and what is refused says why."""

import re
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from autograd_nn import errors, grad, vjp
from autograd_nn.table import REFUSED
from leaves import leaf
from names import NAMESPACES, NO_ARRAY, PAGE, PYTHON, classes, functions, page, rows

FUNCTIONS = dict(functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_numpy_has_exactly_one_class(name: str) -> None:
    assert len(classes(name, FUNCTIONS[name])) == 1


def test_lists_hold_no_names_that_the_table_classifies_or_that_are_misspelled() -> None:
    known = {n for n in (*NO_ARRAY, *PYTHON) if n.rpartition(".")[2] in dir(NAMESPACES[scope(n)])}
    assert known <= FUNCTIONS.keys()
    assert len(known) >= len(NO_ARRAY | PYTHON) - 2  # row_stack and trapz have left or will leave


def scope(name: str) -> str:
    return name.rpartition(".")[0]


@pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f in REFUSED])
def test_refusals_say_why_and_what_to_write_instead(name: str) -> None:
    reason = REFUSED[FUNCTIONS[name]]
    assert re.match(r"[a-z].*[^.]$", reason)
    assert re.search(r"write|use|pass|detach|call|dates", reason)


# ---- functions that NumPy dispatches -----------------------------------------------------------

DISPATCHED = [n for n, f in FUNCTIONS.items() if f in REFUSED and hasattr(f, "_implementation")]
ARGUMENTS: dict[str, Any] = {
    "np.save": lambda x: ("/dev/null", x),
    "np.savetxt": lambda x: ("/dev/null", x),
    "np.savez": lambda x: ("/dev/null", x),
    "np.savez_compressed": lambda x: ("/dev/null", x),
    "np.busday_count": lambda x: (x, x),
    "np.busday_offset": lambda x: (x, 1),
    "np.histogram2d": lambda x: (x, x),
}


@pytest.mark.parametrize("name", DISPATCHED)
def test_refused_functions_are_refused_by_name_and_for_their_reason(name: str) -> None:
    function = FUNCTIONS[name]
    arguments = ARGUMENTS.get(name, lambda x: (x,))(leaf(3))
    with pytest.raises(errors.NoRuleError) as refusal:
        function(*arguments)
    assert str(refusal.value) == f"{name} cannot be differentiated: {REFUSED[function]}"


# ---- functions that NumPy does not dispatch ----------------------------------------------------

PLAIN = [n for n, f in FUNCTIONS.items() if f in REFUSED and n not in DISPATCHED]
CALLS: dict[str, Any] = {
    "np.array": lambda x: np.array([x, x]),
    "np.bmat": lambda x: np.bmat([[x, x]]),
    "np.frompyfunc": lambda x: np.frompyfunc(lambda y: 2 * y, 1, 1)(x),
    "np.fromiter": lambda x: np.fromiter(x, float),
    # the rest take numbers, of which they make arrays
    "np.arange": lambda x: np.arange(x[0]),
    "np.full": lambda x: np.full(3, x),
    "np.hanning": lambda x: np.hanning(x[0]),
    "np.kaiser": lambda x: np.kaiser(3, x[0]),
    "np.float64": lambda x: np.float64(x[0]),
    "array[0] = t": lambda x: np.zeros(3).__setitem__(0, x[0]),
}


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # np.matrix
@pytest.mark.parametrize("name", sorted({*PLAIN, *CALLS}))
def test_what_makes_plain_arrays_does_not_detach_silently(name: str) -> None:
    call = CALLS.get(name) or FUNCTIONS[name]
    with pytest.raises((TypeError, ValueError, AttributeError)):
        grad(lambda x: np.sum(call(x)))(np.ones(3))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("np.fft.fftfreq", lambda x: np.fft.fftfreq(5, x)),
        ("np.fft.rfftfreq", lambda x: np.fft.rfftfreq(5, x)),
        ("np.fromfunction", lambda x: np.fromfunction(lambda i: np.sin(i * x), (3,))),
    ],
)
def test_python_code_of_numpy_works_as_it_is(name: str, call: Any) -> None:
    assert name in PYTHON
    x, h = np.array(0.7), 1e-5
    (found,) = vjp(call, x)[1](np.ones_like(call(x)))
    assert_allclose(found, np.sum(call(x + h) - call(x - h)) / (2 * h), rtol=1e-8)


# ---- the page ----------------------------------------------------------------------------------


def test_the_page_of_names_says_what_is_so() -> None:
    text = PAGE.read_text(encoding="utf-8")
    if f"NumPy {np.__version__} " in text:
        assert page() == text, "run: python tests/names.py"
    written = dict(re.findall(r"^(\| `(np\..+?)` \|.*)$", text, re.MULTILINE))
    stated = {name: row for row, name in written.items()}
    assert len(stated) > 400
    assert all(row == stated.get(name, row) for name, row in rows().items())
