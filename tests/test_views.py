"""Programs that write in place and through views: NumPy's values, and the gradients of these."""

import operator
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

import autograd_nn as ag
from autograd_nn import Tensor, errors
from leaves import RNG, leaf
from oracles import error, gradient, richardson

Program = Callable[..., Any]


def views_of_views(x: Any, y: Any) -> Any:
    middle = x[1:4]
    middle *= y
    back = middle[::-1]
    back += middle * middle
    x[0] = x[2] ** 2
    return np.sin(x) * np.sum(back)


def transposed_and_reshaped(x: Any, y: Any) -> Any:
    square = np.reshape(x, (2, 3))
    turned = square.T
    turned[:, 0] = y * y
    flat = turned.T.reshape(-1)
    flat[2:5] *= y
    turned += 1
    return square * np.sum(flat**2) + np.sum(turned**3)


def recurrence(x: Any, y: Any) -> Any:
    for i in range(1, 6):
        x[i] = x[i - 1] * y[i % 3] + np.sin(x[i])
    return x


def picked_entries(x: Any, y: Any) -> Any:
    x[[0, 0, 1]] = y  # the last write wins
    x[np.array([True, False, True, False, True, False])] *= 2.0
    x[2:5] -= y
    return x * x


def rows(x: Any, y: Any) -> Any:
    square = x.reshape(2, 3)
    for row in square:
        row *= row  # noqa: PLW2901 (a view)
    np.multiply(square[1:], y, out=square[:1])
    first, second = np.split(square, [1], axis=1)
    first *= 2.0
    second -= first
    np.swapaxes(square, 0, 1)[1, :] = y[:2]
    np.expand_dims(square, 0)[0, 0] = 1.5 * square[1]
    return square * square


def writers(x: Any, y: Any) -> Any:
    square = x.reshape(2, 3)
    np.fill_diagonal(square, y)
    np.copyto(square, y**2, where=np.array([False, True, False]))
    np.place(square, np.array([[False, True, True], [True, False, False]]), y[:2] * y[1:])
    np.putmask(square, np.array([[True, False, False], [False, False, True]]), y * 3)
    np.put_along_axis(square, np.array([[0], [1]]), values=y[:2, None], axis=1)
    np.put(x, [3, 4, 3], y)
    return x * x


def ufuncs_at(x: Any, y: Any) -> Any:
    np.add.at(x, [0, 0, 2], y)
    np.subtract.at(x, 1, y[0])
    np.multiply.at(x, [1, 1, 1], y)
    np.negative.at(x, [5, 5, 4])
    np.divide.at(x, [2, 3, 4], y)
    return x * x


def stepping_back(x: Any, _y: Any) -> Any:
    flat = np.ravel(x[::-1])  # a copy, for it steps backwards
    x[0] = 7.0
    return flat


def stepping_back_in_memory(x: Any, _y: Any) -> Any:
    flat = np.ravel(x[::-2], order="K")
    flat[0] = 7.0
    return x


def windows(x: Any, y: Any) -> Any:
    shown = sliding_window_view(x, 2)
    x[:3] *= y
    return shown


def squeezed_of_nothing(x: Any, y: Any) -> Any:
    same = np.squeeze(x)
    same[1:4] = y
    x[0] = y[0]
    return x * same


def stretched_into_out(x: Any, y: Any) -> Any:
    np.multiply(y[0], y[1], out=x)
    x[1:3] += y[1:]
    square = x.reshape(2, 3)
    np.add(y, 1.0, out=square)
    return np.sin(x)


def one_axis_named(x: Any, y: Any) -> Any:
    x.transpose(0)[1:4] *= y
    return x.transpose(0) * x


def copied_in_c_order(x: Any, _y: Any) -> Any:
    r = x.reshape(2, 3).T.copy()
    r.ravel()[0] = 7.0  # a view
    return r * r


def laid_out_as_before(x: Any, y: Any) -> Any:
    r = x.reshape(2, 3).T * 1.0
    r[0] = y[:2]
    r.ravel()[0] = 7.0  # still a copy
    np.copyto(r, r * r)
    np.add.at(r, [0, 0], y[:2])
    r.ravel()[1] = 7.0
    return np.ravel(r, order="K")


def laid_out_as_the_target(x: Any, y: Any) -> Any:
    r = x.reshape(3, 2) * 1.0
    np.multiply(x.reshape(2, 3).T, y[0], out=r)
    r.ravel()[0] = 7.0  # a view
    square = x.reshape(2, 3)
    np.add(y, 1.0, out=square)
    square[0].ravel()[1] = 7.0
    return r * square.T


def taken_in_c_order(x: Any, _y: Any) -> Any:
    taken = np.take(x.reshape(2, 3), [2, 0], axis=1)
    taken.ravel()[0] = 7.0
    return taken * taken


def turned_by_einsum(x: Any, y: Any) -> Any:
    turned = np.einsum("ij->ji", x.reshape(2, 3))
    turned[:, 0] = y
    return x * x


PROGRAMS: list[Program] = [
    *(views_of_views, transposed_and_reshaped, recurrence, picked_entries),
    *(rows, writers, ufuncs_at),
    *(stepping_back, stepping_back_in_memory, windows, squeezed_of_nothing),
    *(stretched_into_out, one_axis_named),
    *(copied_in_c_order, laid_out_as_before, laid_out_as_the_target, taken_in_c_order),
    turned_by_einsum,
]
every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
X, Y = RNG.uniform(0.5, 1.5, 6), RNG.uniform(0.5, 1.5, 3)
VX, VY = RNG.normal(size=6), RNG.normal(size=3)


def of_copies(program: Program) -> Program:
    return lambda x, y: program(x * 1, y)


@every_program
def test_values_are_numpys(program: Program) -> None:
    array, tensor, constant = X.copy(), leaf(6) * 0 + X, Tensor(X)
    expected = program(array, Y)
    for ours in (tensor, constant):
        np.testing.assert_allclose(program(ours, Y).numpy(), expected, rtol=1e-14)
        np.testing.assert_allclose(ours.numpy(), array, rtol=1e-14)  # the argument itself, too


@every_program
def test_gradients_flow_through_writes(program: Program) -> None:
    call = of_copies(program)
    u = RNG.normal(size=call(X, Y).shape)
    for found, expected in zip(
        ag.vjp(call, X, Y)[1](u), gradient(richardson, call, [X, Y], u), strict=True
    ):
        assert error(found, expected) <= 1e-9
    tangent = ag.jvp(call, (X, Y), (VX, VY))[1]
    assert error(tangent, richardson(call, [X, Y], [VX, VY])) <= 1e-9


@every_program
def test_second_derivatives_flow_through_writes(program: Program) -> None:
    call = of_copies(program)
    u = RNG.normal(size=call(X, Y).shape)

    def first(x: Any, y: Any) -> NDArray[Any]:
        return np.concatenate(ag.vjp(call, x, y)[1](u))

    expected = richardson(first, [X, Y], [VX, VY])
    assert error(ag.jvp(first, (X, Y), (VX, VY))[1], expected) <= 1e-8
    along = ag.vjp(lambda x, y: first(x, y) @ np.concatenate([VX, VY]), X, Y)[1](1.0)
    assert error(np.concatenate(along), expected) <= 1e-8


def test_a_view_sees_what_is_written_to_its_base_and_to_other_views() -> None:
    base: Any = leaf(4) * 1
    left, right, all_of_it = base[:2], base[1:3], base[:]
    base[1] = 5.0
    right[1] = 7.0
    assert (left[1].item(), right[0].item(), all_of_it[2].item()) == (5, 5, 7)
    all_of_it *= 0
    assert left.tolist() == [0, 0]


@pytest.mark.parametrize("recording", [True, False])
def test_views_of_constants_follow_too(recording: bool) -> None:  # noqa: FBT001
    base: Any = Tensor([1.0, 2.0, 3.0])
    view, turned = base[1:], np.flip(base)
    if recording:
        base[:2] = 9.0
    else:
        with ag.no_grad():
            base[:2] = 9.0
    view += 1
    assert base.tolist() == [9, 10, 4]
    assert turned.tolist() == [4, 10, 9]


def test_a_view_of_a_leaf_follows_an_update_and_keeps_its_gradient() -> None:
    w: Any = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    view = w[1:]
    with ag.no_grad():
        w -= 1
    assert view.tolist() == [1, 2]
    (view * view).sum().backward()
    assert w.grad.tolist() == [0, 2, 4]


def test_a_view_of_a_leaf_refuses_to_be_written_while_recording() -> None:
    w: Any = leaf(3)
    with pytest.raises(errors.InPlaceError, match="a leaf that requires a gradient cannot be"):
        w[1:] += 1
    with pytest.raises(errors.InPlaceError, match="a leaf that requires a gradient cannot be"):
        w.T[0] = 1


def test_a_read_only_view_refuses_to_be_written() -> None:
    wide = np.broadcast_to(leaf(3) * 1, (2, 3))
    with pytest.raises(errors.InPlaceError, match="broadcast_to is a read-only view, as in NumPy"):
        wide[0] = 1


def test_whole_numbers_refuse_what_is_differentiated() -> None:
    counts: Any = Tensor([1, 2])
    writes: list[Any] = [
        lambda: operator.setitem(counts, 0, leaf()),
        lambda: np.add.at(counts, 0, leaf()),
        lambda: np.put(counts, 0, leaf()),
    ]
    for write in writes:
        with pytest.raises(errors.DtypeError, match=r"the tensor has dtype int64.*astype\(float\)"):
            write()


def test_plain_arrays_refuse_what_is_differentiated() -> None:
    writes: list[Any] = [
        lambda: np.add.at(np.zeros(2), 0, leaf()),
        lambda: np.copyto(np.zeros(2), leaf(2)),
    ]
    for write in writes:
        with pytest.raises(errors.InPlaceError, match="plain array, which cannot carry the graph"):
            write()


def test_out_makes_a_constant_of_what_was_tracked() -> None:
    x: Any = leaf(2)
    target = x * 2
    np.add([1.0, 2.0], [1.0, 1.0], out=target)
    assert target.tolist() == [2, 3]
    assert not target.requires_grad


def test_many_views_cost_no_more_than_each_its_own() -> None:
    base = leaf(3000) * 1
    rows = [base[i : i + 1] for i in range(3000)]
    assert len(base.views) == len(rows)
    del rows
    _ = [base[i:] for i in range(3000)]
    assert len(base.views) <= 8192


def test_a_long_chain_of_views_is_written_and_read_again_without_recursion() -> None:
    base: Any = leaf(3) * 1
    chain = [base]
    for _ in range(3000):
        chain.append(chain[-1][::-1])
    chain[-1][0] = 5.0
    assert base.tolist()[0] == 5
    base[2] = 7.0
    assert chain[-1].tolist()[2] == 7


def test_the_first_of_the_values_is_written_too() -> None:
    values: Any = Tensor([5.0, 6.0], requires_grad=True)
    target: Any = Tensor(np.zeros(3))
    np.put(target, [2, 0], values)
    assert target.tolist() == [6, 0, 5]
    (target * np.array([1.0, 2.0, 3.0])).sum().backward()
    assert values.grad.tolist() == [3, 1]


@pytest.mark.parametrize("recording", [True, False])
def test_an_entry_written_to_a_view_of_a_constant_is_written_to_its_base(
    recording: bool,  # noqa: FBT001
) -> None:
    base: Any = Tensor([1.0, 2.0, 3.0])
    view = base[1:]
    with nullcontext() if recording else ag.no_grad():
        view[0] = 9.0
    assert base.tolist() == [1, 9, 3]
