"""The graph: depth, memory, order, threads."""

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, graph


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def chain(x: Any, length: int) -> Any:
    for _ in range(length):
        x = x + 1.0
    return x


@pytest.mark.usefixtures("no_collector")
def test_a_million_operations_go_forward_backward_and_are_freed_without_recursion() -> None:
    x: Any = Tensor(0.5, requires_grad=True)
    y = chain(x, 1_000_000)
    assert y.item() == 1_000_000.5
    y.backward()
    assert x.grad.item() == 1
    last = weakref.ref(y)
    del y
    assert last() is None


@pytest.mark.usefixtures("no_collector")
def test_a_long_recorded_chain_is_freed_without_backward() -> None:
    y = chain(Tensor(0.5, requires_grad=True), 300_000)
    del y


def step(x: Tensor, **options: bool) -> None:
    y = np.sum(np.tanh(x @ np.ones((3, 3)) + x[0]) ** 2)
    y.backward(**options)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("option", [None, "retain_graph", "create_graph"])
def test_nothing_is_left_to_the_garbage_collector(option: str | None) -> None:
    x: Any = Tensor(np.random.default_rng(0).standard_normal((3, 3)), requires_grad=True)

    def everything() -> None:
        step(x, **({option: True} if option else {}))
        x.register_hook(lambda g: g)()
        ag.hessian(lambda x: np.sum(np.tanh(x) ** 3))(np.ones(2))
        ag.jvp(np.sin, 1.0, 1.0)

    everything()  # the first time, Python imports and parses what is used
    gc.collect()
    for _ in range(3):
        everything()
    assert gc.collect() == 0


@pytest.mark.usefixtures("no_collector")
def test_a_tensor_dies_with_its_last_name() -> None:
    x: Any = Tensor([1.0], requires_grad=True)
    y = x * 2
    z = y * y
    gone = [weakref.ref(t) for t in (x, y)]
    del x, y
    assert [ref() for ref in gone] == [None, None]
    z.backward()  # the leaf's owner is gone: its gradient has no one to go to


def test_backward_releases_buffers_but_not_the_skeleton() -> None:
    x: Any = Tensor(np.ones(5), requires_grad=True)
    y: Any = np.tanh(x)
    saved = weakref.ref(y.node.out)
    z = (y * y).sum()
    del y
    z.backward()
    assert saved() is None
    names = [node.primitive.name for node in graph.history(z.node).operations]
    assert names == ["sum", "multiply", "tanh"]
    assert [node.shape for node in graph.history(z.node).operations] == [(), (5,), (5,)]


def test_birth_order_is_a_topological_order() -> None:
    x: Any = Tensor(1.0, requires_grad=True)
    a, b = x * 2, x * 3
    y = a * b + a
    operations = graph.history(y.node).operations
    place = {node: i for i, node in enumerate(operations)}
    for node in operations:
        for parent in node.parents:
            assert parent not in place or place[parent] > place[node]


def test_a_diamond_of_sixty_doublings_is_linear() -> None:
    x: Any = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**60


def test_no_grad_is_of_one_thread_alone() -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    inside, done = threading.Event(), threading.Event()
    seen: list[bool] = []

    def record_meanwhile() -> None:
        inside.wait(10)
        seen.append((x * 2).requires_grad)
        done.set()

    thread = threading.Thread(target=record_meanwhile)
    thread.start()
    with ag.no_grad():
        inside.set()
        done.wait(10)
        assert not (x * 2).requires_grad
    thread.join()
    assert seen == [True]
    assert (x * 2).requires_grad


def test_threads_compute_the_same_gradients_as_one() -> None:
    inputs = np.random.default_rng(1).standard_normal((16, 5, 5))

    def gradient(x: Any) -> Any:
        return ag.grad(lambda x: np.sum(np.tanh(x @ x) * np.exp(-x)))(x)

    expected = [gradient(x) for x in inputs]
    found: list[Any] = [None] * len(inputs)

    def work(i: int) -> None:
        for _ in range(20):
            found[i] = gradient(inputs[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ours, alone in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, alone)


def test_no_grad_decorates_functions_too() -> None:
    x: Any = Tensor(1.0, requires_grad=True)

    @ag.no_grad()
    def double(x: Tensor) -> Tensor:
        return x * 2

    assert not double(x).requires_grad


def test_a_rule_of_the_wrong_shape_is_reported_by_name() -> None:
    wrong = ag.custom_vjp(np.sin, lambda v, _y, _x: np.ones(7) * np.sum(v))
    with pytest.raises(ag.errors.ShapeError, match=r"rule of sin returned shape \(7,\).*\(3,\)"):
        ag.grad(lambda x: np.sum(wrong(x)))(np.ones(3))


def test_a_transform_leaves_alone_what_does_not_depend_on_its_argument() -> None:
    def refuse(*_: Any) -> Any:
        message = "this rule is not needed"
        raise AssertionError(message)

    w = Tensor([1.0, 2.0], requires_grad=True)
    costly = ag.custom_vjp(np.sin, refuse)
    gradient = ag.grad(lambda x: np.sum(x * costly(w)))(np.ones(2))
    np.testing.assert_array_equal(gradient.detach(), np.sin([1.0, 2.0]))


def test_history_can_end_where_a_transform_began() -> None:
    x: Any = Tensor(1.0, requires_grad=True)
    y = np.sin(x)
    z = np.exp(y) * y
    names = [n.primitive.name for n in graph.history(z.node, since=y.node.birth + 1).operations]
    assert names == ["multiply", "exp"]
    assert len(graph.history(z.node).operations) == 3


def test_rules_and_hooks_may_reuse_their_buffers() -> None:
    buffer = np.zeros(2)

    def into_buffer(v: Any, _y: Any, _x: Any) -> Any:
        buffer[:] = 3 * v
        return buffer

    triple = ag.custom_vjp(lambda x: 3 * x, into_buffer)
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    triple(x).sum().backward()
    buffer[:] = -1
    assert x.grad.tolist() == [3, 3]
    x.zero_grad()
    x.register_hook(lambda _: buffer)
    triple(x).sum().backward()
    buffer[:] = -1
    assert x.grad.tolist() == [3, 3]
