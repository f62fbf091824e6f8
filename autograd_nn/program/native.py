"""What kernels are compiled with: entries of memory, functions of numbers, and BLAS.

Numba comes without vector versions of exp and its kin; these are made of operations that
LLVM vectorises.  Nothing here is allowed to change what NaN and infinity mean.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import get_cython_function_address, intrinsic

TYPES = {"d": types.float64, "f": types.float32, "?": types.boolean}
BITS = {types.float64: types.int64, types.float32: types.int32}
BITS |= {integer: real for real, integer in BITS.items()}
# A product followed by a sum may be rounded once; inlined, so that loops around are vectorised.
rounded_once = njit(error_model="numpy", fastmath={"contract"}, forceinline=True)


# ---- entries of memory ---------------------------------------------------------------------------


def entry(builder: Any, context: Any, kind: Any, address: Any, index: Any) -> Any:
    """Find the address of an entry."""
    first = builder.inttoptr(address, context.get_data_type(kind).as_pointer())
    return builder.gep(first, [index], inbounds=True)


def apart(builder: Any, access: Any, memory: Any, memories: Any) -> None:
    """Tell LLVM that an access to one memory touches no other."""
    module, (mine, count) = builder.module, (memory.literal_value, memories.literal_value)
    domain = module.add_metadata(["autograd_nn"])
    scopes = [module.add_metadata([f"memory {k}", domain]) for k in range(count)]
    access.set_metadata("alias.scope", module.add_metadata([scopes[mine]]))
    access.set_metadata("noalias", module.add_metadata(scopes[:mine] + scopes[mine + 1 :]))


@intrinsic(prefer_literal=True)
def load(_: Any, _address: Any, _index: Any, char: Any, memory: Any, memories: Any) -> Any:
    """Read entry `_index` of what is at `_address`, of dtype `char`."""
    kind = TYPES[char.literal_value]

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        read = builder.load(entry(builder, context, kind, *args[:2]))
        apart(builder, read, memory, memories)
        return context.data_model_manager[kind].from_data(builder, read)

    return kind(types.int64, types.int64, char, memory, memories), generate


@intrinsic(prefer_literal=True)
def store(
    _: Any, _address: Any, _index: Any, _x: Any, char: Any, memory: Any, memories: Any
) -> Any:
    """Write `_x` to entry `_index` of what is at `_address`, of dtype `char`."""
    kind = TYPES[char.literal_value]

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        data = context.data_model_manager[kind].as_data(builder, args[2])
        written = builder.store(data, entry(builder, context, kind, *args[:2]))
        apart(builder, written, memory, memories)
        return context.get_dummy_value()

    return types.none(types.int64, types.int64, kind, char, memory, memories), generate


@intrinsic
def bits(_: Any, x: Any) -> Any:
    """Take the bits of a float as an integer, or the other way round."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return BITS[x](x), generate


# ---- functions of numbers ------------------------------------------------------------------------


def functions_of(real: Any, digits: int, terms: int, ln2: tuple[float, float]) -> dict[str, Any]:
    """Make the functions of a dtype that has so many binary digits after the point.

    ``exp(x) = 2**n * exp(r)`` with n an integer and |r| at most ln(2) / 2, where a Taylor
    polynomial of so many `terms` is exact to the last bit.  Adding `magic` rounds to an integer,
    and leaves it in the lowest bits.  `ln2` is in two parts, the first with so few digits that n
    times it is exact.
    """
    integer: Any = {np.float64: np.int64, np.float32: np.int32}[real]
    bias, places, single = integer(np.finfo(real).maxexp - 1), integer(digits), integer(1)
    magic, one, two, zero = real(1.5 * 2.0**digits), real(1), real(2), real(0)
    log2e, high, low = real(1 / np.log(2)), real(ln2[0]), real(ln2[1])
    leading, *rest = (real(1 / math.factorial(k)) for k in range(terms, 1, -1))
    tail = tuple(rest)
    most, least = real((bias + 2) * np.log(2)), real(-(bias + digits + 2) * np.log(2))
    full, flat, tiny = real(50), real(digits), real(2.0 ** -(digits // 2 + 2))
    infinite, largest = real(np.inf), np.finfo(real).max

    @rounded_once
    def split(x: Any) -> Any:
        """Find n, and of the rest r ``exp(r) - 1``."""
        shifted = x * log2e + magic
        n = shifted - magic
        r = (x - n * high) - n * low
        p = leading
        for c in tail:
            p = p * r + c
        return integer(bits(shifted) - bits(magic)), r + (r * r) * p

    @rounded_once
    def power(n: Any) -> Any:
        """Compute ``2**n``, n an integer."""
        return bits(integer((n + bias) << places))

    @rounded_once
    def exp(x: Any) -> Any:
        """Compute the exponential: by two powers of two, for their product may be subnormal."""
        x = most if x > most else x
        x = least if x < least else x
        n, m = split(x)
        half = n >> single
        return (m + one) * power(half) * power(n - half)

    @rounded_once
    def sigmoid(x: Any) -> Any:
        """Compute ``e / (1 + e)``, as `autograd_nn.sigmoid` does."""
        e = exp(full if x > full else x)
        return e / (one + e)

    @rounded_once
    def tanh(x: Any) -> Any:
        """Compute ``m / (m + 2)`` with ``m = exp(2 * |x|) - 1``."""
        size = -x if x < zero else x
        n, m = split(two * (flat if size > flat else size))
        scale = power(n)
        m = scale * m + (scale - one)
        y = m / (m + two)
        return x if size < tiny else (-y if x < zero else y)

    @rounded_once
    def finite(x: Any) -> Any:
        """Replace NaN by 0, and infinities by the largest numbers."""
        x = zero if x != x else x  # noqa: PLR0124 (NaN)
        return largest if x == infinite else (-largest if x == -infinite else x)

    functions = {"exp": exp, "sigmoid": sigmoid, "tanh": tanh, "finite": finite}
    return functions | {"zero": zero, "one": one, "inf": infinite}


@rounded_once
def square(x: Any) -> Any:
    """Multiply by itself."""
    return x * x


@rounded_once
def maximum(x: Any, y: Any) -> Any:
    """Take the larger one, or NaN."""
    return x if (x >= y) | (x != x) else y  # noqa: PLR0124 (NaN)


@rounded_once
def minimum(x: Any, y: Any) -> Any:
    """Take the smaller one, or NaN."""
    return x if (x <= y) | (x != x) else y  # noqa: PLR0124 (NaN)


@njit(error_model="numpy", fastmath={"reassoc", "contract"}, forceinline=True)
def plus(total: Any, x: Any) -> Any:
    """Add to a sum, whose terms may be added in any order."""
    return total + x


# ---- BLAS ----------------------------------------------------------------------------------------


def blas(name: str) -> Any:
    """Find a function of SciPy's BLAS, which takes the addresses of its arguments."""
    address = get_cython_function_address("scipy.linalg.cython_blas", name)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_ssize_t] * 13)(address)


DOUBLE = functions_of(np.float64, 52, 13, (6.93147180369123816490e-01, 1.90821492927058770002e-10))
SINGLE = functions_of(np.float32, 23, 7, (0.693359375, -2.12194440e-4))
SCOPE = {
    **{f"{name}_d": known for name, known in (DOUBLE | {"gemm": blas("dgemm")}).items()},
    **{f"{name}_f": known for name, known in (SINGLE | {"gemm": blas("sgemm")}).items()},
    **{f.__name__: f for f in (math.sqrt, math.log, math.log1p, math.expm1, math.sin, math.cos)},
    "float64": np.float64,
    "float32": np.float32,
    "inf": np.inf,
    "nan": np.nan,
    "load": load,
    "store": store,
    "plus": plus,
    "square": square,
    "maximum": maximum,
    "minimum": minimum,
}
FASTER_MADE = {"no_cfunc_wrapper": True, "no_rewrites": True}  # what is not used


@lru_cache(maxsize=64)
def compiled(text: str, given: Sequence[tuple[str, int]]) -> Callable[..., None]:
    """Compile a kernel that is given arrays of dtypes and numbers of axes; the same once."""
    scope = dict(SCOPE)
    exec(compile(text, "<kernel>", "exec"), scope)  # noqa: S102 (our own code)
    arrays = [types.Array(TYPES[char], ndim, "C") for char, ndim in given]
    signature = types.void(types.int64, types.Array(types.int64, 1, "C"), *arrays)
    compiler = njit(signature, error_model="numpy", **FASTER_MADE)
    kernel: Callable[..., None] = compiler(scope["kernel"])
    return kernel
