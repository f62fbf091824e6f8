"""Parameters to and from PyTorch: the same names, the layouts converted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.errors import MissingExtraError
from autograd_nn.nn.dropout import Dropout
from autograd_nn.nn.layers import Linear
from autograd_nn.nn.module import Module
from autograd_nn.nn.recurrent import Recurrent
from autograd_nn.tensor import Tensor


def to_pytorch(model: Module) -> dict[str, Any]:
    """Return the parameters and buffers as PyTorch's Tensors, in PyTorch's layouts.

    Parameters
    ----------
    model : Module
        Made of modules that PyTorch has too; a module of one's own keeps its layout.

    Returns
    -------
    dict of str to torch.Tensor
        For ``load_state_dict`` of the same model made in PyTorch.  What Dropout keeps for its
        random numbers is left out: PyTorch has nothing like it.

    Raises
    ------
    MissingExtraError
        If PyTorch is not installed (the extra ``[torch]``).

    Examples
    --------
    ::

        ours = nn.MLP((64, 32, 10))
        theirs = torch.nn.Sequential(
            torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)
        )
        theirs.load_state_dict(to_pytorch(ours))
        from_pytorch(ours, theirs.state_dict())
    """
    try:
        import torch  # noqa: PLC0415 (only when asked for)
    except ImportError as error:
        message = "to_pytorch needs PyTorch: pip install 'autograd_nn[torch]'"
        raise MissingExtraError(message) from error
    transposed, ours_alone = transposed_names(model), names_of_dropout(model)
    return {
        name: torch.tensor(array.T if name in transposed else array)
        for name, array in model.state_dict().items()
        if name not in ours_alone
    }


def from_pytorch(model: Module, state: Mapping[str, Any]) -> None:
    """Write what ``state_dict()`` of the same model made in PyTorch returned into a model.

    Parameters
    ----------
    model : Module
        Changed in place, all of it or nothing; Dropout goes on with its own random numbers.
    state : dict of str to torch.Tensor, or array
        In PyTorch's layouts, on any device.

    Raises
    ------
    KeyError
        If names are missing or unknown.
    ShapeError, DtypeError
        If an array does not fit.

    Examples
    --------
    >>> from autograd_nn import nn
    >>> layer = nn.Linear(2, 1, rng=0)
    >>> from_pytorch(layer, {"weight": np.array([[1.0, 2.0]]), "bias": np.array([3.0])})
    >>> layer(np.array([10.0, 100.0])).tolist()
    [213.0]
    """
    transposed, own = transposed_names(model), model.state_dict()
    arrays = {
        name: np.asarray(x.detach().cpu() if hasattr(x, "detach") else x)
        for name, x in state.items()
    }
    given = {name: x.T if name in transposed else x for name, x in arrays.items()}
    model.load_state_dict({name: own[name] for name in names_of_dropout(model)} | given)


def transposed_names(model: Module) -> set[str]:
    """Name what has (inputs, outputs) here and (outputs, inputs) in PyTorch, or one axis."""
    return {
        joined(path, name)
        for path, module in model.named_modules()
        if isinstance(module, Linear | Recurrent)
        for name, tensor in vars(module).items()
        if isinstance(tensor, Tensor)
    }


def names_of_dropout(model: Module) -> set[str]:
    """Name what Dropout keeps for its random numbers."""
    found = (path for path, module in model.named_modules() if isinstance(module, Dropout))
    return {joined(path, "draws") for path in found}


def joined(path: str, name: str) -> str:
    """Join the path of a module and the name of a Tensor in it."""
    return f"{path}.{name}" if path else name
