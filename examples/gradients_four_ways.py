"""One gradient, computed in four ways that share no code, agrees to the last digits."""

from typing import Any

import numpy as np

from autograd_nn import grad, tutorial
from autograd_nn.compare import compare_gradients, complex_step, finite_difference

rng = np.random.default_rng(0)
x, t = rng.standard_normal((6, 3)), rng.random((6, 2))
hidden, output = tutorial.initialize_network(3, 5, 2, rng=rng)


def loss(w: Any) -> Any:  # of arrays, complex arrays and Tensors alike
    """Compute the tutorial's loss as a function of the hidden weights alone."""
    _, y = tutorial.forward_propagation(x, {**hidden, "weights": w}, output)
    return tutorial.half_sse(t, y)


comparison = compare_gradients(
    {
        "automatic": grad(loss)(hidden["weights"]),
        "by hand": tutorial.mended_gradients(x, hidden, output, t)[0]["weights"],
        "complex step": complex_step(loss, hidden["weights"]),
        "finite differences": finite_difference(loss, hidden["weights"]),
    },
    reference="automatic",
)
print(comparison)
comparison.assert_close()
