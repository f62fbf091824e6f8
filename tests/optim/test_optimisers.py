"""Optimisers: PyTorch's numbers step for step; in place; compiled; saved and loaded."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_nn as ag
from autograd_nn import Tensor, errors, nn, optim

Make = Callable[[Any, list[Any]], Any]  # of optim or torch.optim, and parameters
KINDS: dict[str, Make] = {
    "SGD": lambda o, p: o.SGD(p, lr=0.1),
    "SGD momentum": lambda o, p: o.SGD(p, lr=0.1, momentum=0.9),
    "SGD dampening": lambda o, p: o.SGD(p, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.1),
    "SGD nesterov": lambda o, p: o.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "SGD decay": lambda o, p: o.SGD(p, lr=0.1, weight_decay=0.2),
    "RMSprop": lambda o, p: o.RMSprop(p, lr=0.01),
    "RMSprop centered": lambda o, p: o.RMSprop(
        p, lr=0.01, alpha=0.9, momentum=0.5, centered=True, weight_decay=0.1
    ),
    "Adagrad": lambda o, p: o.Adagrad(p, lr=0.1),
    "Adagrad decay": lambda o, p: o.Adagrad(
        p, lr=0.1, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.2
    ),
    "Adam": lambda o, p: o.Adam(p, lr=0.05),
    "Adam decay": lambda o, p: o.Adam(p, lr=0.05, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.1),
    "AdamW": lambda o, p: o.AdamW(p, lr=0.05, weight_decay=0.1),
}
every_kind = pytest.mark.parametrize("kind", KINDS)
START = np.random.default_rng(0).standard_normal((4, 3)), np.random.default_rng(1).normal(size=3)
X, Y = np.random.default_rng(2).normal(size=(7, 4)), np.random.default_rng(3).normal(size=(7, 3))


def leaves(dtype: Any = np.float64) -> list[Any]:
    return [Tensor(x, requires_grad=True, dtype=dtype) for x in (*START, np.array(0.5))]


def step_of(parameters: list[Any], optimizer: Any) -> Callable[[Any, Any], Any]:
    w, b, c = parameters

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = ((np.tanh(x @ w + b) * c - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


@every_kind
def test_fifty_steps_are_pytorchs(kind: str) -> None:
    torch = pytest.importorskip("torch")
    ours = leaves()
    theirs = [torch.tensor(p.numpy().copy(), requires_grad=True) for p in ours]
    step, optimizer = step_of(ours, KINDS[kind](optim, ours)), KINDS[kind](torch.optim, theirs)
    x, y = torch.tensor(X), torch.tensor(Y)
    for _ in range(50):
        step(X, Y)
        optimizer.zero_grad()
        w, b, c = theirs
        ((torch.tanh(x @ w + b) * c - y) ** 2).mean().backward()
        optimizer.step()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), other.detach().numpy(), 1e-12, 1e-12)


@every_kind
def test_a_compiled_step_is_the_eager_one_and_its_state_is_live(kind: str) -> None:
    ours, twins = leaves(), leaves()
    optimizer, other = KINDS[kind](optim, ours), KINDS[kind](optim, twins)
    step, eager = step_of(ours, optimizer), step_of(twins, other)
    fast = ag.compile(step, X, Y)
    for k in range(12):
        found = (step if k in (4, 5) else fast)(X, Y)  # eager steps in between go on from there
        np.testing.assert_allclose(found.item(), eager(X, Y).item(), 1e-12)
    assert len(fast.entries) == 1
    for one, two in zip(ours, twins, strict=True):
        np.testing.assert_allclose(one.numpy(), two.numpy(), 1e-12, 1e-12)
    expected = other.state_dict()
    assert optimizer.state_dict().keys() == expected.keys()
    for name, array in optimizer.state_dict().items():
        np.testing.assert_allclose(array, expected[name], 1e-12, 1e-14)


@every_kind
def test_state_that_is_saved_and_loaded_goes_on_bit_for_bit(kind: str) -> None:
    ours, twins = leaves(), leaves()
    optimizer = KINDS[kind](optim, ours)
    step = step_of(ours, optimizer)
    for _ in range(3):
        step(X, Y)
    saved = optimizer.state_dict()
    for twin, one in zip(twins, ours, strict=True):
        twin.data = one.numpy().copy()
    again = KINDS[kind](optim, twins)
    again.load_state_dict(saved)
    for _ in range(3):
        step(X, Y)
    go_on = step_of(twins, again)
    for _ in range(3):
        go_on(X, Y)
    for one, two in zip(ours, twins, strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy())
    for name, array in saved.items():
        assert isinstance(array, np.ndarray), name


@every_kind
def test_float32_stays_float32_also_with_a_rate_in_a_tensor(kind: str) -> None:
    ours, twins = leaves(np.float32), leaves(np.float32)
    optimizer, other = KINDS[kind](optim, ours), KINDS[kind](optim, twins)
    other.lr = Tensor(other.lr)
    x, y = X.astype(np.float32), Y.astype(np.float32)
    for _ in range(3):
        step_of(ours, optimizer)(x, y)
        step_of(twins, other)(x, y)
    for one, two in zip(ours, twins, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one.numpy(), two.numpy())
    for name, array in optimizer.state_dict().items():
        assert array.dtype == np.float32 or name == "lr" or name.endswith("step"), name


@every_kind
def test_a_step_allocates_nothing_large(kind: str) -> None:
    p = Tensor(np.ones(100_000), requires_grad=True)
    optimizer = KINDS[kind](optim, [p])
    p.grad = np.ones(100_000)
    optimizer.step()
    before = [id(t.value) for name, t in optimizer.named_state() if not name.endswith("step")]
    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000  # one array has 800,000 bytes
    assert before == [
        id(t.value) for name, t in optimizer.named_state() if not name.endswith("step")
    ]


@pytest.mark.parametrize("clip", [optim.clip_grad_norm_, optim.clip_grad_value_])
def test_clipping_allocates_nothing_large(clip: Any) -> None:
    x: Any = Tensor(np.ones(50_000), requires_grad=True)
    x.grad = np.ones(50_000)
    clip([x], 1.0)
    tracemalloc.start()
    clip([x], 0.5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000


@every_kind
def test_parameters_without_a_gradient_are_left_alone(kind: str) -> None:
    p, q = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0], requires_grad=True)
    optimizer = KINDS[kind](optim, [p, q])
    p.grad = [1, 1]
    before = {k: v for k, v in optimizer.state_dict().items() if k.startswith("1.")}
    optimizer.step()
    assert q.tolist() == [3]
    after = optimizer.state_dict()
    assert all(np.array_equal(after[k], v) for k, v in before.items())


@every_kind
def test_graphs_recorded_before_a_step_keep_their_values(kind: str) -> None:
    x: Any = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = KINDS[kind](optim, [x])
    loss = (x * x).sum()
    x.grad = [10, 10]
    optimizer.step()
    x.zero_grad()
    loss.backward()
    assert x.grad.tolist() == [2, 4]


@pytest.mark.parametrize("lr", [0.1, 1, np.float64(0.1), Tensor(0.1), Tensor([0.1])])
def test_the_short_way_of_sgd_is_the_long_one_to_the_bit(lr: Any) -> None:
    rng = np.random.default_rng(0)

    def parameters() -> list[Any]:
        dtypes = (np.float64, np.float32, np.complex64, np.complex128)
        made = [
            Tensor(np.ones(s), requires_grad=True, dtype=d)
            for d in dtypes
            for s in ((2, 3), (1,), ())
        ]
        made[0].value = made[0].value.T.copy().T  # another layout
        return made

    ours, twins = parameters(), parameters()
    short, long = optim.SGD(ours, lr), optim.SGD(twins, lr)
    held = ours[0].numpy()  # a snapshot, which the step must leave alone
    for step in range(3):
        for p, q in zip(ours, twins, strict=True):
            p.grad = Tensor(rng.normal(size=p.shape), dtype=p.dtype if step else None)
            q.grad = p.grad
        if not isinstance(lr, Tensor):
            short.lr = long.lr = lr / 2**step
        short.step()
        optim.Optimizer.step(long)
        for p, q in zip(ours, twins, strict=True):
            assert p.dtype == q.dtype
            np.testing.assert_array_equal(p.numpy(), q.numpy())
    assert np.all(held == 1)


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam, optim.Adagrad, optim.RMSprop])
def test_a_rate_in_a_tensor_with_an_axis_fits_a_parameter_without_one(make: Any) -> None:
    p, q = (Tensor(1.0, requires_grad=True) for _ in range(2))
    p.grad = q.grad = 1
    make([p], lr=Tensor([0.1])).step()
    make([q], lr=0.1).step()
    assert p.shape == ()
    assert p.item() == q.item() < 1


def test_a_rate_in_a_tensor_is_read_live_by_a_compiled_step() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=Tensor(1.0))

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = np.sum(w * x)
        loss.backward()
        optimizer.step()
        return loss

    fast = ag.compile(step, np.ones(2), retrace=False)
    schedule = optim.StepLR(optimizer, step_size=1, gamma=0.5)
    fast(np.ones(2))
    schedule.step()
    fast(np.ones(2))
    assert w.tolist() == [-0.5, 0.5]
    assert optimizer.state_dict()["lr"] == 0.5


SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "step": lambda s, o: s.StepLR(o, step_size=3, gamma=0.3),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, T_max=7, eta_min=0.01),
    "warm-up": lambda s, o: s.LinearLR(o, start_factor=0.1, total_iters=6),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.7, total_steps=20, cycle_momentum=False),
    "warm-up, cosine": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, start_factor=0.1, total_iters=6), s.CosineAnnealingLR(o, T_max=9)],
        milestones=[6],
    ),
}


@pytest.mark.filterwarnings("ignore:Detected call of")
@pytest.mark.filterwarnings("ignore:The epoch parameter in")
@pytest.mark.parametrize("kind", SCHEDULES)
def test_schedules_are_pytorchs(kind: str) -> None:
    torch = pytest.importorskip("torch")
    ours = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5)
    theirs = torch.optim.SGD([torch.tensor(1.0, requires_grad=True)], lr=0.5)
    schedule = SCHEDULES[kind](optim, ours)
    other = SCHEDULES[kind](torch.optim.lr_scheduler, theirs)
    for _ in range(15):
        assert ours.lr == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-12, abs=1e-15)
        schedule.step()
        other.step()
    again = SCHEDULES[kind](optim, optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5))
    again.load_state_dict(schedule.state_dict())
    assert again.optimizer.lr == ours.lr
    with pytest.raises(KeyError, match="not last_epoch alone"):
        again.load_state_dict({})


CYCLES: dict[str, Callable[[Any, Any], Any]] = {
    "SGD": lambda o, p: o.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "RMSprop": lambda o, p: o.RMSprop(p, lr=0.01, momentum=0.5),
    "AdamW": lambda o, p: o.AdamW(p, lr=0.05, betas=(0.9, 0.99)),
}


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize("kind", CYCLES)
def test_a_cycle_changes_momentum_live_as_pytorchs(kind: str, *, compiled: bool) -> None:
    torch = pytest.importorskip("torch")
    ours = leaves()
    theirs = [torch.tensor(p.numpy().copy(), requires_grad=True) for p in ours]
    optimizer, other = CYCLES[kind](optim, ours), CYCLES[kind](torch.optim, theirs)
    options: dict[str, Any] = {
        "max_lr": 0.2,
        "total_steps": 12,
        "base_momentum": 0.6,
        "max_momentum": 0.93,
    }
    schedule = optim.OneCycleLR(optimizer, **options)
    their_schedule = torch.optim.lr_scheduler.OneCycleLR(other, **options)
    step: Any = step_of(ours, optimizer)
    step = ag.compile(step, X, Y) if compiled else step
    their_x, their_y = torch.tensor(X), torch.tensor(Y)
    for k in range(12):
        group = other.param_groups[0]
        found = optimizer.betas if kind == "AdamW" else optimizer.momentum
        assert found == pytest.approx(group["betas" if kind == "AdamW" else "momentum"], rel=1e-12)
        step(X, Y)
        other.zero_grad()
        w, b, c = theirs
        ((torch.tanh(their_x @ w + b) * c - their_y) ** 2).mean().backward()
        other.step()
        if k < 11:
            schedule.step()
            their_schedule.step()
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), two.detach().numpy(), 1e-9)


def test_a_cycle_goes_on_with_its_momentum_where_it_was_saved_alone_or_after_a_warm_up() -> None:
    def schedule(warm_up: int) -> Any:
        optimizer = optim.SGD([Tensor(1.0, requires_grad=True)], lr=0.5, momentum=0.9)
        cycle = optim.OneCycleLR(optimizer, 1.0, total_steps=10)
        if not warm_up:
            return cycle
        return optim.SequentialLR(optimizer, [optim.LinearLR(optimizer), cycle], [warm_up])

    for warm_up in (0, 3):
        one, other = schedule(warm_up), schedule(warm_up)
        for _ in range(warm_up + 4):
            one.step()
        other.load_state_dict(one.state_dict())
        assert 0.85 < one.optimizer.momentum == other.optimizer.momentum < 0.95


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, np.inf])
@pytest.mark.parametrize("scale", [10, 0.01])
def test_clipping_by_norm_is_pytorchs(norm_type: float, scale: float) -> None:
    torch = pytest.importorskip("torch")
    ours = leaves()
    theirs = [torch.tensor(p.numpy().copy(), requires_grad=True) for p in ours]
    for one, other in zip(ours, theirs, strict=True):
        one.grad = scale * one.numpy()
        other.grad = torch.tensor(scale * one.numpy())
    found = optim.clip_grad_norm_(ours, 1.5, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 1.5, norm_type)
    assert found == pytest.approx(expected.item(), rel=1e-12)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), 1e-12)


def test_clipping_is_in_place_and_spares_what_shares_the_buffer() -> None:
    x, y = Tensor([1.0, 1.0], requires_grad=True), Tensor([1.0, 1.0], requires_grad=True)
    np.sum(3 * (x + y)).backward()
    optim.clip_grad_value_([x], 1)
    assert x.grad is not None
    assert y.grad is not None
    assert (x.grad.tolist(), y.grad.tolist()) == ([1, 1], [3, 3])
    optim.clip_grad_norm_([x], 0.5)
    assert y.grad.tolist() == [3, 3]
    assert np.linalg.norm(x.grad.numpy()) == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize(
    "clip", [lambda p: optim.clip_grad_norm_(p, 0.1), lambda p: optim.clip_grad_value_(p, 0.1)]
)
def test_a_compiled_step_may_clip(clip: Any) -> None:
    ours, twins = leaves(), leaves()

    def training(parameters: list[Any]) -> Any:
        optimizer = optim.Adam(parameters, lr=0.1)
        w, b, c = parameters

        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = ((np.tanh(x @ w + b) * c) ** 2).sum()
            loss.backward()
            clip(parameters)
            optimizer.step()
            return loss

        return step

    fast, eager = ag.compile(training(ours), X), training(twins)
    for _ in range(4):
        assert fast(X).item() == pytest.approx(eager(X).item(), rel=1e-12)
    for one, two in zip(ours, twins, strict=True):
        np.testing.assert_allclose(one.grad.numpy(), two.grad.numpy(), 1e-10, 1e-14)


def test_lbfgs_finds_the_minimum_of_rosenbrocks_valley() -> None:
    pytest.importorskip("scipy")
    x, y = Tensor(-1.2, requires_grad=True), Tensor([1.0], requires_grad=True)
    optimizer = optim.LBFGS([x, y], max_iter=100, tolerance_change=0)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = ((1 - x) ** 2 + 100 * (y - x * x) ** 2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == pytest.approx(24.2)
    assert x.item() == pytest.approx(1, abs=1e-5)
    assert y.item() == pytest.approx(1, abs=1e-5)
    assert x.grad is not None
    assert abs(x.grad.item()) < 1e-4  # the gradient is that of the new parameters


def test_lbfgs_leaves_the_gradients_of_where_it_ends() -> None:
    pytest.importorskip("scipy")
    x = Tensor([1.0], requires_grad=True)

    def uphill() -> Any:
        x.grad = -2 * (x.numpy() - 3)  # against the slope, so that the line search goes astray
        return float(np.sum((x.numpy() - 3) ** 2))

    assert optim.LBFGS([x]).step(uphill) == 4
    assert x.tolist() == [1]
    assert x.grad is not None
    assert x.grad.tolist() == [4]


def test_lbfgs_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    x = Tensor([1.0], requires_grad=True)
    with pytest.raises(errors.NoGradientError, match="closure brings parameter 0 no gradient"):
        optim.LBFGS([x]).step(lambda: 1.0)
    monkeypatch.setitem(__import__("sys").modules, "scipy.optimize", None)
    with pytest.raises(errors.MissingExtraError, match=r"pip install 'autograd_nn\[scipy\]'"):
        optim.LBFGS([x])


def test_states_that_do_not_fit_are_refused_and_change_nothing() -> None:
    p = Tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.Adam([p])
    state = optimizer.state_dict()
    with pytest.raises(KeyError, match=r"Adam.load_state_dict: the state lacks 0.exp_avg; load"):
        optimizer.load_state_dict({k: v for k, v in state.items() if k != "0.exp_avg"})
    with pytest.raises(KeyError, match=r"has 0.nonsense, which is not here"):
        optimizer.load_state_dict(state | {"0.nonsense": np.ones(1)})
    with pytest.raises(errors.ShapeError, match=r"0.exp_avg_sq has shape \(3,\) in the state"):
        optimizer.load_state_dict(state | {"0.exp_avg": np.ones(2), "0.exp_avg_sq": np.ones(3)})
    with pytest.raises(errors.DtypeError, match=r"0.exp_avg has dtype complex128"):
        optimizer.load_state_dict(state | {"0.exp_avg": np.ones(2, complex)})
    with pytest.raises(ValueError, match=r"Adam: argument lr=-1.0 must be positive"):
        optimizer.load_state_dict(state | {"lr": np.array(-1.0)})
    assert np.all(optimizer.state_dict()["0.exp_avg"] == 0)


LAYER = nn.Linear(1, 1, rng=0)
COMPLEX = Tensor(1j, requires_grad=True)
SOME = optim.SGD(LAYER.parameters(), lr=1)
NO_OPTIMIZER: Any = LAYER


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: optim.SGD(p, 1, momentum=-1), ValueError, "SGD: argument momentum=-1 must be"),
        (lambda p: optim.SGD(p, 1, nesterov=True), ValueError, "nesterov=True needs a momentum"),
        (lambda p: optim.SGD(p, Tensor([1.0, 2.0])), ValueError, "must be positive, a number or"),
        (lambda p: optim.Adam(p, betas=(0.9, 1.0)), ValueError, r"argument betas\[1\]=1.0 must be"),
        (lambda p: optim.AdamW(p, eps=float("nan")), ValueError, "AdamW: argument eps=nan must"),
        (lambda _: optim.Adam([COMPLEX]), errors.DtypeError, "Adam: parameter 0 is complex"),
        (lambda p: optim.RMSprop(p, alpha=2), ValueError, "at least 0 and below 1"),
        (lambda p: optim.Adagrad(p, lr_decay=-1), ValueError, "Adagrad: argument lr_decay=-1"),
        (lambda p: optim.LBFGS(p, max_iter=0), ValueError, "LBFGS: argument max_iter=0 must be"),
        (lambda p: optim.Optimizer(p, 1).step(), NotImplementedError, "defines no step_one"),
        (lambda p: optim.clip_grad_norm_(p, 0), ValueError, "max_norm=0 and norm_type=2.0 must"),
        (lambda p: optim.clip_grad_value_(p, -1), ValueError, "clip_value=-1 must be positive"),
        (lambda _: optim.clip_grad_value_([], 1), ValueError, "parameters is empty"),
        (lambda _: optim.StepLR(NO_OPTIMIZER, 1), TypeError, "StepLR: argument optimizer is a Lin"),
        (lambda _: optim.StepLR(SOME, 0), ValueError, "StepLR: argument step_size=0 must be at"),
        (lambda _: optim.LRSchedule(SOME), NotImplementedError, "LRSchedule defines no lr_at"),
        (lambda _: optim.OneCycleLR(SOME, -1, 9), ValueError, "max_lr=-1, .* must be positive"),
        (
            lambda _: optim.OneCycleLR(SOME, 1, 9, cycle_momentum=False).lr_at(9),
            ValueError,
            "step 9 is beyond the cycle",
        ),
        (
            lambda _: optim.OneCycleLR(SOME, 1, 9),
            ValueError,
            "SGD has no momentum to change; make it with one above 0, or pass cycle_momentum=False",
        ),
        (lambda _: optim.OneCycleLR(NO_OPTIMIZER, 1, 9), TypeError, "argument optimizer is a Lin"),
        (lambda _: optim.OneCycleLR(SOME, 1, 9, base_momentum=1.0), ValueError, "and below 1"),
        (lambda _: optim.SequentialLR(SOME, [], [1]), ValueError, r"milestones=\[1\] must be"),
        (
            lambda _: optim.SequentialLR(SOME, [optim.StepLR(optim.Adam(_), 1)], []),
            ValueError,
            "holds one of another optimizer",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(make: Any, error: Any, message: str) -> None:
    for p in LAYER.parameters():
        p.grad = np.ones(p.shape)
    with pytest.raises(error, match=message):
        make(LAYER.parameters())
