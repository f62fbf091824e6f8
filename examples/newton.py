"""Newton's method with an exact Hessian finds a minimum to the last digit in a few steps."""

from typing import Any

import numpy as np

from autograd_nn import grad, hessian


def rosenbrock(x: Any) -> Any:  # of arrays and Tensors alike
    """Compute Rosenbrock's valley (1960); its minimum is 0 at (1, 1)."""
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


point = np.array([-1.2, 1.0])
for step in range(8):
    print(f"step {step}: f = {rosenbrock(point):.3e} at ({point[0]:.6f}, {point[1]:.6f})")
    point -= np.linalg.solve(hessian(rosenbrock)(point), grad(rosenbrock)(point))

assert np.allclose(point, [1, 1], rtol=0, atol=1e-14)
