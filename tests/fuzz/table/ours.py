"""Functions of our own."""

from ..domains import nonzero
from ..operation import Argument
from ..parameters import axes, axis, flag
from .line import op

# fmt: off
OPERATIONS = [
    op("ag.sigmoid({x})", "torch.sigmoid({x})", "jax.nn.sigmoid({x})", analytic=False),
    op("ag.relu({x})", "torch.relu({x})", "jax.nn.relu({x})", analytic=False, x=Argument(nonzero)),
    op("ag.softplus({x})", "torch.nn.functional.softplus({x})", "jax.nn.softplus({x})",
       analytic=False),
    op("ag.logsumexp({x}, axis={axis}, keepdims={k})",
       "torch.logsumexp({x}, dim={dims}, keepdim={k})",
       "jax.scipy.special.logsumexp({x}, axis={axis}, keepdims={k})", analytic=False, axis=axes,
       k=flag),
    op("ag.log_softmax({x}, axis={axis})", "torch.log_softmax({x}, dim={axis})",
       "jax.nn.log_softmax({x}, axis={axis})", analytic=False, axis=axis),
]
