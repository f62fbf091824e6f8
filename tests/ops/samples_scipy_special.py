"""Samples of autograd_nn/ops/scipy_special.py; none where SciPy is not installed."""

from importlib.util import find_spec

import numpy as np

from samples import Sample, about, each, nonzero, normal, positive, spaced

SAMPLES: list[Sample] = []
TWO = np.float32(2)  # some of SciPy's functions of float32 and a Python number return float64

if find_spec("scipy"):
    import scipy.special as sp

    from autograd_nn.ops.scipy_special import polygamma, ufunc_of

    zeta = ufunc_of(sp.zeta, 2)

    analytic = (sp.erf, sp.erfc, sp.erfi, sp.erfcx, sp.dawsn, sp.ndtr, sp.expm1)
    gammas = (sp.log1p, sp.gamma, sp.loggamma, sp.rgamma, sp.psi)
    real = (sp.expit, sp.log_expit, sp.cosm1, sp.exp2, sp.exp10, sp.exprel)
    bessel = (sp.j0, sp.j1, sp.i0, sp.i1, sp.i0e, sp.i1e)
    logarithmic = (sp.y0, sp.y1, sp.k0, sp.k1, sp.k0e, sp.k1e, sp.expi, sp.exp1, sp.spence)
    SAMPLES += [
        *[each(f, normal(3, 4)) for f in analytic],
        each(sp.erf, normal(0, 2)),
        each(sp.erf, normal()),
        *[each(f, positive(3, 4)) for f in gammas],
        *[each(f, about(-1.4, 3), analytic=False) for f in (*gammas[3:], sp.gamma, sp.gammaln)],
        each(sp.gammaln, positive(3, 4), analytic=False),
        each(sp.gammasgn, spaced(3, 4), analytic=False),
        *[each(f, normal(3, 4), analytic=False) for f in (*real, sp.log_ndtr, *bessel[:4])],
        *[each(f, nonzero(3, 4), analytic=False) for f in (*bessel[4:], sp.cbrt)],
        *[each(f, positive(3, 4), analytic=False) for f in (*logarithmic, sp.entr)],
        *[each(f, about(0.3, 3, 4), analytic=False) for f in (sp.logit, sp.erfinv, sp.ndtri)],
        *[each(f, about(0.3, 3, 4), analytic=False) for f in (sp.erfcinv, sp.ellipk, sp.ellipe)],
        *[each(sp.erfcx, about(x, 3), analytic=False) for x in (5.0, 12.0)],
        each(sp.log_ndtr, about(-20.0, 3), analytic=False),
        *[each(f, positive(3, 1), positive(4), analytic=False) for f in (sp.beta, sp.betaln)],
        *[each(f, positive(3, 1), positive(4), analytic=False) for f in (sp.poch, sp.binom)],
        *[each(f, positive(3, 1), positive(4)) for f in (sp.xlogy, sp.xlog1py)],
        each(sp.xlogy, TWO, positive(3)),
        each(sp.xlogy, normal(3), TWO),
        each(sp.xlog1py, normal(3), TWO),
        *[each(f, positive(3, 1), positive(4), analytic=False) for f in (sp.rel_entr, sp.kl_div)],
        *[each(f, positive(3, 1), normal(4), analytic=False) for f in (sp.boxcox, sp.boxcox1p)],
        each(sp.boxcox, positive(3), 0.0, analytic=False),
        each(sp.inv_boxcox, normal(3, 1), about(0.1, 4), analytic=False),
        each(sp.inv_boxcox1p, normal(3, 1), about(-0.1, 4), analytic=False),
        each(sp.inv_boxcox, normal(3), 0.0, analytic=False),
        each(sp.huber, about(1.0, 4), spaced(5, 1), analytic=False),
        each(sp.huber, 1.0, spaced(5), analytic=False),
        each(sp.pseudo_huber, positive(4), normal(5, 1), analytic=False),
        *[each(polygamma, n, positive(3, 4), analytic=False) for n in (0, 1, 2)],
        each(polygamma, np.array([[0], [3]]), positive(2, 3), analytic=False),
        each(zeta, 2.5, positive(3, 4), analytic=False),
        *[
            each(f, n, positive(3, 4), analytic=False)
            for f in (sp.jv, sp.yv, sp.iv, sp.ive, sp.kv, sp.kve)
            for n in (0, 1.5)
        ],
        *[each(f, 2.0, positive(3, 4), analytic=False) for f in (sp.yn, sp.kn)],
        each(sp.ive, 2, nonzero(3), analytic=False),
        *[each(f, TWO, positive(3, 4), analytic=False) for f in (sp.gammainc, sp.gammaincc)],
        *[each(f, TWO, about(0.4, 3), analytic=False) for f in (sp.gammaincinv, sp.gammainccinv)],
        *[each(f, 1.7, 0.6, about(0.4, 3), analytic=False) for f in (sp.betainc, sp.betaincc)],
        *[
            each(f, 1.7, 0.6, about(0.4, 3), analytic=False)
            for f in (sp.betaincinv, sp.betainccinv)
        ],
        each(sp.hyp0f1, 1.7, normal(3), analytic=False),
        each(sp.hyp1f1, 1.7, 2.2, normal(3), analytic=False),
        each(sp.hyp2f1, TWO, TWO + 1, TWO / 4, about(-0.4, 3), analytic=False),
    ]
