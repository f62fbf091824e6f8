"""Reductions, scans, order statistics, differences and integrals."""

from typing import Any

from ..domains import apart, nonzero, positive, real
from ..operation import Argument
from ..parameters import axes, axis, axis_or_none, flag, number, pick
from .line import op

x = Argument(real)
line = Argument(real, "n")
spread = Argument(apart)
mask = Argument(real, "...", "b")
R: Any = {"axis": axes, "k": flag}
KEYS = "axis={axis}, keepdims={k}"
DIMS = "dim={dims}, keepdim={k}"

# fmt: off
OPERATIONS = [
    op(f"np.sum({{x}}, {KEYS})", f"torch.sum({{x}}, {DIMS})", **R),
    op(f"np.mean({{x}}, {KEYS})", f"torch.mean({{x}}, {DIMS})", **R),
    op(f"np.prod({{x}}, {KEYS})", None, **R),
    op("np.prod({x}, axis={axis})", "torch.prod({x}, dim={axis})", axis=axis),
    op("np.prod(np.round({x}))", "torch.prod(torch.round({x}))", None, analytic=False,
       kink="{x} - np.rint({x})"),
    op("{x}.sum({axis})", "{x}.sum(dim={dims})", axis=axis),
    op("{x}.mean()", "{x}.mean()"),
    op("{x}.prod()", "{x}.prod()"),
    op("{x}.var(axis={axis})", "{x}.var(dim={dims}, correction=0)", analytic=False, axis=axis),
    *[
        op(f"np.{name}({{x}}, {KEYS})", f"torch.{torch}({{x}}, {DIMS})", analytic=False, x=spread,
           **R)
        for name, torch in (("max", "amax"), ("min", "amin"), ("amax", "amax"), ("amin", "amin"))
    ],
    op(f"np.ptp({{x}}, {KEYS})", None, analytic=False, x=spread, **R),
    *[
        op(f"np.{name}({{x}}, {KEYS}, ddof={{d}})",
           f"torch.{name}({{x}}, {DIMS}, correction={{d}})",
           analytic=False, complex=name == "var", x=spread, d=pick(0, 1, 0.5), **R)
        for name in ("var", "std")
    ],
    op("np.var({x}, axis={axis}, correction={d})", "torch.var({x}, dim={dims}, correction={d})",
       analytic=False, x=spread, d=pick(0, 1), axis=axes),
    *[
        op(f"np.{name}({{x}}, {KEYS}, where={{c}})",
           f"torch.{torch}(torch.where({{c}}, {{x}}, {other}), {DIMS})" if torch else None,
           analytic=name in ("sum", "prod", "mean"), x=spread, c=mask, **R)
        for name, torch, other in (
            ("sum", "sum", 0.0), ("prod", None, 1.0), ("mean", None, 0), ("var", None, 0),
            ("std", None, 0),
        )
    ],
    *[
        op(f"np.{name}({{x}}, {KEYS}, initial={{a}}, where={{c}})", None, analytic=False, x=spread,
           c=mask, a=pick(-9.0, 0.123) if name == "max" else pick(9.0, 0.123),
           kink="{x} - {a}", **R)
        for name in ("max", "min")
    ],
    op(f"np.sum({{x}}, {KEYS}, initial={{a}})", f"torch.sum({{x}}, {DIMS}) + {{a}}",
       a=number(-2, 2), **R),
    op(f"np.prod({{x}}, {KEYS}, initial={{a}})", None, a=number(-2, 2), **R),
    op("np.sum({x}, axis={axis}, dtype=np.float64)", "torch.sum({x}, dim={dims})", analytic=False,
       axis=axes),
    # ---- ignoring nan ----
    *[
        op(f"np.{name}(np.where({{c}}, {{x}}, np.nan), {KEYS})", torch and f"torch.{torch}"
           "(torch.where({c}, {x}, torch.nan), dim={axis}, keepdim={k})", analytic=False, x=spread,
           c=mask, **R)  # not {dims}, which counts from the front of x: c can have more axes
        for name, torch in (
            ("nansum", "nansum"), ("nanmean", "nanmean"), ("nanprod", None), ("nanmax", None),
            ("nanmin", None), ("nanvar", None), ("nanstd", None), ("nanmedian", None),
        )
    ],
    *[
        op(f"np.{name}(np.where({{c}}, {{x}}, np.nan), axis={{axis}})", None, analytic=False,
           x=spread, c=mask, axis=axis_or_none)
        for name in ("nancumsum", "nancumprod")
    ],
    # ---- order statistics ----
    op(f"np.median({{x}}, {KEYS})", None, analytic=False, x=spread, **R),
    op(f"np.quantile({{x}}, {{q}}, {KEYS})", None, analytic=False, x=spread,
       q=pick(0.0, 0.25, 0.37, 1.0, [0.1, 0.6]), **R),
    op("np.quantile({x}, {q}, axis={axis}, keepdims={k})",
       "torch.quantile({x}, {q}, dim={axis}, keepdim={k})", analytic=False, x=spread,
       name="quantile(axis)", q=number(0, 1), axis=axis, k=flag),
    op(f"np.quantile({{x}}, {{q}}, {KEYS}, method={{how}})", None, None, analytic=False, x=spread,
       q=number(0.05, 0.95), how=pick("lower", "higher", "nearest", "midpoint", "hazen",
       "median_unbiased", "weibull"), **R),
    op(f"np.percentile({{x}}, {{q}}, {KEYS})", None, analytic=False, x=spread,
       q=pick(10, 50, [25, 75.5]), **R),
    op(f"np.nanquantile(np.where({{c}}, {{x}}, np.nan), {{q}}, {KEYS})", None, analytic=False,
       x=spread, c=mask, q=number(0, 1), **R),
    op(f"np.nanpercentile(np.where({{c}}, {{x}}, np.nan), {{q}}, {KEYS})", None, analytic=False,
       x=spread, c=mask, q=number(0, 100), **R),
    op("np.sort({x}, axis={axis})", "torch.sort({x}, dim={axis})[0]", analytic=False, x=spread,
       axis=axis),
    op("np.sort({x}, axis=None)", None, analytic=False, x=spread),
    op("np.partition({x}, {i}, axis={axis})", None, None, analytic=False, x=spread, i=pick(0, 1),
       axis=axis),
    op("np.take_along_axis({x}, np.argsort({x}, axis={axis}), axis={axis})",
       "torch.take_along_dim({x}, torch.argsort({x}, dim={axis}), dim={axis})", analytic=False,
       x=spread, axis=axis),
    op("np.unique({x})", None, None, analytic=False, x=spread),
    op("np.unique_values({x})", None, None, analytic=False, x=spread),
    *[
        op(f"np.{name}({{x}}, {{y}})", None, None, analytic=False, x=Argument(apart, "any"),
           y=Argument(apart, "any"), kink="gaps(np.append({x}, {y}))")
        for name in ("union1d", "setxor1d", "setdiff1d")
    ],
    op("np.intersect1d({x}, {y})", None, None, analytic=False, x=line, y=line,
       kink="gaps({x})"),
    op("np.sort_complex({x})", None, analytic=False, x=spread),
    # ---- averages ----
    op("np.average({x}, axis={axis})", "torch.mean({x}, dim={dims})", axis=axes),
    op("np.average({x}, weights={y})", "torch.sum({x} * {y}) / torch.sum({y})",
       x=Argument(real, "m, n"), y=Argument(positive, "m, n")),
    op("np.average({x}, axis={axis}, weights={y})", None, x=Argument(real, "m, n"),
       y=Argument(positive, "n"), axis=pick(1, -1)),
    op("np.cov({x})", "torch.cov({x})", analytic=False, x=Argument(real, "m, n")),
    op("np.cov({x}, {y}, rowvar={k}, ddof={d})", None, analytic=False, x=Argument(real, "m, n"),
       y=Argument(real, "m, n"), k=flag, d=pick(0, 1)),
    op("np.cov({x}, bias={k})", None, analytic=False, name="cov(bias)", x=line, k=flag),
    op("np.corrcoef({x})", "torch.corrcoef({x})", analytic=False, x=Argument(apart, "m, n"),
       kink="np.std({x}, axis=-1)"),
    # ---- scans ----
    op("np.cumsum({x}, axis={axis})", "torch.cumsum({x}, dim={axis})", axis=axis),
    op("np.cumprod({x}, axis={axis})", "torch.cumprod({x}, dim={axis})", axis=axis),
    op("np.cumsum({x})", "torch.cumsum({x}.reshape(-1), dim=0)"),
    op("np.cumprod({x})", "torch.cumprod({x}.reshape(-1), dim=0)"),
    op("{x}.cumsum(axis={axis})", "{x}.cumsum(dim={axis})", axis=axis),
    op("np.cumulative_sum({x}, axis={axis}, include_initial={k})", None, axis=axis, k=flag),
    op("np.cumulative_prod({x}, axis={axis}, include_initial={k})", None, axis=axis, k=flag),
    # ---- methods of ufuncs ----
    op(f"np.add.reduce({{x}}, {KEYS})", f"torch.sum({{x}}, {DIMS})", **R),
    op(f"np.multiply.reduce({{x}}, {KEYS})", None, **R),
    op(f"np.maximum.reduce({{x}}, {KEYS})", f"torch.amax({{x}}, {DIMS})", analytic=False, x=spread,
       **R),
    op("np.add.accumulate({x}, axis={axis})", "torch.cumsum({x}, dim={axis})", axis=axis),
    op("np.multiply.accumulate({x}, axis={axis})", "torch.cumprod({x}, dim={axis})", axis=axis),
    op("np.maximum.accumulate({x}, axis={axis})", "torch.cummax({x}, dim={axis})[0]",
       analytic=False, x=spread, axis=axis),
    op("np.logaddexp.reduce({x}, axis={axis})", "torch.logsumexp({x}, dim={axis})",
       analytic=False, axis=axis),
    op("np.subtract.outer({x}, {y})", None, x=Argument(real, "any"), y=Argument(real, "any")),
    op("np.multiply.outer({x}, {y})", None, x=Argument(real, "any"), y=Argument(real, "any")),
    op("np.add.reduceat({x}, {i}, axis={axis})", None, None, x=Argument(real, "..., 4"),
       i=pick([0, 2], [1, 3, 0], [3, 1]), axis=pick(-1)),
    op("np.subtract.reduce({x}, axis={axis})", None, axis=axis),
    op("np.divide.reduce({x}, axis={axis})", None, None, x=Argument(nonzero), axis=axis),
    # ---- differences and integrals ----
    op("np.diff({x}, axis={axis})", "torch.diff({x}, dim={axis})", axis=axis),
    op("np.diff({x}, n={n_times}, axis={axis})", "torch.diff({x}, n={n_times}, dim={axis})",
       axis=axis, n_times=pick(0, 1, 2, 3)),
    op("np.diff({x}, axis={axis}, prepend={a}, append={y})", None, x=Argument(real, "m, n"),
       y=Argument(real, "m, n"), axis=pick(-1, 0), a=number(-1, 1)),
    op("np.ediff1d({x})", "torch.diff({x}.reshape(-1))"),
    op("np.ediff1d({x}, to_end={y}, to_begin={a})", None, x=line, y=line, a=number(-1, 1)),
    op("np.gradient({x}, axis={axis})", "torch.gradient({x}, dim={axis})[0]", axis=axis),
    op("np.gradient({x}, {a}, axis={axis}, edge_order={e})", None, None, axis=axis,
       a=number(0.5, 2), e=pick(1, 2)),
    op("np.stack(np.gradient({x}))", None, x=Argument(real, "m, n")),
    op("np.trapezoid({x}, axis={axis})", "torch.trapezoid({x}, dim={axis})", axis=axis),
    op("np.trapezoid({x}, dx={a}, axis={axis})", None, a=number(0.5, 2), axis=axis),
    op("np.trapezoid({x}, {y})", "torch.trapezoid({x}, {y})", x=line, y=line),
    op("np.interp({x}, np.sort({y}), {z})", None, analytic=False, x=Argument(real, "any"),
       y=Argument(apart, "n"), z=line, kink="np.subtract.outer({x}, {y})"),
    op("np.convolve({x}, {y}, {how})", None, x=line, y=Argument(real, "m"),
       how=pick("full", "same", "valid")),
    op("np.correlate({x}, {y}, {how})", None, analytic=False, x=line, y=Argument(real, "m"),
       how=pick("full", "same", "valid")),
    op("np.polyval({x}, {y})", None, x=line, y=Argument(real, "any")),
    *[
        op(f"np.{name}({{x}}, {{y}})", None, x=line, y=Argument(real, "m"))
        for name in ("polyadd", "polysub", "polymul")
    ],
    op("np.polydiv({x}, {y})[0]", None, None, x=line, y=Argument(nonzero, "m")),
    op("np.polyder({x}, {k})", None, x=line, k=pick(0, 1, 2)),
    op("np.polyint({x}, {k})", None, x=line, k=pick(1, 2)),
    op("np.polyfit({x}, {y}, 1)", None, None, analytic=False, x=Argument(apart, "n"), y=line),
    op("np.poly({x})", None, complex=False, x=line),
    op("np.abs(np.roots({x}))", None, None, analytic=False, x=Argument(nonzero, "3"),
       kink="np.append(gaps(np.abs(np.roots({x}))), gaps(np.roots({x})))"),
    op("np.polynomial.polynomial.polyval({x}, {y})", None, None, x=Argument(real, "any"), y=line),
    op("np.bincount({i}, weights={x})", None, None, analytic=False, x=line,
       i=Argument(real, "n", "i", low=0, high=4)),
    op("np.histogram({y}, [-9.0, -1.0, 0.5, 9.0], weights={x})[0]", None, None, analytic=False,
       x=line, y=line, kink="np.subtract.outer({y}, [-1.0, 0.5])"),
    op("np.apply_along_axis(lambda t: np.cumsum(t) * t, {axis}, {x})", None, None, axis=axis),
    op("np.apply_over_axes(np.sum, {x}, {axis})", None, None, axis=axes),
]
