"""Tensor: what it holds, backward, hooks, dtypes; and the text of every error."""

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors
from leaves import RNG, leaf

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
        errors.DtypeError, match=r"dtype (int64|bool) has no derivative; use floats"
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
    assert copy.copy(x).node.parents == (x.node,)


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


def test_reading_the_gradient_of_what_was_computed_warns() -> None:
    w: Any = leaf(2)
    w = w - 0.1 * w.detach()
    with pytest.warns(UserWarning, match="grad of a tensor made by subtract is never filled"):
        assert w.grad is None


def test_complex_gradients_are_pytorchs() -> None:
    z: Any = Tensor([1 + 2j, 3 - 1j], requires_grad=True)
    (z * z).backward(gradient=[1, 1j])
    np.testing.assert_allclose(z.grad, np.conj(2 * z.detach()) * [1, 1j])
    with pytest.raises(errors.NonScalarError, match="is complex, and only a real number has a"):
        z[0].backward()


def test_a_real_leaf_gets_the_real_part() -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    shown: list[Any] = []
    y = x * np.array([1 + 2j, 3j])
    y.register_hook(shown.append)
    y.backward(gradient=[1j, 1])  # a change of x changes Re(sum(conj(gradient) * y))
    assert x.grad.tolist() == [2, 0]
    assert x.grad.dtype == np.float64
    assert shown[0].tolist() == [1j, 1]


def test_a_snapshot_stays_what_it_was_when_data_is_written_to() -> None:
    x: Any = Tensor([1.0, 2.0])
    data = x.data
    snapshot = x.numpy()
    data[0] = 7.0
    assert snapshot.tolist() == [1, 2]
