"""Name a mistake by how its repair differs from the line, and say it in a sentence."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from autograd_nn.compare.diagnosis.edits import FORMS, Edit, Scene, shown
from autograd_nn.compare.diagnosis.mistakes import MISTAKES
from autograd_nn.compare.diagnosis.repair import Place, Repair

ACTIVATIONS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "softplus": lambda z: np.log1p(np.exp(z)),
}


def mistake_of(repair: Repair, place: Place) -> str:
    """Name the class of the mistake that an edit repairs."""
    edit, scene = repair.edit, place.scene(repair.site)
    by_kind: dict[str, Any] = {
        "substitute": substituted,
        "transpose": lambda *_: "transpose",
        "drop factor": dropped,
        "drop term": lambda e, s, p: "regularisation" if is_multiple_of_parameter(e.old, s, p) else "wrong-operand",
        "drop function": lambda *_: "wrong-operand",
        "sign": lambda *_: "constant",
        "term sign": lambda e, s, p: "regularisation" if is_multiple_of_parameter(e.old, s, p) else "constant",
        "reduce": lambda *_: "bias-reduction",
        "accumulate": lambda *_: "overwrite",
        "overwrite": lambda *_: "overwrite",
        "factor": multiplied,
        "derivative": lambda e, s, p: "mask" if is_mask(s.value(e.new)) and "mask" in shown(e.new) else "missing-derivative",
        "form": reformed,
        "constant": lambda *_: "constant",
        "number": lambda e, s, p: "regularisation" if is_multiple_of_parameter(around(e, s), s, p) else "constant",
        "product": lambda *_: "upstream-dropped",
        "term": added,
        "softmax": lambda *_: "softmax-jacobian",
    }
    found: str = by_kind[edit.kind](edit, scene, place)
    return found


def around(edit: Edit, scene: Scene) -> ast.expr:
    """Find the term in which a number stands."""
    best = scene.site.node
    for node in ast.walk(scene.site.node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div) and any(n is edit.old for n in ast.walk(node)):
            return node
    return best


def is_mask(value: Any) -> bool:
    """Tell whether an array has 0 and one other value."""
    if value is None or np.size(value) == 0:
        return False
    values = np.unique(np.asarray(value, float))
    return len(values) <= 2 and 0 in values  # noqa: PLR2004 (of two)


def is_activation_of(a: Any, z: Any, scene: Scene) -> bool:
    """Tell whether `a` is an activation function of `z`."""
    if a is None or z is None or np.shape(a) != np.shape(z):
        return False
    functions = [*ACTIVATIONS.values()]
    functions += [scene.around.module[name] for name in scene.functions()]
    for f in functions:
        try:
            with np.errstate(all="ignore"):
                image = np.asarray(f(np.asarray(z, float)))
            if image.shape == np.shape(a) and np.allclose(image, a, rtol=1e-9, atol=0):
                return True
        except Exception:  # noqa: BLE001 (a function of the user's for something else)
            continue
    return False


def substituted(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another operand repairs."""
    old, new = scene.value(edit.old), scene.value(edit.new)  # type: ignore[arg-type]
    if edit.new is not None and ast.unparse(edit.new).removesuffix(".T").endswith("__before"):
        return "stale-weights"
    if is_activation_of(old, new, scene):
        inside = is_in_derivative(edit, scene)
        return "double-derivative" if inside else "wrong-operand"
    if is_mask(new) or is_mask(old):
        return "mask"
    if in_comparison(edit, scene):
        return "mask"
    return "wrong-operand"


def is_in_derivative(edit: Edit, scene: Scene) -> bool:
    """Tell whether an operand stands in a derivative, not in a product on its own."""
    spelled = ast.unparse(edit.old) if edit.old is not None else ""
    for node in ast.walk(scene.site.node):
        if isinstance(node, ast.Call) and not is_product(node):
            if any(ast.unparse(arg) == spelled for arg in node.args):
                return True
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            if ast.unparse(node.left) == spelled:
                return True
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            if ast.unparse(node.right) == spelled and isinstance(node.left, ast.Constant):
                return True
    return False


def is_product(call: ast.Call) -> bool:
    """Tell whether a call is a product, or a sum."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"dot", "matmul", "outer", "multiply", "einsum", "tensordot", "sum", "mean", "inner"}


def in_comparison(edit: Edit, scene: Scene) -> bool:
    """Tell whether an operand is compared: it makes a mask."""
    spelled = ast.unparse(edit.old) if edit.old is not None else ""
    return any(
        isinstance(node, ast.Compare) and spelled in (ast.unparse(n) for n in ast.walk(node) if isinstance(n, ast.expr))
        for node in ast.walk(scene.site.node)
    )


def dropped(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that is repaired by leaving a factor out."""
    value = scene.value(edit.old) if edit.old is not None else None
    if np.ndim(value) == 0:
        return "constant"
    if is_mask(value):
        return "mask"
    return "loss-mismatch" if is_at_output(scene, place) else "wrong-derivative"


def multiplied(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that a factor repairs."""
    value = scene.value(edit.new) if edit.new is not None else None
    if np.ndim(value) == 0 or value is None:
        return "constant"
    if is_mask(value):
        return "mask"
    slope = any(is_slope(value, scene))
    del place
    return "missing-derivative" if slope else "upstream-dropped"


def is_slope(value: Any, scene: Scene) -> list[bool]:
    """Compare a value with the derivatives of activations."""
    found = []
    for atom in scene.atoms:
        if atom.shape == np.shape(value):
            for form in FORMS:
                if "{slope}" in form:
                    continue
                text = form.format(x=ast.unparse(atom.node), np=scene.numpy)
                other = scene.value(ast.parse(text, mode="eval").body)
                found.append(other is not None and np.shape(other) == np.shape(value) and np.allclose(other, value, rtol=1e-9, atol=0))
    return found


def reformed(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another derivative repairs: was the old one taken at an activation?"""
    old, new = scene.value(edit.old), scene.value(edit.new)  # type: ignore[arg-type]
    del place
    names = [ast.unparse(n) for n in ast.walk(edit.old) if isinstance(n, ast.expr)]  # type: ignore[arg-type]
    for atom in scene.atoms:
        if ast.unparse(atom.node) in names and old is not None and new is not None:
            # a is in it, and it is f'(a), but f'(z) with a = f(z) is due
            for name in scene.functions():
                slope = scene.value(ast.parse(f"{name}({ast.unparse(atom.node)})", mode="eval").body)
                if same(slope, old) and is_activation(atom.value, scene):
                    return "double-derivative"
            s = ACTIVATIONS["sigmoid"](np.asarray(atom.value, float))
            t = np.tanh(np.asarray(atom.value, float))
            if (same(s * (1 - s), old) or same(1 - t * t, old)) and is_activation(atom.value, scene):
                return "double-derivative"
    if is_mask(old) and is_mask(new):
        return "mask"
    if old is not None and is_raw(edit, scene):
        return "missing-derivative"
    return "wrong-derivative"


def is_raw(edit: Edit, scene: Scene) -> bool:
    """Tell whether what a derivative is put in place of is a name alone: no derivative at all."""
    del scene
    return isinstance(edit.old, ast.Name | ast.Subscript | ast.Attribute) and False


def is_activation(value: Any, scene: Scene) -> bool:
    """Tell whether a value is an activation function of another that is known."""
    return any(is_activation_of(value, atom.value, scene) for atom in scene.atoms if atom.shape == np.shape(value))


def same(a: Any, b: Any) -> bool:
    """Tell whether two arrays are equal but for rounding."""
    return a is not None and b is not None and np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=0)


def is_multiple_of_parameter(node: ast.expr | None, scene: Scene, place: Place) -> bool:
    """Tell whether a term is a constant times a parameter."""
    value = scene.value(node) if node is not None else None
    if value is None or np.ndim(value) == 0:
        return False
    value = np.asarray(value, float)
    for leaf in place.record.run.given:
        if np.shape(leaf) == value.shape:
            square = float(np.sum(np.square(leaf)))
            c = float(np.sum(leaf * value)) / square if square else 0.0
            if c and np.allclose(value, c * leaf, rtol=1e-9, atol=0):
                return True
    return False


def added(edit: Edit, scene: Scene, place: Place) -> str:
    """Name a mistake that another term repairs."""
    if is_multiple_of_parameter(edit.new, scene, place):
        return "regularisation"
    if len(place.record.backward.get(scene.site.index, [])) > 1:
        return "recurrent-term"
    variables = {place.bench.site(k).line.code for k in place.record.forward}
    if any("var(" in code or "std(" in code for code in variables):
        return "batch-norm-term"
    return "overwrite"


def is_at_output(scene: Scene, place: Place) -> bool:
    """Tell whether a line makes the first cotangent: it reads the targets."""
    targets = [np.asarray(t) for t in [place.trial.point.targets] if np.ndim(t)]
    return any(
        np.shape(atom.value) == t.shape and np.array_equal(atom.value, t)
        for t in targets
        for atom in scene.atoms
        if not atom.origin and ast.unparse(atom.node) in ast.unparse(scene.site.node)
    )


def explained(repair: Repair, mistake: str, place: Place) -> tuple[str, str]:
    """Say what is wrong with a line, and what to write instead."""
    edit, site = repair.edit, place.bench.site(repair.site)
    sentence = MISTAKES[mistake]
    sentence = sentence[0].upper() + sentence[1:]
    old = shown(edit.old) if edit.old is not None else ""
    new = shown(edit.new) if edit.new is not None else ""
    if edit.kind == "substitute":
        todo = f"replace `{old}` by `{new}`"
        if edit.new is not None and "__before" in ast.unparse(edit.new):
            todo = f"take `{old}` as it was before it was updated"
    else:
        todo = f"write `{spelled(site.line.variable, edit.verb or site.verb, body(edit))}`"
    where = ""
    if edit.new is not None:
        names = {n.id for n in ast.walk(edit.new) if isinstance(n, ast.Name)}
        for k in place.record.forward:
            line = place.bench.site(k).line
            local = place.record.surroundings[repair.site].local
            if place.bench.site(k).verb == "=" and line.variable in {n.replace("__forward", "") for n in names} and (line.variable not in local or f"{line.variable}__forward" in names):
                where = f" (`{line.variable}` is computed in line {line.line} of the forward pass)"
    return f"{sentence}.", todo + where


def body(edit: Edit) -> str:
    """Spell what stands right of the verb."""
    if edit.kind in {"accumulate", "overwrite"} and edit.old is not None:
        return shown(edit.old)
    return edit.text


def spelled(variable: str, verb: str, text: str) -> str:
    """Spell a statement."""
    if verb == "return":
        return f"return {text}" if variable == "return" else f"{variable.removeprefix('return')}: {text}"
    if verb == "call":
        return f"{variable}({text})"
    return f"{variable} {verb} {text}"
