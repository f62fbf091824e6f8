"""Data-parallel training over MPI: 1, 2 or 4 ranks give identical bits.

Start a script by ``mpiexec -n 2 python train.py``, and give `fit` a `Group`; in a loop of your
own, let a `DataParallel` bring the gradients.  Without ``mpiexec`` the same script trains alone.
"""

from autograd_nn.parallel.data_parallel import DataParallel
from autograd_nn.parallel.group import Group

__all__ = ["DataParallel", "Group"]
