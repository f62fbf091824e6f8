"""Name a mistake by how its repair differs from the line, and say it in a sentence."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.edit import Edit, Swapped
from autograd_nn.compare.diagnosis.edits import FORMS
from autograd_nn.compare.diagnosis.helpers import ACTIVATIONS
from autograd_nn.compare.diagnosis.judging import ratio
from autograd_nn.compare.diagnosis.repair import Place, Repair
from autograd_nn.compare.diagnosis.scene import (
    Scene,
    expression,
    is_array,
    is_mask,
    normalises,
    shown,
    spell,
)

PRODUCTS = {"dot", "matmul", "outer", "multiply", "einsum", "tensordot", "sum", "mean", "inner"}
OLDER = ast.Name("__autograd_nn_older__", ast.Load())
Rule = Callable[[Edit, Scene, Place], str]


def mistake_of(repair: Repair, place: Place) -> str:
    """Name the class of the mistake that an edit repairs."""
    edit, scene = repair.edit, place.scene(repair.site)
    if is_multiple_of_parameter(term_around(edit, scene), scene, place):
        return "regularisation"
    if place.record.backward[repair.site][0].dtype.kind == "b":
        return "mask"
    found = RULES[edit.kind](edit, scene, place)
    in_doubt = {"missing-derivative", "wrong-derivative", "batch-norm-term", "overwrite"}
    if found in in_doubt and is_of_another_loss(repair.site, place):
        return "loss-mismatch"
    if found in {"constant", "wrong-operand", "bias-reduction", "transpose"}:
        if is_helper(scene, place):
            return "wrong-derivative"
        if (
            found != "transpose"
            and edit.kind not in {"sign", "term sign"}
            and is_bias(repair.site, scene, place)
        ):
            return "bias-reduction"
    return found


# ---- rules, by the kind of the edit ----------------------------------------------------------


def substituted(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another operand repairs."""
    old, new = value(edit.old, scene), value(edit.new, scene)
    named_before = edit.new is not None and "__before" in ast.unparse(edit.new)
    if named_before or (place.bench.problem.returns == "update" and is_parameter(new, place)):
        return "stale-weights"
    inside = is_in_derivative(edit, scene)
    if inside and is_activation_of(old, new, scene):
        return "double-derivative"
    is_wrong_slope = inside and not is_activation_of(old, new, scene)
    if is_wrong_slope and is_activation_of(new, old, scene):
        return "wrong-derivative"
    if is_mask(new) or is_mask(old) or is_compared(edit, scene) or is_masked(old, new):
        return "mask"
    return "wrong-derivative" if is_wrong_slope else "wrong-operand"


def dropped(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that is repaired by leaving a factor out."""
    factor = value(edit.old, scene)
    if np.ndim(factor) == 0 and not is_difference(edit.old):
        return "constant"
    if is_mask(factor):
        return "mask"
    return "loss-mismatch" if reads_targets(scene, place) else "wrong-derivative"


def is_difference(node: ast.expr | None) -> bool:
    """Tell whether there is a difference in an expression, as in a derivative of numbers."""
    parts = ast.walk(node) if node is not None else ()
    return any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub) for n in parts)


def uncalled(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that is repaired by leaving a function out."""
    del place
    inside = edit.new is not None and is_in_derivative(Edit(edit.node, 0, "", edit.old), scene)
    given, made = value(edit.new, scene), value(edit.old, scene)
    if inside and is_activation_of(made, given, scene):
        return "double-derivative"
    return "wrong-operand"


def multiplied(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that a factor repairs."""
    factor = value(edit.new, scene)
    del place
    if np.ndim(factor) == 0:
        return "constant"
    if is_mask(factor):
        return "mask"
    return "missing-derivative" if is_slope(factor, scene) else "upstream-dropped"


def differentiated(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that a local derivative as a factor repairs."""
    del place
    by_mask = (
        is_mask(value(edit.new, scene)) and "mask" in shown(edit.new).lower() if edit.new else False
    )
    return "mask" if by_mask else "missing-derivative"


def reformed(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another derivative repairs; the old one may be at an activation."""
    old = value(edit.old, scene)
    del place
    names = (
        {ast.unparse(n) for n in ast.walk(edit.old) if isinstance(n, ast.expr)}
        if edit.old
        else set()
    )
    for atom in scene.atoms:
        if ast.unparse(atom.node) in names and is_activation(atom.value, scene):
            calls = (expression(f"{name}({spell(atom.node)})") for name in scene.functions())
            slopes = [slope for call in calls if is_array(slope := scene.value(call))]
            a = np.asarray(atom.value, float)
            s, t = ACTIVATIONS["sigmoid"](a), np.tanh(a)
            if any(same(slope, old) for slope in [*slopes, s * (1 - s), 1 - t * t]):
                return "double-derivative"
    return "mask" if is_mask(old) and is_mask(value(edit.new, scene)) else "wrong-derivative"


def reduced(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another sum repairs."""
    del edit
    code = place.forward_code
    if not is_bias(scene.site.index, scene, place):
        if normalises(code):
            return "batch-norm-term"
        if "exp(" in code and isinstance(scene.site.node, ast.BinOp):
            return "softmax-jacobian"
    return "bias-reduction"


def added(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another term repairs."""
    if is_multiple_of_parameter(edit.new, scene, place):
        return "regularisation"
    if place.bench.problem.returns == "update" and is_older_parameter_due(edit, scene, place):
        return "stale-weights"
    if len(place.record.backward.get(scene.site.index, [])) > 1:
        return "recurrent-term"
    code = place.forward_code
    return "batch-norm-term" if normalises(code) else "overwrite"


def scaled(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that a constant repairs: a mask has one, but targets of 0 and 1 are none."""
    del edit
    if reads_targets(scene, place):
        return "constant"
    operands = [n for n in ast.walk(scene.site.node) if isinstance(n, ast.Name | ast.Subscript)]
    return "mask" if any(is_mask(value(n, scene)) for n in operands) else "constant"


RULES: dict[str, Rule] = {
    "substitute": substituted,
    "transpose": lambda *_: "transpose",
    "drop factor": dropped,
    "drop term": lambda *_: "wrong-operand",
    "drop function": uncalled,
    "sign": lambda *_: "constant",
    "term sign": lambda *_: "constant",
    "reduce": reduced,
    "accumulate": lambda *_: "overwrite",
    "overwrite": lambda *_: "overwrite",
    "factor": multiplied,
    "derivative": differentiated,
    "form": reformed,
    "constant": scaled,
    "number": lambda *_: "constant",
    "product": lambda *_: "upstream-dropped",
    "term": added,
    "softmax": lambda *_: "softmax-jacobian",
    "mean": lambda *_: "batch-norm-term",
}


# ---- what rules ask --------------------------------------------------------------------------


def value(node: ast.expr | None, scene: Scene) -> Any:
    """Evaluate a part of an edit."""
    return scene.value(node) if node is not None else None


def same(a: Any, b: Any) -> bool:
    """Tell whether two arrays are equal but for rounding."""
    alike = a is not None and b is not None and np.shape(a) == np.shape(b)
    return alike and np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=1e-9, atol=0)


def is_activation_of(a: Any, z: Any, scene: Scene) -> bool:
    """Tell whether `a` is an activation function of `z`."""
    if a is None or z is None or np.shape(a) != np.shape(z) or not np.ndim(z):
        return False
    functions = [*ACTIVATIONS.values(), *scene.activations]
    for f in functions:
        try:
            with np.errstate(all="ignore"):
                if same(np.asarray(f(np.asarray(z, float))), a):
                    return True
        except Exception:  # noqa: BLE001, S112 (a function of the user's for something else)
            continue
    return False


def is_activation(a: Any, scene: Scene) -> bool:
    """Tell whether a value is an activation function of another that is known."""
    return any(is_activation_of(a, atom.value, scene) for atom in scene.atoms)


def is_in_derivative(edit: Edit, scene: Scene) -> bool:
    """Tell whether an operand stands in a derivative, not in a product on its own."""
    spelled = ast.unparse(edit.old) if edit.old is not None else ""
    return any(stands_in(spelled, node, scene) for node in ast.walk(scene.site.node))


def stands_in(spelled: str, node: ast.AST, scene: Scene) -> bool:
    """Tell whether a part is ``f(spelled)``, ``spelled ** n`` or ``1 - spelled``."""
    if isinstance(node, ast.Call) and not is_product(node):
        given = any(ast.unparse(arg) == spelled for arg in node.args)
        return given and not is_activation_of(value(node, scene), value(node.args[0], scene), scene)
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Pow):
        return spelled in texts(node.left)
    is_rest = isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Constant)
    return is_rest and spelled in texts(node.right)


def texts(node: ast.AST) -> set[str]:
    """Spell all parts of an expression."""
    return {ast.unparse(n) for n in ast.walk(node) if isinstance(n, ast.expr)}


def is_product(call: ast.Call) -> bool:
    """Tell whether a call is a product, or a sum."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in PRODUCTS


def is_compared(edit: Edit, scene: Scene) -> bool:
    """Tell whether an operand is compared: it makes a mask."""
    spelled = ast.unparse(edit.old) if edit.old is not None else ""
    return any(
        isinstance(n, ast.Compare) and spelled in texts(n) for n in ast.walk(scene.site.node)
    )


def is_masked(a: Any, b: Any) -> bool:
    """Tell whether one value is the other under a mask."""
    if a is None or b is None or np.shape(a) != np.shape(b) or not np.ndim(a):
        return False
    for x, y in ((a, b), (b, a)):
        with np.errstate(all="ignore"):
            ratio = np.asarray(x, float)[y != 0] / np.asarray(y, float)[y != 0]
        if ratio.size and is_mask(np.round(ratio, 9)) and np.any(ratio == 0):
            return True
    return False


def is_slope(factor: Any, scene: Scene) -> bool:
    """Tell whether a value is the derivative of an activation."""
    for atom in scene.atoms:
        if atom.shape == np.shape(factor):
            for form in FORMS:
                if "{slope}" not in form:
                    text = form.format(x=spell(atom.node), np=scene.numpy)
                    if same(scene.value(expression(text)), factor):
                        return True
    return False


def term_around(edit: Edit, scene: Scene) -> ast.expr | None:
    """Find the term, between signs, in which something was changed."""
    term = node = scene.site.node
    if edit.old is None or edit.kind not in {
        "drop factor",
        "drop term",
        "term sign",
        "number",
        "constant",
        "substitute",
        "sign",
    }:
        return None
    while node is not edit.old:
        inside = [n for n in ast.iter_child_nodes(node) if any(m is edit.old for m in ast.walk(n))]
        if not inside or not isinstance(inside[0], ast.expr):
            return None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            term = inside[0]
        node = inside[0]
    return term


def is_multiple_of_parameter(node: ast.expr | None, scene: Scene, place: Place) -> bool:
    """Tell whether a term is a constant times a parameter."""
    term = value(node, scene)
    if term is None or np.ndim(term) == 0:
        return False
    term = np.asarray(term, float)
    reached = place.locator.influence(scene.site.index)
    for name, leaf in zip(place.trial.truth, place.record.run.given, strict=True):
        if np.shape(leaf) == term.shape and reached == {name}:
            square = float(np.sum(np.square(leaf)))
            c = float(np.sum(leaf * term)) / square if square else 0.0
            if c and same(term, c * leaf):
                return True
    return False


def is_parameter(array: Any, place: Place) -> bool:
    """Tell whether a value is a parameter as it was before its update."""
    return any(same(array, leaf) for leaf in place.record.run.given if np.ndim(leaf))


def is_older_parameter_due(edit: Edit, scene: Scene, place: Place) -> bool:
    """Tell whether a parameter as it was, for an operand of a line, does what an edit does."""
    due, root = scene.evaluate(edit.node), scene.site.node
    for node in ast.walk(root):
        if isinstance(node, ast.Name | ast.Subscript | ast.Attribute):
            for leaf in place.record.run.given:
                if np.ndim(leaf) and np.shape(leaf) == scene.shape(node):
                    older = scene.evaluate(Swapped(root, node, OLDER).made(), {OLDER.id: leaf})
                    if same(older, due):
                        return True
    return False


def is_helper(scene: Scene, place: Place) -> bool:
    """Tell whether a line is in a function of one argument, which makes a derivative."""
    return bool(place.bench.unary([scene.site.function]))


def is_bias(site: int, scene: Scene, place: Place) -> bool:
    """Tell whether a line makes the gradients of biases alone, by a sum over samples."""
    reached = place.locator.influence(site)
    shapes = {name: g.shape for name, g in place.trial.truth.items()}
    wide = any(sum(n > 1 for n in shape) > 1 for shape in shapes.values())
    return (
        wide
        and bool(reached)
        and all(name in shapes and sum(n > 1 for n in shapes[name]) <= 1 for name in reached)
        and not multiplies(scene)
    )


def multiplies(scene: Scene) -> bool:
    """Tell whether a line has a product of two arrays: then it is no gradient of a bias."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mult | ast.MatMult)
        and all(np.ndim(value(side, scene)) for side in (node.left, node.right))
        for node in ast.walk(scene.site.node)
    )


def is_of_another_loss(site: int, place: Place) -> bool:
    """Tell whether a line makes of the targets what is no derivative of this loss, even in part."""
    scene, made = place.scene(site), place.record.backward[site][0]
    read = [scene.value(n) for n in ast.walk(scene.site.node) if isinstance(n, ast.Name)]
    parts = [made, *place.recorded_parts(site).values(), *filter(is_array, read)]
    return reads_targets(scene, place) and not any(
        is_multiple(part, adjoint)
        for part in parts
        for stream in place.streams
        for adjoint in stream.adjoints
    )


def is_multiple(a: Any, b: Any) -> bool:
    """Tell whether an array is a constant times another."""
    is_alike = np.ndim(a) > 0 and np.shape(a) == np.shape(b)
    return is_alike and ratio(np.asarray(a, float), np.asarray(b, float)) is not None


def reads_targets(scene: Scene, place: Place) -> bool:
    """Tell whether a line makes the first cotangent: it reads the targets."""
    targets = place.trial.point.targets
    read = texts(scene.site.node)
    return any(
        same(atom.value, targets) and ast.unparse(atom.node) in read
        for atom in scene.atoms
        if isinstance(targets, np.ndarray) and not atom.origin
    )
