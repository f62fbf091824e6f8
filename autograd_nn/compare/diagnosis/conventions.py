"""The names by which functions, arguments and gradients are found in a person's code.

Names are compared without underscores and without regard to case: `back_propagation`,
`backPropagation` and `BackPropagation` are one.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd_nn.errors import DiagnosisInputError

FUNCTIONS = {
    "forward": "forward forward_propagation forward_prop forward_pass forward_propagate "
    "forward_step feedforward feed_forward model_forward l_model_forward",
    "backward": "backward backward_propagation backward_prop backward_pass backward_propagate "
    "backward_step backprop back_prop back_propagation backpropagation backpropagate "
    "back_propagate model_backward l_model_backward compute_gradients compute_grads",
    "loss": "loss loss_function loss_fn compute_loss calculate_loss calc_loss get_loss cost "
    "cost_function compute_cost calculate_cost half_sse sse mse mse_loss mean_squared_error "
    "squared_error bce bce_loss binary_cross_entropy cross_entropy cross_entropy_loss",
    "initialise": "initialize initialise init initialize_network initialise_network init_network "
    "initialize_parameters initialise_parameters init_parameters init_params initialize_params "
    "initialize_weights initialise_weights init_weights initialize_parameters_deep init_model "
    "make_network make_params create_network build_network",
    "problem": "make_problem",
}
ROLES = {
    "inputs": "x inputs input input_data data features images batch a0 x_batch x_train samples "
    "input_layer input_values xs inp",
    "targets": "y t targets target labels label actual_output expected_output expected y_true "
    "desired desired_output y_batch y_train ground_truth truth d true_output actual ys",
    "lr": "lr learning_rate alpha eta rate step_size learn_rate",
    "params": "params parameters weights_and_biases network model net theta",
    "cache": "cache caches memory saved ctx context store intermediates",
    "output": "output out outputs y_hat yhat y_pred pred prediction predictions probs "
    "probabilities al predicted predicted_output final_output scores",
    "upstream": "dout d_out dy dl_dy dl_dout upstream upstream_grad upstream_gradient grad_output "
    "grad_out output_gradient dvalues d_values d_output grad dz da dldz dlda",
    "count": "m n_samples batch_size num_samples num_examples n_examples",
}
_AFFIXES = (
    *(
        "dloss_d",
        "dl_d",
        "dj_d",
        "dc_d",
        "de_d",
        "gradient_of_",
        "grad_of_",
        "gradients_",
        "grads_",
    ),
    *("gradient_", "grad_", "delta_", "nabla_", "d_", "g_", "d", "g"),
)
_SUFFIXES = ("_gradients", "_gradient", "_grads", "_grad", "_delta", "_update")


def plain(name: str) -> str:
    """Return a name as it is compared."""
    return name.replace("_", "").lower()


_PLAIN = {
    kind: {plain(name) for name in names.split()} for kind, names in (FUNCTIONS | ROLES).items()
}


def has_role(name: str, role: str) -> bool:
    """Tell whether a name is that of a function or an argument of a kind.

    Examples
    --------
    >>> has_role("learningRate", "lr"), has_role("W1", "inputs")
    (True, False)
    """
    return plain(name) in _PLAIN[role]


def find(names: Mapping[str, Any], role: str) -> Callable[..., Any] | None:
    """Return the function of a kind by its name; None if there is none.

    Raises
    ------
    DiagnosisInputError
        If there are several.
    """
    found = {
        name: value
        for name, value in names.items()
        if inspect.isfunction(value) and has_role(name, role)
    }
    if len(set(found.values())) > 1:
        message = (
            f"{' and '.join(found)} could each be the {role} function; choose one with --{role}"
        )
        raise DiagnosisInputError(message)
    return next(iter(found.values()), None)


def gradients_by_name(names: Iterable[str], parameters: Iterable[str]) -> dict[str, str]:
    """Match the names of gradients with those of parameters; what does not match is left out.

    Examples
    --------
    >>> gradients_by_name(["dW1", "grad_b1", "W2_grad", "loss"], ["W1", "b1", "W2"])
    {'W1': 'dW1', 'b1': 'grad_b1', 'W2': 'W2_grad'}
    >>> gradients_by_name(["nabla_w", "nabla_b"], ["weights", "biases"])
    {'weights': 'nabla_w', 'biases': 'nabla_b'}
    """
    names, matched = list(names), {}
    for parameter in parameters:
        exact = [name for name in names if plain(parameter) in _stems(name)]
        begun = [
            name
            for name in names
            if any(stem and plain(parameter).startswith(stem) for stem in _stems(name)[1:])
        ]
        candidates = exact or begun
        if len(candidates) == 1:
            matched[parameter] = candidates[0]
        elif parameter in names:
            matched[parameter] = parameter
    return matched


def _stems(name: str) -> list[str]:
    """Return what parameter a gradient's name may mean: the name itself, and without an affix."""
    lower = name.lower()
    stems = [lower]
    stems += [lower.removeprefix(affix) for affix in _AFFIXES if lower.startswith(affix)]
    stems += [lower.removesuffix(affix) for affix in _SUFFIXES if lower.endswith(affix)]
    return [plain(stem) for stem in stems]


def arguments(function: Callable[..., Any]) -> dict[str, bool]:
    """Return the names of a function's arguments, each with whether it must be given."""
    return {
        name: parameter.default is parameter.empty
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }


def returned(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function returns, in order, by its last `return`.

    What has no name, such as a sum, is called by its position, "#0". If it returns what another
    function of the same module returns, the names are those in that one.
    """
    tree = _tree(function)
    returns = [node for node in _own(tree) if isinstance(node, ast.Return) and node.value]
    if not returns:
        return []
    value = max(returns, key=lambda node: node.lineno).value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        called = getattr(function, "__globals__", {}).get(value.func.id)
        if inspect.isfunction(called) and not _calls(called, function.__name__):
            return returned(called)
    parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
    return [_name_of(part) or f"#{position}" for position, part in enumerate(parts)]


def last_assigned(function: Callable[..., Any], names: Iterable[str]) -> str | None:
    """Return which of several names a function assigns to last; None if it assigns to none."""
    wanted, last = set(names), None
    for node in sorted(
        (node for node in _own(_tree(function)) if isinstance(node, ast.Assign | ast.AnnAssign)),
        key=lambda node: node.lineno,
    ):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for part in (part for target in targets for part in ast.walk(target)):
            if _name_of(part) in wanted:
                last = _name_of(part)
    return last


def places_written(function: Callable[..., Any]) -> set[str]:
    """Return the names of variables and attributes that a function writes to, or in."""
    written = set()
    for node in _own(_tree(function)):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        for target in targets:
            place: ast.AST = target
            while isinstance(place, ast.Subscript):
                place = place.value
            written |= {_name_of(part) or "" for part in getattr(place, "elts", [place])}
    return written


def globals_read(function: Callable[..., Any]) -> set[str]:
    """Return the names that a function reads from its module."""
    return set(inspect.getclosurevars(function).globals)


def _tree(function: Callable[..., Any]) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):  # no text: compiled, or built at run time
        return ast.Module([], [])


def _calls(function: Callable[..., Any], name: str) -> bool:
    """Tell whether a function mentions a name, as it does where functions call one another."""
    return name in function.__code__.co_names


def _own(tree: ast.AST) -> Iterable[ast.AST]:
    """Yield the nodes of a function that are not in functions within it."""
    pending = list(ast.iter_child_nodes(tree))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))


def _name_of(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return None
