"""NumPy's own functions on Tensors, and what is refused."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors
from leaves import leaf


def test_an_array_on_the_left_does_not_swallow_the_graph() -> None:
    x: Any = leaf(3)
    for result in (np.ones(3) * x, np.ones((3, 3)) @ x, np.float64(2) * x):
        assert isinstance(result, Tensor)
        assert result.requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.histogramdd(x), "np.histogramdd cannot be differentiated.*detach"),
        (lambda x: np.exp(x, signature="d->d"), "exp: the keyword signature="),
    ],
)
def test_what_has_no_rule_is_refused_by_name(call: Any, message: str) -> None:
    with pytest.raises(errors.NoRuleError, match=message):
        call(leaf(2, 2))
    with ag.no_grad():
        call(leaf(2, 2))  # nothing to lose: plain NumPy


def test_a_misfit_of_constants_is_told_as_that_of_recorded_tensors_is() -> None:
    for x in (Tensor(np.ones(2)), leaf(2)):
        with pytest.raises(
            errors.ShapeError, match=r"add cannot be applied to argument 0 of shape"
        ):
            np.add(x, np.ones(3))


def test_keywords_that_say_what_is_so_anyway_are_no_parameters() -> None:
    assert ag.softmax(leaf(2, 3), axis=-1).node.params == {}
    assert ag.softmax(leaf(2, 3), axis=0).node.params == {"axis": 0}


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


def test_keywords_that_a_function_does_not_have_are_named() -> None:
    with pytest.raises(errors.NoRuleError, match=r"log_softmax: the keyword dim= .*: axis"):
        ag.log_softmax(leaf(2), dim=0)
    with pytest.raises(TypeError, match=r"sigmoid: too many positional arguments; it takes x"):
        ag.sigmoid(leaf(2), 1)


def test_objects_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(errors.DtypeError, match="add: the result has dtype object"):
        leaf(2) + Fraction(1, 2)


def test_a_missing_attribute_points_to_numpy() -> None:
    x: Any = leaf(2)
    with pytest.raises(AttributeError, match=r"no attribute 'exp'; try np.exp\(t\)"):
        x.exp()
    with pytest.raises(AttributeError, match=r"no attribute 'view'; .* try t.numpy\(\).view$"):
        x.view(-1)
    assert not hasattr(x, "__torch_function__")


def test_out_by_position_counts_positional_only_parameters_and_may_be_none() -> None:
    x: Any = leaf(2)
    target: Any = Tensor(np.zeros(4))
    assert np.concatenate((x, x), 0, target) is target
    assert np.array_equal(target.value, np.concatenate((x.value, x.value)))
    assert np.array_equal(np.cumsum(x, 0, None, None), np.cumsum(x.value))


def test_a_tensor_that_is_differentiated_is_not_taken_for_a_parameter() -> None:
    x: Any = leaf(3)
    calls: list[Any] = [
        lambda p: np.std(x, ddof=p),
        lambda p: np.var(Tensor([1.0, 2.0, 4.0]), ddof=p),
        lambda p: np.round(x, p),
        lambda p: np.quantile(x, p, method="inverted_cdf", weights=np.ones(3)),
    ]
    for call in calls:
        with pytest.raises(errors.NoRuleError, match=r"ddof|decimals|argument q"):
            call(leaf())
    one: Any = Tensor(1.0)
    assert np.std(x, ddof=one).item() == pytest.approx(np.std(x.numpy(), ddof=1))


def test_what_comes_beside_a_differentiated_result_is_a_tensor_too() -> None:
    x: Any = leaf(4)
    mine = np.ones(3)
    grids = np.meshgrid(x, mine, sparse=True, copy=False)
    results: list[Any] = [
        np.average(x, returned=True)[1],
        np.unique(x, return_index=True)[1],
        np.histogram(x, 3)[0],
        np.full_like(x, 2.0),
        grids[1],
    ]
    assert all(type(result) is Tensor for result in results)
    mine[0] = 5
    assert grids[1].tolist() == [[1.0], [1.0], [1.0]]


def test_a_licence_to_overwrite_is_not_used() -> None:
    for x in (leaf(5), Tensor(leaf(5).numpy())):
        before = x.numpy().copy()
        for call in (np.median, np.nanmedian):
            assert call(x, overwrite_input=True).item() == np.median(before)
            assert call(x, None, None, True).item() == np.median(before)  # noqa: FBT003
        assert np.quantile(x, 0.25, overwrite_input=True).item() == np.quantile(before, 0.25)
        assert np.array_equal(x.numpy(), before)
