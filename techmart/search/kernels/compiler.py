"""How the loops are compiled, and how they reach arrays by address: a snapshot has too many to pass one by one.

Addresses are those of arrays the snapshot keeps alive; nobody but the snapshot makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_HERE: Final = Path(__file__).resolve().parent


def _version() -> str:
    """A name for the loops as they stand: Numba compares one file with what it kept, not the parts taken from others."""
    return sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.py")))).hexdigest()[:12]


numba.config.CACHE_DIR = str(Path(numba.config.CACHE_DIR or _HERE / "__pycache__") / _version())

_OPTIONS: Final[dict[str, Any]] = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"nnan", "nsz"}}

#: A part of a loop, compiled into the entries that call it.
part: Callable[[Any], Any] = numba.njit(**_OPTIONS)


def entry(signature: str) -> Callable[[Any], Any]:
    """A loop that Python calls; the signature makes it ready at import."""
    compiled: Callable[[Any], Any] = numba.njit(signature, **_OPTIONS)
    return compiled


@intrinsic  # type: ignore[untyped-decorator]  # the compiler's own
def _at(_context: Any, address: Any, kind: Any) -> Any:  # Any: the compiler's objects
    """The pointer that an int64 address is, to items of `kind`."""
    pointer = types.CPointer(kind.dtype)

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(pointer))

    return pointer(address, kind), generate


@intrinsic  # type: ignore[untyped-decorator]  # as above
def prefetch(_context: Any, address: Any) -> Any:
    """Have what lies at an address brought near while something else is done."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        pointer = builder.inttoptr(arguments[0], byte)
        builder.call(function, [pointer, number(0), number(3), number(1)])  # for reading, to be kept, data
        return context.get_dummy_value()

    return types.void(address), generate


@part
def bytes_at(address: Any, count: Any) -> Any:
    """`count` uint8 at an address, as an array."""
    return numba.carray(_at(address, np.uint8), (count,))


@part
def shorts_at(address: Any, count: Any) -> Any:
    """`count` uint16 at an address."""
    return numba.carray(_at(address, np.uint16), (count,))


@part
def integers_at(address: Any, count: Any) -> Any:
    """`count` uint32 at an address."""
    return numba.carray(_at(address, np.uint32), (count,))


@part
def signed_at(address: Any, count: Any) -> Any:
    """`count` int32 at an address."""
    return numba.carray(_at(address, np.int32), (count,))


@part
def reals_at(address: Any, count: Any) -> Any:
    """`count` float32 at an address."""
    return numba.carray(_at(address, np.float32), (count,))


@part
def longs_at(address: Any, count: Any) -> Any:
    """`count` int64 at an address."""
    return numba.carray(_at(address, np.int64), (count,))


@part
def table_at(address: Any, rows: Any, columns: Any) -> Any:
    """A table of int64 at an address."""
    return numba.carray(_at(address, np.int64), (rows, columns))
