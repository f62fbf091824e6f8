"""Writing in place never spoils a gradient, whoever writes, and whenever."""

import array
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors
from leaves import RNG, leaf


def test_in_place_operators_are_recorded_as_new_versions() -> None:
    x: Any = leaf(3)
    y = x * 1
    saved = y * y  # keeps the old version for its backward pass
    y += 1
    y *= x
    y -= 0.5
    y /= 2.0
    y **= 2
    (saved + y).sum().backward()

    def reference(x: Any) -> Any:
        return np.sum(x * x + (((x + 1) * x - 0.5) / 2.0) ** 2)

    np.testing.assert_allclose(x.grad, ag.grad(reference)(x.numpy()), rtol=1e-13)


def test_an_in_place_operator_changes_every_name_of_the_tensor() -> None:
    x: Any = Tensor([1.0, 2.0])
    alias = x
    x += 1
    assert alias is x
    assert alias.tolist() == [2, 3]


def test_a_recording_leaf_refuses_in_place_changes() -> None:
    x: Any = leaf(2)
    with pytest.raises(errors.InPlaceError, match=r"\+=: a leaf that requires a gradient"):
        x += 1
    with ag.no_grad():
        x += 1


def test_a_write_without_recording_leaves_saved_values_alone() -> None:
    before = RNG.standard_normal(3)
    x: Any = Tensor(before, requires_grad=True)
    y = (x * x).sum()
    with ag.no_grad():
        x[0] = 7
        x *= 100
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * before)
    np.testing.assert_allclose(x.numpy(), 100 * np.array([7, *before[1:]]))


@pytest.mark.parametrize("exposed_before", [True, False])
@pytest.mark.parametrize("view", [True, False])
def test_writing_to_data_never_spoils_a_recorded_graph(exposed_before: Any, view: Any) -> None:
    values = np.array([1.0, 2.0, 3.0])
    x: Any = Tensor(values, requires_grad=True)
    data = x.data if exposed_before else None
    z = x[::-1] if view else x
    y = (z * z).sum()
    data = x.data if data is None else data
    data[:] = 100.0
    assert x.tolist() == [100, 100, 100]
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * values)


def test_writing_to_the_data_of_a_view_spares_its_base() -> None:
    x: Any = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = (x * x).sum()
    x[1:].data[:] = 100
    y.backward()
    assert x.tolist() == [1, 2, 3]
    assert x.grad.tolist() == [2, 4, 6]
    constant: Any = Tensor([4.0, 5.0, 6.0])
    y = (x * constant).sum()
    constant[1:].data[:] = 100
    x.zero_grad()
    y.backward()
    assert x.grad.tolist() == [4, 5, 6]


@pytest.mark.parametrize("view", [True, False])
def test_changing_an_array_after_use_is_an_error_that_names_the_operation(view: Any) -> None:
    constant = np.array([1.0, 2.0, 3.0])
    x: Any = leaf(3)
    y = (x * (constant[::-1] if view else constant)).sum()
    y.backward(retain_graph=True)
    constant[1] = 100
    with pytest.raises(errors.InPlaceError, match="multiply: argument 1, an array, was changed"):
        y.backward(retain_graph=True)
    with pytest.raises(errors.InPlaceError, match="multiply: argument 1, an array, was changed"):
        y.backward(create_graph=True)
    constant[1] = 2
    y.backward()


def swap_rows(c: Any) -> None:
    c[[0, 1]] = c[[1, 0]]


CHANGES: dict[str, Callable[[Any], None]] = {
    "one entry": lambda c: c.__setitem__((3, 5), c[3, 5] + 1e-6),
    "two entries that cancel": lambda c: c.__setitem__((3, slice(2)), c[3, :2] + [1, -1]),
    "a sign": lambda c: np.negative(c[:, 7], c[:, 7]),
    "order of rows": swap_rows,
    "order in a row": lambda c: c.__setitem__(4, c[4, ::-1].copy()),
    "NaN": lambda c: c.__setitem__((9, 9), np.nan),
    "scale": lambda c: np.multiply(c, 1 + 1e-9, c),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_change_of_a_large_array_is_seen_too(change: Any, order: Any) -> None:
    c = np.asarray(np.random.default_rng(0).standard_normal((90, 70)), order=order)
    x = leaf(90, 70)
    y = np.sum(x * c)
    change(c)
    with pytest.raises(errors.InPlaceError, match="multiply: argument 1, an array, was changed"):
        y.backward()


def test_a_large_array_that_did_not_change_is_no_error() -> None:
    c = np.random.default_rng(0).standard_normal((90, 70))
    for large in (c, c.T, c[::2], c > 0, c.astype(np.float32), c + 1j, np.where(c > 2, np.nan, c)):
        x: Any = Tensor(np.ones(large.shape), requires_grad=True)
        np.sum(np.real(x * large)).backward()
        np.testing.assert_allclose(x.grad.numpy(), np.real(large), rtol=1e-6)


def test_an_array_that_no_rule_reads_may_change() -> None:
    constant = np.ones(3)
    x: Any = leaf(3)
    y = (x + constant).sum()
    constant[:] = 7
    y.backward()
    assert x.grad.tolist() == [1, 1, 1]


def test_changing_an_index_array_after_use_does_not_change_the_gradient() -> None:
    index = np.array([0, 0])
    x: Any = leaf(3)
    y = x[index].sum()
    index[:] = 2
    y.backward()
    assert x.grad.tolist() == [2, 0, 0]


def test_numpy_gives_a_read_only_snapshot() -> None:
    x: Any = leaf(3)
    snapshot = x.numpy()
    before = snapshot.copy()
    with pytest.raises(ValueError, match="read-only"):
        snapshot[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(x.detach())[0] = 1
    x.data[:] = 5
    with ag.no_grad():
        x += 1
    np.testing.assert_array_equal(snapshot, before)
    assert x.tolist() == [6, 6, 6]


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_of_two_leaves_are_independent(create_graph: Any) -> None:
    x, y = leaf(3), leaf(3)
    z = x + y
    (z * z).sum().backward(create_graph=create_graph)
    x.grad *= 2
    x.grad.data[:] = 7
    np.testing.assert_array_equal(y.grad.numpy(), 2 * z.numpy())


def test_gradients_do_not_share_memory() -> None:
    x, y = leaf(3), leaf(3)
    seed = np.array([1.0, 2.0, 3.0])
    (x + y).backward(seed)
    x.grad.data[:] = 0
    seed[:] = 9
    assert y.grad.tolist() == [1, 2, 3]


def test_in_place_operators_keep_shape_and_dtype() -> None:
    x: Any = leaf(3) * 1
    with pytest.raises(errors.ShapeError, match=r"\+=: the result has shape \(2, 3\)"):
        x += np.ones((2, 3))
    half: Any = Tensor([1.0], dtype=np.float32)
    half += np.float64(1)
    assert half.dtype == np.float32
    whole: Any = Tensor([1])
    with pytest.raises(errors.DtypeError, match=r"/=: the result has dtype float64"):
        whole /= 2


def test_data_can_be_replaced_by_values_of_the_same_shape() -> None:
    x: Any = leaf(2)
    x.data = [5, 6]
    assert x.tolist() == [5, 6]
    assert x.requires_grad
    with pytest.raises(errors.ShapeError, match=r"data =: the new values have shape \(3,\)"):
        x.data = [1, 2, 3]


def test_pytorchs_manual_update_works() -> None:
    w: Any = Tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    w.data -= 0.5 * w.grad
    assert w.tolist() == [0, 0]


# ---- what users can reach at any time --------------------------------------------------------

VIEWS: list[Any] = [
    lambda c: np.reshape(c, (3,)),
    np.transpose,
    np.ravel,
    lambda c: np.split(c, 1)[0],
    np.flip,
    lambda c: np.einsum("i->i", c),
    lambda c: np.atleast_1d(c),
    lambda c: c[:],
    lambda c: c.T,
]


@pytest.mark.parametrize("view", VIEWS)
def test_writing_to_a_constants_view_spares_recorded_graphs(view: Any) -> None:
    x: Any = leaf(3)
    c = Tensor([1.0, 2.0, 3.0])
    y = (x * c).sum()
    seen = view(c)
    seen[:] = 9.0
    seen.data[:] = 8.0
    y.backward()
    assert x.grad.tolist() == [1, 2, 3]


def test_numpy_functions_cannot_write_to_their_inputs_in_secret() -> None:
    c = Tensor([3.0, np.nan, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        np.nan_to_num(c, copy=False)
    assert c.tolist()[::2] == [3, 2]
    assert np.isnan(c.tolist()[1])


@pytest.mark.parametrize("make", [list, tuple, lambda c: array.array("d", c)])
def test_constants_of_any_kind_are_those_of_the_moment(make: Any) -> None:
    c = make([1.0, 2.0, 3.0])
    x: Any = leaf(3)
    y = (x * c).sum()
    if not isinstance(c, tuple):
        c[0] = 100.0
    y.backward()
    assert x.grad.tolist() == [1, 2, 3]


def test_parameters_of_operations_are_those_of_the_moment() -> None:
    x: Any = leaf(2, 3, 4)
    order = [2, 0, 1]
    y: Any = np.transpose(x, order)
    order[:] = [0, 1, 2]
    v = RNG.standard_normal((4, 2, 3))
    y.backward(v)
    np.testing.assert_array_equal(x.grad.numpy(), v.transpose(1, 2, 0))


@pytest.mark.parametrize(
    "index", [[0, 0], (0, 0, 1), array.array("l", [0, 0]), np.array([0, 0]), Tensor([0, 0])]
)
def test_repeated_indices_add_up_whatever_holds_them(index: Any) -> None:
    x: Any = leaf(2)
    picked = x[(index,)]
    picked.sum().backward()
    assert x.grad.tolist() == np.bincount(np.asarray(index), minlength=2).tolist()


def test_an_empty_list_picks_nothing() -> None:
    assert leaf(3)[[]].shape == (0,)


def doubled(x: Any, by: Any = None) -> Any:
    return x * by["w"][0]


def test_parameters_inside_containers_are_those_of_the_moment() -> None:
    by: Any = {"w": [np.array([2.0, 2.0, 2.0]), np.array([3.0])]}
    x: Any = leaf(3)
    y = ag.custom_vjp(doubled, lambda v, _out, _x, by: v * by["w"][0])(x, by=by)
    by["w"][0][:] = 100.0
    by["w"][0] = np.array([7.0])
    y.backward(np.ones(3))
    assert x.grad.tolist() == [2, 2, 2]


def test_the_places_of_counts_are_those_of_the_moment() -> None:
    places = np.array([0, 1, 1])
    x: Any = leaf(3)
    y: Any = np.bincount(places, weights=x)
    places[:] = 0
    y.backward(np.array([1.0, 2.0]))
    assert x.grad.tolist() == [1, 2, 2]


def test_a_holder_of_data_sees_what_is_written_without_recording() -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    held = x.data
    with ag.no_grad():
        x += 1
        assert held.tolist() == [2, 3]
        x[0] = 4.0
        assert held.tolist() == [4, 3]
        x.data = [5.0, 6.0]
    assert held.tolist() == [5, 6]


def test_the_array_to_write_to_may_be_named() -> None:
    calls: list[Any] = [
        lambda t, s: np.copyto(dst=t, src=s),
        lambda t, s: np.put(a=t, ind=[0, 2], v=s),
        lambda t, s: np.place(arr=t, mask=[True, False, True], vals=s),
        lambda t, s: np.put_along_axis(arr=t, indices=np.array([0, 2]), values=s, axis=0),
    ]
    for call in calls:
        expected = np.zeros(3)
        call(expected, np.full(1, 7.0))
        for requires_grad in (True, False):
            t, s = Tensor(np.zeros(3)), Tensor(np.full(1, 7.0), requires_grad=requires_grad)
            call(t, s)
            assert t.requires_grad == requires_grad
            assert np.array_equal(t.detach(), expected)
    square: Any = Tensor(np.zeros((2, 2)))
    np.fill_diagonal(a=square, val=7.0)
    assert square.tolist() == [[7, 0], [0, 7]]
    missing: Any = np.copyto
    with pytest.raises(TypeError, match="dst"):
        missing(src=Tensor([1.0]))


def test_a_number_is_written_to() -> None:
    number: Any = Tensor(2.0) * 1.0
    number[()] = 5.0
    number[...] += 1.0
    assert number.item() == 6


@pytest.mark.parametrize("shape", [(), (3,)])
def test_what_is_written_takes_the_dtype_of_the_target(shape: tuple[int, ...]) -> None:
    target: Any = Tensor(np.ones(shape, np.float32))
    x: Any = Tensor(np.full(shape, 2.0), requires_grad=True)
    target *= x
    assert target.dtype == np.float32
    np.sum(target * target).backward()
    assert x.grad.dtype == np.float64
    np.testing.assert_allclose(x.grad.numpy(), 4.0)


class Named(NamedTuple):
    by: Any


class Keyed(dict[str, Any]):
    @property
    def by(self) -> Any:
        return self["by"]


@pytest.mark.parametrize("given", [Named(np.full(3, 2.0)), Keyed(by=np.full(3, 2.0))])
def test_containers_of_parameters_keep_their_type(given: Any) -> None:
    x: Any = leaf(3)
    times = ag.custom_vjp(lambda x, c: x * c.by, lambda v, _out, _x, c: v * c.by)
    y = times(x, c=given)
    given.by[:] = 100.0
    y.backward(np.ones(3))
    assert x.grad.tolist() == [2, 2, 2]


def test_writing_to_the_real_parts_leaves_the_number_alone() -> None:
    z: Any = Tensor([1 + 2j, 3 + 4j], requires_grad=True) * 1
    part = np.real(z)
    part[0] = 9.0
    assert z.tolist() == [1 + 2j, 3 + 4j]


def test_what_where_leaves_alone_in_out_keeps_its_gradient() -> None:
    x: Any = leaf(3)
    target = x * 2
    np.add(np.ones(3), np.ones(3), out=target, where=np.array([True, False, True]))
    target.sum().backward()
    assert x.grad.tolist() == [0, 2, 0]
