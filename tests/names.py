"""The class of every public name of NumPy; ``python tests/names.py`` writes docs/numpy.md."""

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import vjp
from autograd_nn.primitive import Primitive
from autograd_nn.table import CONSTANTS, REFUSED, TABLE
from autograd_nn.writing import WRITERS

PAGE = Path(__file__).parents[1] / "docs" / "numpy.md"
NAMESPACES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}

# Python code of NumPy's that calls functions of the table, and so works as it is.
PYTHON = {"np.fft.fftfreq", "np.fft.rfftfreq", "np.fromfunction", "np.row_stack", "np.trapz"}

# Makers of arrays from numbers or files, settings, questions about types: a Tensor means nothing.
SILENT = """
    np.bartlett np.blackman np.hamming np.hanning np.kaiser np.load np.base_repr np.binary_repr
    np.format_float_positional np.format_float_scientific np.datetime_data np.isdtype
    np.issubdtype np.mintypecode np.promote_types np.isscalar np.iterable np.nested_iters
    np.typename np.get_include np.get_printoptions np.getbufsize np.geterr np.geterrcall np.info
    np.printoptions np.set_printoptions np.setbufsize np.seterr np.seterrcall np.show_config
    np.show_runtime np.test np.fft.test np.linalg.test
"""
NO_ARRAY = set(SILENT.split())


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """List the functions of the installed NumPy; what else there is, its type classifies."""
    for prefix, module in NAMESPACES.items():
        for name in sorted(n for n in dir(module) if not n.startswith("_")):
            found = getattr(module, name)
            if callable(found) and not inspect.isclass(found):
                yield f"{prefix}.{name}", found


def classes(name: str, function: Callable[..., Any]) -> list[str]:
    """List the classes of a function: one, if all is well."""
    found = {
        "differentiable": function in TABLE or name in PYTHON,
        "constant": function in CONSTANTS,
        "writes": function in WRITERS,
        "refused": function in REFUSED,
        "takes no array": name in NO_ARRAY,
    }
    return [kind for kind, holds in found.items() if holds]


# ---- the page ----------------------------------------------------------------------------------

HEAD = """\
# Every name of NumPy

The public names of `numpy`, `numpy.linalg` and `numpy.fft`, as NumPy {version} has them, called
on Tensors that require a gradient. Written by `tests/names.py` from the tables of derivatives and
of samples; tests hold it to both, and fail on a name of a newer NumPy until it has a class.

* **differentiable**: has a derivative. ✓ says that it is tested against independent judges, in
  reverse mode, in forward mode and to second order.
* **constant**: depends on values alone; its result carries no gradient.
* **writes**: changes its first argument in place.
* **refused**: raises an error that says why, and what to write instead.
* **takes no array**: makes arrays of numbers or files, or is about types or settings, where a
  Tensor means nothing.

Notes tell how a function is composed of others, if it is, and which of its keywords are covered;
any other keyword is refused by name. `out=` works wherever NumPy has it, and so do `where=` and
`dtype=` of elementwise functions.
"""

BEYOND = """
## Beyond these namespaces

* `np.poly1d` may hold a Tensor of coefficients; `np.r_` and `np.c_` join Tensors; `np.vectorize`
  and `np.matrix` make plain arrays, which is an error.
* `numpy.polynomial` is Python code that NumPy does not offer to Tensors. What evaluates
  (`polyval`, `chebval`, `legval`, `hermval`, `hermeval`, `lagval`) takes a Tensor of points beside
  plain coefficients of one dimension, and is differentiated; those of more dimensions broadcast
  as by `tensor=False`. A Tensor of coefficients is an error: write `np.polyval(c[::-1], x)`.
* `np.emath`, `np.strings` and `np.lib.stride_tricks` are refused by name; `np.ma` and `np.random`
  ask for plain arrays, which is an error: pass `t.detach()`.
* `float(t)`, `np.float64(t)` and `array[i] = t` take the number out of a Tensor without axes: an
  error inside a function that is being differentiated by a transform, but not elsewhere.
"""


def is_flat(sample: Any) -> bool:
    """Tell whether all slopes of a sample are 0: the function is one of steps."""
    function, _, xs = sample.pose()
    out, back = vjp(function, *xs)
    return not any(np.any(g) for g in back(np.ones_like(out)))


def notes(name: str, function: Callable[..., Any]) -> str:
    """Say what a reader of the page wants to know besides the class."""
    if name in PYTHON:
        return "Python code of NumPy's that calls functions of the table"
    if function in REFUSED:
        return REFUSED[function]
    rule = TABLE.get(function)
    if rule is None:
        return ""
    if isinstance(rule, Primitive):
        story, keywords = "", sorted(rule.accepts)
    else:
        story = (inspect.getdoc(rule) or "").partition("\n")[0]
        story = "" if story in (inspect.getdoc(function) or "") else story.rstrip(".")
        own = not hasattr(rule, "__wrapped__")  # whose signature is NumPy's
        parameters = inspect.signature(rule).parameters.values() if own else ()
        keywords = [p.name for p in parameters if p.default is not p.empty]
    covered = ", ".join(f"`{k}`" for k in keywords)
    return "; ".join(filter(None, [story, covered and f"keywords {covered}"]))


def rows() -> dict[str, str]:
    """Write a row for every function, by its name."""
    sys.path.append(str(Path(__file__).parent / "ops"))
    samples: dict[Any, list[Any]] = {}
    for sample in import_module("table").SAMPLES:
        samples.setdefault(sample.entry, []).append(sample)
    found = {}
    for name, function in functions():
        kind = classes(name, function)[0]
        tested = "✓" if function in samples or name in PYTHON else ""
        told = notes(name, function).replace("|", "\\|")
        if function in samples and all(map(is_flat, samples[function])):
            told = "; ".join(filter(None, ["slope 0 at reals", told]))
        cells = [f"`{name}`", kind, tested, tested, tested, told]
        found[name] = "| " + " | ".join(cells) + " |"
    return found


def others() -> Iterator[str]:
    """List what is no function, by its type."""
    for prefix, module in NAMESPACES.items():
        kinds: dict[str, list[str]] = {"classes": [], "modules": [], "values": []}
        for name in sorted(n for n in dir(module) if not n.startswith("_")):
            found = getattr(module, name)
            kind = "classes" if inspect.isclass(found) else "values"
            kind = "modules" if inspect.ismodule(found) else kind
            if kind != "values" or not callable(found):
                kinds[kind].append(f"`{name}`")
        for kind, names in kinds.items():
            if names:
                yield f"* {kind} of `{prefix}`: {', '.join(names)}"


def page() -> str:
    """Write the page."""
    lines, written = [HEAD.format(version=np.__version__)], rows()
    for prefix in NAMESPACES:
        lines += [f"## `{prefix}`", ""]
        lines += ["| name | class | reverse | forward | second order | notes |", "|" + " --- |" * 6]
        lines += [row for name, row in written.items() if name.rpartition(".")[0] == prefix]
        lines.append("")
    lines += [
        "## Other names",
        "",
        "Not functions, and so none of the classes above.",
        "",
        *others(),
    ]
    lines += [BEYOND.rstrip()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
