"""Python's operators on Tensors."""

import math
import operator
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor
from leaves import RNG, leaf

OPERATORS: list[Any] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / y,
    lambda x, y: x**y,
    lambda x, y: x % y,
    lambda x, y: x // y,
    lambda x, y: divmod(x, y)[1],
    lambda x, y: x @ y,
]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("other", ["array", "float", "list"])
def test_operators_and_their_reflections_equal_numpy(operator: Any, other: str) -> None:
    a = RNG.random((3, 3)) + 1
    b: Any = {"array": RNG.random((3, 3)) + 1, "float": 2.5, "list": [[1.0, 2, 3]] * 3}[other]
    if other == "float" and operator is OPERATORS[-1]:
        return
    x: Any = Tensor(a, requires_grad=True)
    for ours, numpys in (
        (operator(x, b), operator(a, np.asarray(b))),
        (operator(b, x), operator(np.asarray(b), a)),
    ):
        assert isinstance(ours, Tensor)
        assert ours.requires_grad
        np.testing.assert_array_equal(ours.detach(), numpys)


def test_comparisons_are_constant_tensors() -> None:
    x: Any = leaf(4)
    for result in (x > 0, x >= 0, x < 0, x <= 0, x == 0, x != 0, np.greater(x, 0)):
        assert isinstance(result, Tensor)
        assert result.dtype == bool
        assert not result.requires_grad


def test_masks_combine() -> None:
    x: Any = Tensor([-2.0, -0.5, 0.5, 2.0], requires_grad=True)
    inner = (x > -1) & (x < 1)
    outer = ~inner | (x == 5)
    x[inner ^ (x > 1)].sum().backward()
    assert inner.tolist() == [False, True, True, False]
    assert outer.tolist() == [True, False, False, True]
    assert x.grad.tolist() == [0, 1, 1, 1]


def test_unary_operators() -> None:
    x: Any = Tensor([-1.0, 2.0], requires_grad=True)
    (-x + abs(x) * 2 + +x).sum().backward()
    assert x.grad.tolist() == [-2, 2]


def test_a_derivative_that_is_left_behind_as_a_number_is_told() -> None:
    x: Any = leaf()
    array: Any = np.zeros(2)
    calls: list[Any] = [
        lambda: float(x),
        lambda: math.sin(x),
        lambda: np.float64(x),
        lambda: operator.setitem(array, 0, x),
        lambda: np.fromiter(x * np.ones(2), float),
    ]
    for call in calls:
        with pytest.warns(UserWarning, match=r"became a Python number.*say t.item\(\)"):
            call()
    with ag.no_grad():
        assert float(x) == x.item() == float(x.detach())


X = np.arange(1.0, 7).reshape(2, 3) % 4 + np.array([[0.25], [0.5]])
METHODS: dict[str, Any] = {
    **dict.fromkeys(("all", "any", "argmax", "argmin", "argsort", "conj", "conjugate"), ()),
    **dict.fromkeys(("copy", "cumprod", "cumsum", "diagonal", "flatten", "max", "mean"), ()),
    **dict.fromkeys(("min", "nonzero", "prod", "ravel", "round", "squeeze", "std", "sum"), ()),
    **dict.fromkeys(("trace", "transpose", "var", "item", "tolist"), ()),
    "argpartition": (1,),
    "astype": (np.float32,),
    "choose": ([5.0, X[0], X[1], 0.5],),
    "clip": (1.0, 2.0),
    "compress": ([True, False, True], 1),
    "dot": (X[0],),
    "fill": (2.0,),
    "partition": (1,),
    "put": ([0, -1], [1.0, 2.0]),
    "repeat": (2, 1),
    "reshape": (3, 2),
    "searchsorted": (1.5,),
    "sort": (0,),
    "swapaxes": (0, 1),
    "take": ([0, 2], 1),
}
ABSENT = {
    *("byteswap", "dump", "dumps", "getfield", "setfield", "setflags", "tobytes", "tofile"),
    *("to_device", "view", "resize"),  # about memory, files and devices, not about values
}


def test_every_method_of_an_array_is_here_or_about_its_memory() -> None:
    names = {n for n in dir(np.ndarray) if n[0] != "_" and callable(getattr(np.ndarray, n))}
    assert names - {"tostring"} == METHODS.keys() | ABSENT
    assert not {name for name in ABSENT if hasattr(Tensor, name)}


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_numpys(name: str) -> None:
    x, args = X.copy(), METHODS[name]
    if name == "choose":
        x = x.astype(int) % 4
    if name == "searchsorted":
        x = x.ravel()
    if name == "item":
        x = x[:1, :1]
    for track in (False, True):
        t: Any = Tensor(x, requires_grad=track and x.dtype.kind == "f")
        changed = t * 1 if name in {"fill", "partition", "put", "sort"} else t
        ours, numpys = getattr(changed, name)(*args), getattr(x.copy(), name)(*args)
        if numpys is None:
            numpys = x.copy()
            getattr(numpys, name)(*args)
            ours = changed
        if isinstance(numpys, tuple):
            for a, b in zip(ours, numpys, strict=True):
                np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(
                ours.detach() if track and hasattr(ours, "detach") else ours, numpys, rtol=1e-15
            )


def test_keywords_of_methods_are_numpys() -> None:
    t: Any = leaf(2, 3)
    x, mask = t.numpy(), np.array([True, False, True])
    np.testing.assert_allclose(t.sum(1, np.float64, where=mask).numpy(), x.sum(1, where=mask))
    np.testing.assert_allclose(t.mean(0, keepdims=True).numpy(), x.mean(0, keepdims=True))
    np.testing.assert_allclose(t.var(1, ddof=1).numpy(), x.var(1, ddof=1))
    np.testing.assert_allclose(t.max(axis=0, initial=0.1).numpy(), x.max(axis=0, initial=0.1))


CALLS: list[Any] = [
    lambda t, _: t.sum(0, None, None, True),  # noqa: FBT003
    lambda t, o: t.sum(1, None, o, False, 3.0, t > 1),  # noqa: FBT003
    lambda t, o: t.mean(1, None, o, where=t > 0.5),
    lambda t, _: t.std(0, None, None, 1, True),  # noqa: FBT003
    lambda t, o: t.clip(0.5, 1.5, out=o[:, None] + 0 * t).sum(1) + t.clip(0.5, None, None)[:, 0],
    lambda t, _: t.clip(0.5, 1.5, dtype=np.float64),
    lambda t, _: t.reshape(3, 2, order="F"),
    lambda t, _: t.T.reshape(-1, order="A"),
    lambda t, _: t.astype(np.float64, "C", "safe", True, False),  # noqa: FBT003
    lambda t, _: t.astype(np.float32, copy=True),
    lambda t, o: t.compress([True, False], 0, out=None) + t.dot(o.sum() + t[0]).sum(),
    lambda t, _: (t > 1).astype(int).choose(t, t * t),
    lambda t, _: np.stack([x * x for x in t.flat]),
    lambda t, _: t.flat[1:4] * t.flat[-1],
]


@pytest.mark.parametrize("call", CALLS)
def test_methods_take_numpys_positions_and_keywords(call: Any) -> None:
    expected = call(X.copy(), np.zeros(2))
    ours = call(Tensor(X, requires_grad=True) * 1, Tensor(np.zeros(2)))
    assert ours.requires_grad
    assert ours.dtype == expected.dtype
    np.testing.assert_allclose(ours.detach(), expected, rtol=1e-15)


def test_methods_that_write_take_numpys_keywords() -> None:
    calls: list[Any] = [
        lambda t: t.sort(0, None, None, stable=True),
        lambda t: t.partition(1, 0, "introselect"),
        lambda t: setattr(t, "flat", t[0, :2] * 2),
        lambda t: operator.setitem(t.flat, slice(1, None, 2), [5.0, 6.0]),
        lambda t: operator.setitem(t.T.flat, -2, t[0, 0]),
    ]
    for call in calls:
        x, t = X.copy(), Tensor(X, requires_grad=True) * 1
        call(x)
        call(t)
        assert t.requires_grad
        np.testing.assert_array_equal(t.detach(), x)


def test_astype_refuses_what_casting_forbids() -> None:
    with pytest.raises(TypeError, match="Cannot cast"):
        leaf(2).astype(np.float32, casting="safe")


def test_a_method_chooses_among_arguments_and_writes_to_none() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    assert Tensor([0, 1]).choose(x, y).tolist() == [1, 4]
    assert y.tolist() == [3, 4]


def test_items_are_picked_by_flat_and_by_full_index() -> None:
    t: Any = leaf(2, 3)
    assert t.item(4) == t.item(1, 1) == t.item((1, 1)) == t.numpy().item(4)
    assert (t.itemsize, t.nbytes) == (8, 48)


def test_masks_and_numbers_combine_in_place_for_every_name() -> None:
    for operation in ("iand", "ior", "ixor", "ilshift", "irshift"):
        x, t = np.array([1, 2, 3]), Tensor([1, 2, 3])
        getattr(operator, operation)(x[1:], 2)
        getattr(operator, operation)(t[1:], 2)
        assert t.tolist() == x.tolist()
    assert (Tensor([1, 2]) << 2).tolist() == [4, 8]
    assert (1 >> Tensor([0, 1])).tolist() == [1, 0]
    assert (Tensor([4]) >> 1).tolist() == [2]
    assert (2 << Tensor([1])).tolist() == [4]
