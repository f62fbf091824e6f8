"""Watch a person's code compute: every value, with its line, and other values in its place.

The functions' source is parsed, each value is led through a hook, ``x = f(y)`` becoming
``x = hook(k, f(y))``, and for a while the functions run the code compiled of that.  They see
plain NumPy arrays and their own objects, in-place updates and Python numbers included.  Lines
and names stay, so that errors look as they would.
"""

from __future__ import annotations

import ast
import gc
import linecache
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from autograd_nn.compare.diagnosis.discovery import Code
from autograd_nn.compare.diagnosis.result import CodeLine
from autograd_nn.compare.diagnosis.watch import Watch

HOOK = "__autograd_nn_watch__"
FENCE = "```"
TINY = 1e-4  # what is added to keep a logarithm or a quotient finite is smaller
EXPRESSIONS = (
    ast.BinOp | ast.UnaryOp | ast.Compare | ast.Call | ast.Subscript | ast.Attribute | ast.IfExp
)


@dataclass(frozen=True)
class Site:
    """A place in the code where a value is made: all of what a statement makes, or a part."""

    index: int
    line: CodeLine
    node: ast.expr
    verb: str  # "=", "+=", "return", "index", ...; "" for a part, "after" for what a write leaves
    target: ast.expr | None = None  # what is assigned to
    function: str = ""  # qualified name


# ---- the source ------------------------------------------------------------------------------


class Source:
    """A file of the user's, instrumented."""

    def __init__(
        self, file: str, lines: Sequence[str], first: int, wanted: Collection[int]
    ) -> None:
        """Instrument what begins in the lines `wanted`; number sites from `first`."""
        tree = parsed(lines)
        defined = {f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
        tree.body = [s for s in tree.body if any(n in lines_of(s) for n in wanted)]
        self.writer = Writer(file, lines, first, wanted, defined)
        self.codes: dict[tuple[str, int], list[CodeType]] = {}
        tree = ast.fix_missing_locations(self.writer.visit(tree))
        for code in nested(compile(tree, file, "exec", dont_inherit=True)):
            self.codes.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)

    def code_like(self, code: CodeType) -> CodeType | None:
        """Find what was compiled of the same function; None where that is not certain."""
        found = self.codes.get((code.co_qualname, code.co_firstlineno), [])
        same = [c for c in found if c.co_freevars == code.co_freevars]
        return same[0] if len(same) == 1 and len(found) == 1 else None


@lru_cache(maxsize=64)
def instrumented(
    file: str, lines: tuple[str, ...], first: int, wanted: frozenset[int]
) -> Source | None:
    """Instrument a text once; None if it is no Python."""
    try:
        return Source(file, lines, first, wanted)
    except SyntaxError:
        return None


def parsed(lines: Sequence[str]) -> ast.Module:
    """Parse Python, or the fenced blocks of Python in a text, whose lines keep their numbers."""
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:
        inside, kept = False, []
        for line in lines:
            if line.strip().startswith(FENCE):
                language = line.strip().removeprefix(FENCE).strip().lower()
                inside = not inside and language in {"python", "py", "python3", ""}
                kept.append("")
            else:
                kept.append(line if inside else "")
        return ast.parse("\n".join(kept))


def lines_of(node: ast.stmt) -> range:
    """Count the lines of a statement, with the decorators of a function."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def nested(code: CodeType) -> Iterator[CodeType]:
    """Find the code of functions inside."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from nested(constant)


class Writer(ast.NodeTransformer):
    """Lead values through the hook."""

    def __init__(
        self,
        file: str,
        lines: Sequence[str],
        first: int,
        wanted: Collection[int],
        defined: Collection[str],
    ) -> None:
        self.file, self.lines, self.first, self.wanted = file, lines, first, wanted
        self.sites: list[Site] = []
        self.scope: list[str] = []
        self.depth = 0  # of functions
        self.assigned: set[str] = set()  # names that the function assigns to
        self.defined = defined  # functions of the file
        self.arguments: dict[int, str] = {}  # what is made to be given to one of them

    def site(
        self, node: ast.expr, verb: str, variable: str, target: ast.expr | None = None
    ) -> ast.expr:
        """Make a site of an expression, and of its parts."""
        index = self.first + len(self.sites)
        text = self.lines[node.lineno - 1].strip() if node.lineno <= len(self.lines) else ""
        line = CodeLine(self.file, node.lineno, variable, text)
        pristine = deepcopy(node)
        self.sites.append(Site(index, line, pristine, verb, target, ".".join(self.scope)))
        inner: Any = self.visit(node) if verb else super().generic_visit(node)
        call = ast.Call(ast.Name(HOOK, ast.Load()), [ast.Constant(index), inner], [])
        return ast.copy_location(call, node)

    def parts(self, node: ast.expr, verb: str, variable: str, target: ast.expr | None) -> ast.expr:
        """Make sites of the entries of a display, or of the whole."""
        if isinstance(node, ast.Tuple | ast.List) and node.elts:
            names: list[Any] = [None] * len(node.elts)
            if isinstance(target, ast.Tuple) and len(target.elts) == len(node.elts):
                names = list(target.elts)
            node.elts = [
                self.parts(item, verb, ast.unparse(name) if name else f"{variable}[{i}]", name)
                for i, (item, name) in enumerate(zip(node.elts, names, strict=True))
            ]
            return node
        if isinstance(node, ast.Dict):
            node.values = [
                self.parts(v, verb, f"{variable}[{ast.unparse(k)}]" if k else variable, None)
                for k, v in zip(node.keys, node.values, strict=True)
            ]
            return node
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("dict", "tuple", "list")
        ):
            for keyword in node.keywords:
                name = f"{variable}[{keyword.arg!r}]"
                keyword.value = self.parts(keyword.value, verb, name, None)
            return node
        if isinstance(node, ast.Constant | ast.Lambda | ast.JoinedStr):
            return node
        is_alone = variable == "return" and not self.is_assigned(node)
        if isinstance(node, ast.Name) and verb == "return" and not is_alone:
            return node
        return self.site(node, verb, variable, target)

    def is_assigned(self, node: ast.expr) -> bool:
        """Tell whether the function makes what a name stands for: then there is a site of that."""
        return isinstance(node, ast.Name) and node.id in self.assigned

    # ---- statements --------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Instrument a function that is wanted."""
        if not any(n in lines_of(node) for n in self.wanted):
            return node
        self.scope.append(node.name)
        self.depth += 1
        outside, self.assigned = self.assigned, set(assigned_in(node))
        self.visit_body(node)
        self.assigned = outside
        self.depth -= 1
        self.scope.pop()
        return node

    def visit_body(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        """Visit statements, each of which may become several."""
        visited = [self.visit(statement) for statement in node.body]
        node.body = [s for v in visited for s in (v if isinstance(v, list) else [v])]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Go into a class."""
        self.scope.append(node.name)
        self.visit_body(node)
        self.scope.pop()
        return node

    def visit_Assign(self, node: ast.Assign) -> Any:
        """Lead what is assigned through the hook."""
        if not self.depth:
            return node
        target = node.targets[0]
        node.value = self.parts(node.value, "=", ast.unparse(target), deepcopy(target))
        return self.written(node, target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Lead what is assigned through the hook."""
        if self.depth and node.value is not None:
            node.value = self.parts(node.value, "=", ast.unparse(node.target), node.target)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """Lead what is added, and what that leaves, through the hook."""
        if not self.depth:
            return node
        verb = {"Add": "+=", "Sub": "-=", "Mult": "*=", "Div": "/="}
        name = verb.get(type(node.op).__name__, "op=")
        target = deepcopy(node.target)
        node.value = self.site(node.value, name, ast.unparse(target), target)
        return self.written(node, node.target, always=True)

    def written(
        self, node: ast.Assign | ast.AugAssign, target: ast.expr, *, always: bool = False
    ) -> list[ast.stmt]:
        """Make a site of the index at which an array is written to, and one of what that leaves."""
        pristine, held = deepcopy(target), target
        if isinstance(target, ast.Subscript):
            held = target.value
            if not isinstance(target.slice, ast.Constant | ast.Slice | ast.Tuple | ast.JoinedStr):
                target.slice = self.site(target.slice, "index", ast.unparse(pristine), pristine)
                always = True
            if isinstance(pristine, ast.Subscript) and isinstance(pristine.slice, ast.Constant):
                held = pristine
        if not always or not isinstance(held, ast.Name | ast.Attribute | ast.Subscript):
            return [node]
        held = loaded(held)
        after = ast.Expr(self.site(held, "after", ast.unparse(pristine), pristine))
        return [node, ast.copy_location(after, node)]

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """Lead what is returned through the hook."""
        if self.depth and node.value is not None:
            node.value = self.parts(node.value, "return", "return", None)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Lead the arguments of a call through the hook."""
        call = node.value
        if self.depth and isinstance(call, ast.Call):
            variable = ast.unparse(call.func)
            call.args = [
                arg
                if isinstance(arg, ast.Constant | ast.Starred)
                else self.site(arg, "call", variable)
                for arg in call.args
            ]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """Lead what a lambda returns through the hook."""
        self.scope.append("<lambda>")
        self.depth += 1
        node.body = self.parts(node.body, "return", "return", None)
        self.depth -= 1
        self.scope.pop()
        return node

    # ---- expressions -------------------------------------------------------------------------

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Lead the value of an expression through the hook."""
        if not self.depth or not isinstance(node, EXPRESSIONS):
            return super().generic_visit(node)
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return super().generic_visit(node)
        if isinstance(node, ast.Call) and called(node) in self.defined:
            made = [arg for arg in node.args if isinstance(arg, ast.BinOp | ast.UnaryOp)]
            self.arguments |= {id(arg): called(node) for arg in made}
        function = self.arguments.pop(id(node), "")
        return self.site(node, "call" if function else "", function)


def called(call: ast.Call) -> str:
    """Return the bare name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def assigned_in(function: ast.FunctionDef) -> Iterator[str]:
    """Name what a function assigns to."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def loaded(target: ast.expr) -> ast.expr:
    """Copy what is assigned to, to be read."""
    held = deepcopy(target)
    for node in ast.walk(held):
        if hasattr(node, "ctx"):
            node.ctx = ast.Load()
    return held


# ---- the functions ---------------------------------------------------------------------------


class Instrumented:
    """The user's functions, instrumented, and all their sites."""

    def __init__(self, code: Code) -> None:
        self.sources: dict[str, Source] = {}
        self.sites: list[Site] = []
        self.unseen: list[str] = []  # functions whose source cannot be found
        instead: dict[CodeType, CodeType] = {}
        wanted: dict[str, set[int]] = {}
        for c in code.codes:
            wanted.setdefault(c.co_filename, set()).add(c.co_firstlineno)
        for c in code.codes:
            source = self.source(c.co_filename, wanted[c.co_filename])
            new = source.code_like(c) if source else None
            if new is None:
                self.unseen.append(c.co_name)
            else:
                instead[c] = new
        holders = gc.get_referrers(*instead) if instead else []
        self.functions = [
            (f, instead[f.__code__])
            for f in holders
            if isinstance(f, FunctionType) and f.__code__ in instead
        ]

    def source(self, file: str, wanted: set[int]) -> Source | None:
        """Read and instrument a file once."""
        if file not in self.sources and (text := linecache.getlines(file)):
            lines = tuple(line.rstrip("\n") for line in text)
            if found := instrumented(file, lines, len(self.sites), frozenset(wanted)):
                self.sources[file] = found
                self.sites += found.writer.sites
        return self.sources.get(file)

    @contextmanager
    def without_epsilons(self) -> Iterator[int]:
        """Let tiny constants be 0 for a while; yield how many there are."""
        before = [(f, f.__code__) for f, _ in self.functions]
        scopes = {id(f.__globals__): f.__globals__ for f, _ in self.functions}
        names = [(s, n, v) for s in scopes.values() for n, v in s.items() if rounded(v) is not v]
        found = len(names)
        try:
            for scope, name, value in names:
                scope[name] = rounded(value)
            for f, code in before:
                constants = tuple(map(rounded, code.co_consts))
                if constants != code.co_consts:
                    found += 1
                    f.__code__ = code.replace(co_consts=constants)
            yield found
        finally:
            for f, code in before:
                f.__code__ = code
            for scope, name, value in names:
                scope[name] = value

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[None]:
        """Let the functions run their instrumented code."""
        before = [(f, f.__code__) for f, _ in self.functions]
        try:
            for f, new in self.functions:
                f.__globals__[HOOK] = watch
                f.__code__ = new
            yield
        finally:
            for f, old in before:
                f.__code__ = old
                f.__globals__.pop(HOOK, None)


def rounded(value: Any) -> Any:
    """Make a tiny constant 0, and one that is nearly 1 equal to it; leave others as they are."""
    if type(value) is not float:
        return value
    if 0 < abs(value) <= TINY:
        return 0.0
    return 1.0 if 0 < abs(1 - value) <= TINY else value
