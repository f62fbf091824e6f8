"""Tensor: syntax, gradients, in-place changes, protocols; and the text of every error."""

import array
import copy
import pickle
import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors

RNG = np.random.default_rng(0)


def leaf(*shape: int, dtype: Any = float) -> Any:
    return Tensor(RNG.standard_normal(shape), requires_grad=True, dtype=dtype)


# ---- what it holds ---------------------------------------------------------------------------


def test_repr_shows_values_shape_dtype_and_how_it_was_made() -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    assert repr(Tensor([1, 2])) == "Tensor([1, 2], shape=(2,), dtype=int64)"
    assert repr(x) == "Tensor([1., 2.], shape=(2,), dtype=float64, requires_grad=True)"
    assert repr(x * 2) == "Tensor([2., 4.], shape=(2,), dtype=float64, made by multiply)"
    assert f"{x.sum():.2f}" == "3.00"


def test_a_tensor_has_its_own_copy_of_the_data() -> None:
    data = np.ones(3)
    x: Any = Tensor(data)
    data[0] = 7
    assert x.tolist() == [1, 1, 1]


@pytest.mark.parametrize("data", ["text", object(), [[1], [1, 2]], None])
def test_data_that_are_not_numbers_are_refused(data: Any) -> None:
    with pytest.raises(errors.DtypeError, match="Tensor: argument data"):
        Tensor(data)


@pytest.mark.parametrize("data", [1, [1, 2], True, np.arange(3)])
def test_integers_cannot_require_a_gradient(data: Any) -> None:
    with pytest.raises(
        errors.DtypeError, match=r"dtype (int64|bool) has no derivative here; use floats"
    ):
        Tensor(data, requires_grad=True)


def test_python_reads_tensors_as_numbers_and_sequences() -> None:
    x: Any = Tensor([1.0, 2.0, 3.0])
    assert float(x[1]) == 2.0
    assert int(x[1]) == 2
    assert complex(x[1]) == 2 + 0j
    assert bool(x[0])
    assert len(x) == 3
    assert [v.item() for v in x] == [1, 2, 3]
    assert 2.0 in x
    assert 5.0 not in x
    assert list("abc")[Tensor(1)] == "b"


@pytest.mark.parametrize("action", [len, iter])
def test_a_0d_tensor_has_no_axis_to_walk(action: Any) -> None:
    with pytest.raises(TypeError, match="0-d tensor"):
        action(Tensor(1.0))


def test_copies_and_pickles_leave_the_graph_behind() -> None:
    x: Any = leaf(2)
    for twin in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):  # noqa: S301 (our own bytes)
        assert twin.requires_grad
        assert twin.tolist() == x.tolist()
        assert twin.node is not x.node
    assert copy.copy(x).node.parents == [x.node]


# ---- operators -------------------------------------------------------------------------------

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


# ---- in place --------------------------------------------------------------------------------


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


def test_changing_a_constant_array_after_use_does_not_change_the_gradient() -> None:
    constant = np.array([1.0, 2.0, 3.0])
    x: Any = leaf(3)
    y = (x * constant).sum()
    constant[:] = 100
    y.backward()
    assert x.grad.tolist() == [1, 2, 3]


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


def test_an_in_place_change_of_a_view_is_refused() -> None:
    x: Any = leaf(3)
    y = (x * 1)[1:]
    with pytest.raises(errors.InPlaceError, match="view of another"):
        y += 1


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


def test_recorded_item_assignment_is_refused() -> None:
    x: Any = leaf(3)
    with pytest.raises(errors.InPlaceError, match="assignment to a tensor is not recorded"):
        x[0] = 1.0
    constant: Any = Tensor(np.zeros(3))
    with pytest.raises(errors.InPlaceError, match="is not recorded"):
        constant[0] = x[0]
    constant[0] = 5
    assert constant.tolist() == [5, 0, 0]


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


# ---- backward --------------------------------------------------------------------------------


def test_gradients_accumulate_until_zeroed() -> None:
    x: Any = leaf(2)
    for _ in range(2):
        (3 * x).sum().backward()
    assert x.grad.tolist() == [6, 6]
    x.zero_grad()
    assert x.grad is None


def test_a_shared_operand_gets_the_sum_of_its_contributions() -> None:
    x: Any = Tensor(3.0, requires_grad=True)
    y = x * x
    (y * y + x).backward()
    assert x.grad.item() == 4 * 27 + 1


def test_backward_from_several_entries_needs_a_gradient() -> None:
    x: Any = leaf(2, 3)
    with pytest.raises(errors.NonScalarError, match=r"shape \(2, 3\), not one entry; reduce it"):
        (x * 2).backward()
    with pytest.raises(errors.ShapeError, match=r"gradient has shape \(3,\), the tensor \(2, 3\)"):
        (x * 2).backward(np.ones(3))
    v = RNG.standard_normal((2, 3))
    (x * 2).backward(v)
    np.testing.assert_array_equal(x.grad, 2 * v)


def test_backward_from_a_constant_is_refused() -> None:
    with pytest.raises(errors.NoGradientError, match="requires_grad=True"):
        Tensor(1.0).backward()
    x: Any = leaf()
    with ag.no_grad():
        y = x * 2
    with pytest.raises(errors.NoGradientError, match="recording was off"):
        y.backward()


def test_a_second_backward_needs_retain_graph() -> None:
    x: Any = leaf(2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    np.testing.assert_allclose(x.grad, 4 * x.numpy())
    before = x.grad.tolist()
    with pytest.raises(errors.GraphReleasedError, match=r"sum .*released.*retain_graph=True"):
        y.backward()
    assert x.grad.tolist() == before


def test_create_graph_differentiates_the_gradient() -> None:
    x: Any = Tensor(2.0, requires_grad=True)
    (np.exp(x) * x**3).backward(create_graph=True)
    first = x.grad
    x.zero_grad()
    first.backward()
    assert x.grad.item() == pytest.approx(np.exp(2) * (8 + 2 * 12 + 12))


def test_requires_grad_can_be_switched_on_leaves_only() -> None:
    x: Any = Tensor([1.0])
    x.requires_grad = True
    y = x * 2
    assert y.requires_grad
    assert not y.is_leaf
    with pytest.raises(errors.NoGradientError, match="made by multiply cannot be set"):
        y.requires_grad = False
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_detach_stops_the_gradient() -> None:
    x: Any = Tensor(3.0, requires_grad=True)
    (x * x.detach()).backward()
    assert x.grad.item() == 3


def test_grad_must_fit_its_tensor() -> None:
    x: Any = leaf(2)
    with pytest.raises(errors.ShapeError, match=r"grad has shape \(3,\), its tensor \(2,\)"):
        x.grad = [1, 2, 3]
    x.grad = [1, 2]
    assert x.grad.tolist() == [1, 2]


# ---- hooks -----------------------------------------------------------------------------------


def test_hooks_see_the_whole_gradient_and_may_replace_it() -> None:
    x: Any = Tensor(2.0, requires_grad=True)
    y = x * 3
    seen = []
    y.register_hook(lambda g: seen.append(g.item()))
    remove = y.register_hook(lambda g: g * 10)
    (y + y * y).backward(retain_graph=True)
    assert seen == [13]
    assert x.grad.item() == 390
    remove()
    x.zero_grad()
    (y + y * y).backward()
    assert x.grad.item() == 39


def test_hooks_must_keep_the_shape() -> None:
    x: Any = leaf(2)
    x.register_hook(lambda _: np.ones(3))
    with pytest.raises(errors.ShapeError, match=r"hook returned shape \(3,\)"):
        x.sum().backward()
    with pytest.raises(errors.NoGradientError, match="register_hook"):
        Tensor(1.0).register_hook(print)


# ---- NumPy's protocols -----------------------------------------------------------------------


def test_an_array_on_the_left_does_not_swallow_the_graph() -> None:
    x: Any = leaf(3)
    for result in (np.ones(3) * x, np.ones((3, 3)) @ x, np.float64(2) * x):
        assert isinstance(result, Tensor)
        assert result.requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.sort(x), "np.sort has no derivative rule.*add a rule"),
        (lambda x: np.linalg.inv(x), "np.linalg.inv has no derivative rule"),
        (lambda x: np.arctan2(x, x), "np.arctan2 has no derivative rule"),
        (lambda x: np.add.reduce(x), "np.add.reduce has no derivative rule"),
        (lambda x: np.multiply.outer(x, x), "np.multiply.outer has no derivative rule"),
        (lambda x: np.add(x, 1, dtype=np.float32), "add: the keyword dtype= has no"),
        (lambda x: np.sum(x, dtype=np.float32), "sum: the keyword dtype="),
        (lambda x: np.sum(x, where=np.eye(2, dtype=bool)), "sum: the keyword where="),
        (lambda x: np.stack([x, x], dtype=np.float32), "stack: the keyword dtype="),
        (lambda x: np.reshape(x, -1, order="F"), "reshape: the keyword order="),
        (lambda x: np.where(x), "where of 1 arguments has no derivative rule"),
    ],
)
def test_what_has_no_rule_is_refused_by_name(call: Any, message: str) -> None:
    with pytest.raises(errors.NoRuleError, match=message):
        call(leaf(2, 2))
    with ag.no_grad():
        call(leaf(2, 2))  # nothing to lose: plain NumPy


def test_numpy_functions_without_rules_work_on_constants() -> None:
    x: Any = Tensor([3.0, 1.0, 2.0])
    assert np.sort(x).tolist() == [1, 2, 3]
    assert isinstance(np.sort(x), Tensor)
    assert np.allclose(x, [3, 1, 2])
    assert int(np.argmax(x)) == 0


def test_a_differentiated_tensor_does_not_become_an_array_silently() -> None:
    x: Any = leaf(2)
    for convert in (np.asarray, np.array, lambda x: np.zeros(2).__iadd__(x)):
        with pytest.raises((errors.DetachError, errors.InPlaceError), match="detach"):
            convert(x)
    np.testing.assert_array_equal(np.asarray(x.detach()), x.numpy())


def test_recorded_results_do_not_go_into_plain_arrays() -> None:
    for call in (np.mean, np.tanh):
        with pytest.raises(errors.InPlaceError, match="out= is a plain array, which cannot carry"):
            call(leaf(2), out=np.empty(()) if call is np.mean else np.empty(2))
    target = np.empty(())
    assert np.mean(Tensor([1.0, 3.0]), out=target) is target
    assert target == 2


def test_out_writes_into_tensors_and_constant_results_into_arrays() -> None:
    x: Any = leaf(2)
    target: Any = Tensor(np.zeros(2))
    result = np.multiply(x, 3, out=target)
    assert result is target
    target.sum().backward()
    assert x.grad.tolist() == [3, 3]
    array = np.ones(2)
    array += Tensor([1.0, 2.0])
    assert array.tolist() == [2, 3]


WRITES: list[Any] = [
    lambda c: np.copyto(c, [24, 5, 7]),
    lambda c: np.add.at(c, [0, 0, 1, 2], [3, 20, 3, 4]),
    lambda c: np.add(c, [23, 3, 4], out=c),
    lambda c: np.cumsum(np.array([24, -19, 2]), out=c),
    lambda c: np.copyto(np.multiply(c, [24, 2, 9], out=c, where=[True, False, False]), [24, 5, 7]),
    lambda c: np.put(c, [0, 1, 2], [24, 5, 7]),
]


@pytest.mark.parametrize("write", WRITES)
def test_functions_that_write_spare_recorded_graphs(write: Any) -> None:
    c: Any = Tensor([1.0, 2.0, 3.0])
    x: Any = leaf(3)
    y = (x * c).sum()
    write(c)
    assert c.tolist() == [24, 5, 7]
    y.backward()
    assert x.grad.tolist() == [1, 2, 3]


def test_out_and_where_change_only_where_they_should() -> None:
    c: Any = Tensor([1.0, 2.0, 3.0])
    assert np.add(c, 1, out=c, where=np.array([False, False, True])) is c
    assert c.tolist() == [1, 2, 4]


def test_recorded_values_are_not_written_by_functions() -> None:
    x: Any = leaf(3)
    with pytest.raises(errors.InPlaceError, match="copyto: writing into a tensor is not recorded"):
        np.copyto(Tensor(np.zeros(3)), x)  # type: ignore[arg-type]
    with pytest.raises(errors.InPlaceError, match="at: writing into a tensor"):
        np.add.at(x, 0, 1)


def test_shape_mismatches_name_operation_arguments_shapes_and_remedy() -> None:
    x: Any = leaf(2, 3)
    with pytest.raises(
        errors.ShapeError,
        match=r"add cannot be applied to argument 0 of shape \(2, 3\), argument 1 of shape \(4,\).*"
        r"equal or 1: reshape or expand_dims",
    ):
        x + np.ones(4)
    with pytest.raises(
        errors.ShapeError, match=r"matmul .*\(2, 3\).*\(2, 3\).*transpose or reshape"
    ):
        x @ x
    with pytest.raises(errors.ShapeError, match=r"reshape .*\(2, 3\)"):
        x.reshape(4)


def test_every_error_has_the_base_class_and_a_builtin_one() -> None:
    for name in errors.__all__:
        error = getattr(errors, name)
        assert issubclass(error, errors.AutogradError)
        assert error is errors.AutogradError or len(error.__bases__) == 2


# ---- dtypes, empty and 0-d -------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_stay_what_they_are(dtype: Any) -> None:
    x: Any = leaf(3, 2, dtype=dtype)
    y = ag.sigmoid(2 * x @ np.ones((2, 2), dtype) + 1) ** 2 / 3 - np.float32(1) * 0.5
    assert y.dtype == dtype
    y.mean().backward()
    assert x.grad.dtype == dtype


def test_mixed_dtypes_give_each_leaf_a_gradient_of_its_own() -> None:
    x, y = leaf(3, dtype=np.float32), leaf(3)
    (x * y).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)


def test_empty_tensors_have_empty_gradients() -> None:
    x: Any = leaf(0, 3)
    y = (np.tanh(x) * 2 + np.ones(3)).sum()
    y.backward()
    assert x.grad.shape == (0, 3)


def test_astype_carries_gradients_between_floats() -> None:
    x: Any = leaf(2, dtype=np.float32)
    y = x.astype(np.float64)
    assert y.dtype == np.float64
    (y * 2).sum().backward()
    assert x.grad.dtype == np.float32
    assert not x.astype(int).requires_grad


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
    c = Tensor([3.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        np.median(c, overwrite_input=True)
    assert c.tolist() == [3, 1, 2]


@pytest.mark.parametrize("make", [list, tuple, lambda c: array.array("d", c), np.array])
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


def test_an_in_place_change_under_a_living_view_is_refused() -> None:
    y = leaf(3) * 1
    view = y[:2]
    with pytest.raises(errors.InPlaceError, match="another tensor is a view of this one"):
        y *= 3
    del view
    y *= 3


def test_objects_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(errors.DtypeError, match="add: the result has dtype object"):
        leaf(2) + Fraction(1, 2)


def test_complex_values_on_the_way_to_a_real_leaf_are_refused() -> None:
    x: Any = leaf(2)
    with pytest.raises(errors.DtypeError, match="complex value was differentiated"):
        np.abs(x * 1j).sum().backward()
    with pytest.raises(errors.DtypeError, match="complex128 has no derivative here"):
        Tensor([1j], requires_grad=True)


def test_a_hook_may_change_the_gradient_in_place() -> None:
    x: Any = leaf(2)

    def double(g: Any) -> None:
        g *= 2

    x.register_hook(double)
    (x * 3).sum().backward()
    assert x.grad.tolist() == [6, 6]


def test_threads_may_go_backward_to_one_leaf() -> None:
    x: Any = Tensor(1.0, requires_grad=True)

    def work() -> None:
        for _ in range(200):
            (x * 1.0).backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad.item() == 800


def test_keywords_that_a_function_does_not_have_are_named() -> None:
    with pytest.raises(errors.NoRuleError, match=r"log_softmax: the keyword dim= .*: axis"):
        ag.log_softmax(leaf(2), dim=0)
    with pytest.raises(TypeError, match=r"sigmoid: too many positional arguments; it takes x"):
        ag.sigmoid(leaf(2), 1)


def test_reading_the_gradient_of_what_was_computed_warns() -> None:
    w: Any = leaf(2)
    w = w - 0.1 * w.detach()
    with pytest.warns(UserWarning, match="grad of a tensor made by subtract is never filled"):
        assert w.grad is None


def test_a_missing_attribute_points_to_numpy() -> None:
    x: Any = leaf(2)
    with pytest.raises(AttributeError, match=r"no attribute 'exp'; try np.exp\(t\)"):
        x.exp()
    with pytest.raises(AttributeError, match=r"no attribute 'view'$"):
        x.view(-1)
    assert not hasattr(x, "__torch_function__")
