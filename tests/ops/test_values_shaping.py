"""What shaping, joining, padding, making and picking do at the edges of their arguments."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd_nn import Tensor, errors, grad
from autograd_nn.ops.indexing import assign


def leaf(x: Any) -> Any:
    return Tensor(np.asarray(x, float), requires_grad=True)


def bare(t: Any) -> Any:
    assert isinstance(t, Tensor)
    return t.detach()


WRONG: Any = "wrong"


# ---- shaping -----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_orders_of_memory_are_those_of_the_tensor(order: Any, axes: tuple[int, ...]) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    expected = np.ravel(np.transpose(x, axes), order)
    assert_array_equal(bare(np.ravel(np.transpose(leaf(x), axes), order)), expected)
    weights = np.arange(24.0) ** 2
    slope = grad(lambda x: np.sum(np.ravel(np.transpose(x, axes), order) * weights))(x)
    assert_array_equal(slope.ravel()[expected.astype(int)], weights)
    if order in "CFA":
        reshaped = np.reshape(np.transpose(leaf(x), axes), (4, 6), order=order)
        assert_array_equal(bare(reshaped), np.reshape(np.transpose(x, axes), (4, 6), order=order))


@pytest.mark.parametrize(
    "call",
    [
        np.copy,
        lambda x: np.pad(x, 0),
        lambda x: np.pad(x, 0, "mean"),
        lambda x: np.pad(x, 0, "reflect", reflect_type="odd"),
        lambda x: np.tile(x, 1),
        lambda x: np.repeat(x, 1, axis=0),
        np.block,
        lambda x: np.concatenate([x]),
        lambda x: np.meshgrid(x)[0],
    ],
)
def test_what_numpy_copies_does_not_share_its_entries(call: Callable[..., Any]) -> None:
    x = leaf([1, 2])
    y, changed = x * 1, call(x * 1)
    changed = call(y)
    y[...] = 0
    assert changed.tolist() == [1, 2]


@pytest.mark.parametrize(
    "call",
    [
        np.flip,
        lambda x: np.rot90(x, 2),
        lambda x: np.reshape(x, 4),
        lambda x: np.ravel(x, "K"),
        lambda x: np.atleast_3d(x),
        lambda x: np.split(x, 2)[1],
        lambda x: np.hsplit(x, 2)[0],
        lambda x: np.diagonal(x),
        lambda x: np.matrix_transpose(x),
        lambda x: np.fliplr(x),
        lambda x: np.meshgrid(x, copy=False)[0],
    ],
)
def test_views_see_what_is_written_to_their_source(call: Callable[..., Any]) -> None:
    values = np.arange(4.0).reshape(2, 2)
    x, new = leaf(values), leaf(values + 10)
    y = x * 1
    view = call(y)
    y[...] = new
    assert_array_equal(view.detach(), call(values + 10))
    view.sum().backward()
    assert_array_equal(new.grad, grad(lambda x: np.sum(call(x)))(values))


def test_reshape_tells_when_it_cannot_avoid_a_copy() -> None:
    if "copy : bool" in str(np.reshape.__doc__):  # since NumPy 2.1
        with pytest.raises(ValueError, match="copy"):
            np.reshape(np.transpose(leaf(np.ones((2, 3)))), 6, copy=False)


def test_conversion_to_integers_is_constant() -> None:
    x = leaf([1.5, 2.5])
    joined: Any = np.concatenate([x, x], dtype=int, casting="unsafe")
    assert not joined.requires_grad
    assert joined.tolist() == [1, 2, 1, 2]
    with pytest.raises(TypeError, match="same_kind"):
        np.concatenate([x, x], dtype=int)


def test_an_empty_array_is_resized_with_zeros() -> None:
    assert np.resize(leaf([]), (2, 2)).tolist() == [[0, 0], [0, 0]]


def test_axes_that_do_not_exist_are_refused() -> None:
    x = leaf(np.ones((2, 3)))
    calls: list[Callable[[], Any]] = [
        lambda: np.flip(x, 5),
        lambda: np.split(x, 2, axis=2),
        lambda: np.take(x, 0, axis=2),
        lambda: np.repeat(x, 2, axis=-3),
        lambda: np.delete(x, 0, axis=2),
        lambda: np.stack([x, x], axis=4),
        lambda: np.apply_along_axis(np.sum, 2, x),
        lambda: np.rollaxis(x, 3),
        lambda: np.compress([True], x, axis=2),
    ]
    for call in calls:
        with pytest.raises((IndexError, ValueError)):
            call()


# ---- joining and padding -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.split(x, 4), "split: axis 0 of length 3 has no 4 equal parts"),
        (lambda x: np.vsplit(x, 1), r"vsplit: an array of shape \(3,\) has too few axes"),
        (lambda x: np.ix_(np.ones((1, 1)), x), r"ix_: .*\(1, 1\), \(3,\)"),
        (lambda x: np.vander(x * np.ones((2, 3))), r"vander: .*\(2, 3\)"),
        (lambda x: np.trim_zeros(x, WRONG), "trim_zeros: trim='wrong'"),
        (lambda x: np.apply_along_axis(np.sum, 0, x * np.ones((2, 0, 3))[:, :, :]), "no vectors"),
        (lambda x: np.block([[x], x]), "depths"),
        (lambda x: np.pad(x, 1, "edge", stat_length=2), "unsupported keyword"),
        (lambda x: np.pad(x, 1, WRONG), "wrong"),
        (lambda x: np.pad(x, -1), "negative"),
        (lambda x: np.pad(x[:0], 1, "edge"), "empty axis"),
        (lambda x: np.linspace(x, 2, -1), "non-negative"),
        (lambda x: np.geomspace(x, 0), "zero"),
        (lambda x: np.meshgrid(x, indexing=WRONG), "indexing"),
    ],
)
def test_misuse_is_refused(call: Callable[..., Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(leaf([1, 2, 3]))


def test_pad_with_a_function_is_refused() -> None:
    def mode(vector: Any, *_: Any) -> None:
        vector[:1] = 0

    with pytest.raises(errors.NoRuleError, match=r"function as its mode.*concatenate"):
        np.pad(leaf([1, 2]), 1, mode)


def test_extremes_in_padding_share_ties() -> None:
    weights = [1, 0, 0, 0, 2]
    slope = grad(lambda x: np.sum(np.pad(x, 1, "maximum") * weights))(np.array([3.0, 3, 1]))
    assert_array_equal(slope, [1.5, 1.5, 0])


def test_a_width_may_be_a_dictionary() -> None:
    x = np.arange(6.0).reshape(2, 3)
    try:
        expected = np.pad(x, {-1: (1, 2)})
    except TypeError:  # before NumPy 2.2
        return
    assert_array_equal(bare(np.pad(leaf(x), {-1: (1, 2)})), expected)


# ---- making ------------------------------------------------------------------------------------


def test_the_ends_of_ranges_are_exact_and_so_are_their_slopes() -> None:
    def ends(function: Callable[..., Any], start: float, stop: float) -> Any:
        x, y = leaf(start), leaf(stop)
        line = function(x, y, 7)
        assert (line[0].item(), line[-1].item()) == (start, stop)
        line[-1].backward()
        return x.grad.item(), y.grad.item()

    assert ends(np.linspace, 0.1, 0.7) == (0, 1)
    assert ends(np.geomspace, 0.1, 0.7) == (0, 1)


def test_a_range_between_equal_ends_has_slopes() -> None:
    x, y = leaf(2), leaf(2)
    total: Any = np.sum(np.linspace(x, y, 5) * np.arange(5))
    total.backward()
    assert (x.grad.item(), y.grad.item()) == (2.5, 7.5)


def test_a_range_of_integers_is_constant() -> None:
    line: Any = np.linspace(leaf(0), 3.5, 4, dtype=int)
    assert not line.requires_grad
    assert_array_equal(bare(line), np.linspace(0, 3.5, 4, dtype=int))


def test_vander_of_no_powers_and_of_zero() -> None:
    assert np.vander(leaf([1, 2]), 0).shape == (2, 0)
    slope = grad(lambda x: np.sum(np.vander(x, 3) * [100, 10, 1]))(np.zeros(2))
    assert_array_equal(slope, [10, 10])  # x ** 0 has none


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_makers_of_plain_arrays_are_refused() -> None:
    x = leaf([1, 2])
    for call in (np.array, np.asarray, np.ascontiguousarray):
        with pytest.raises(errors.NoRuleError, match=r"cannot be differentiated.*np\.stack"):
            call([x[0], x[1]], like=x)
    calls: list[Any] = [
        *(np.array, np.asarray, np.require, np.asarray_chkfinite, np.asmatrix),
        *(np.vectorize(abs), np.vectorize(abs, otypes=[float]), np.frompyfunc(abs, 1, 1)),
        lambda x: np.bmat([[x]]),
    ]
    for maker in calls:
        with pytest.raises((errors.DetachError, errors.NoRuleError)):
            maker(x)


# ---- picking -----------------------------------------------------------------------------------


def test_places_may_be_tensors() -> None:
    x = leaf([[3, 1, 2], [5, 6, 4]])
    order = np.argsort(x, axis=1)
    assert isinstance(order, Tensor)
    ordered = np.take_along_axis(x, order, axis=1)
    assert ordered.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert np.take(x, order[0], axis=1).tolist() == [[1, 2, 3], [6, 4, 5]]
    assert np.repeat(x, order[0], axis=1).tolist() == [[3, 1, 1], [5, 6, 6]]
    assert np.compress(np.greater(x[0], 1), x, axis=1).tolist() == [[3, 2], [5, 4]]
    assert np.choose(order[:1] > 1, [x[0], x[1]]).tolist() == [[3, 6, 2]]
    assert np.delete(x, order[0, 0], axis=1).tolist() == [[3, 2], [5, 4]]


def test_zeros_are_trimmed_from_the_values_of_a_tensor() -> None:
    x = np.array([0.0, 1, 0, 2, 0, 0])
    for trim in ("fb", "f", "b"):
        assert_array_equal(bare(np.trim_zeros(leaf(x), trim)), np.trim_zeros(x, trim))
    assert np.trim_zeros(leaf([0, 0])).shape == (0,)


def test_entries_outside_of_an_array_are_refused_or_wrapped() -> None:
    x = leaf([1, 2, 3])
    with pytest.raises(IndexError):
        np.take(x, 3)
    assert np.take(x, 4, mode="wrap").item() == 2
    assert np.take(x, -4, mode="clip").item() == 1


def test_the_last_of_several_values_assigned_to_a_place_stays() -> None:
    value = leaf([1, 2, 3])
    out = assign(leaf([0, 0]), value, index=np.array([1, 1, 0]))
    assert out.tolist() == [3, 2]
    np.sum(out * [10, 20]).backward()
    assert_array_equal(value.grad, [0, 20, 10])


def test_results_of_a_function_along_an_axis_take_its_place() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)

    def pairs(v: Any) -> Any:
        return np.reshape(v[:2], (1, 2)) * v[-1]

    for axis in (0, 1, -1):
        expected = np.apply_along_axis(pairs, axis, x)
        assert_array_equal(bare(np.apply_along_axis(pairs, axis, leaf(x))), expected)


def test_ravel_in_the_order_of_memory_takes_stretched_axes_as_numpy_does() -> None:
    row = np.arange(3.0)
    wide: Any = np.broadcast_to(Tensor(row, requires_grad=True), (2, 3))
    found = np.ravel(wide, order="K")
    assert found.tolist() == np.ravel(np.broadcast_to(row, (2, 3)), order="K").tolist()


@pytest.mark.parametrize("wide", [(3,), (2, 4), (3, 3)])
def test_out_refuses_what_cannot_be_stretched_to_its_shape(wide: tuple[int, ...]) -> None:
    x: Any = Tensor(np.ones((2, 3)), requires_grad=True)
    target: Any = Tensor(np.zeros(wide))
    with pytest.raises(errors.ShapeError, match="multiply with out=: the"):
        np.multiply(x, 2, out=target)
    with pytest.raises(errors.ShapeError, match="add with out=: the"):
        np.add.reduce(x, axis=None, out=target[:1])  # no method of a ufunc stretches
    assert target.tolist() == np.zeros(wide).tolist()
