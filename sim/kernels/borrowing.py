"""Arrays without reference counts, for the inside of kernels.

Numba counts references to each array that is handed from function to function, atomically:
for a `State` that is some forty nanoseconds a call, more than most of our functions take.
A kernel that is called from Python therefore borrows its arguments first; the caller holds
them while it runs. Filling the wall became thirteen times faster by this.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

T = TypeVar("T")

__all__ = ["borrow"]


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return the value with the owners of its arrays blanked out, through nested tuples."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value=value)
        array.meminfo = ir.Constant(array.meminfo.type, None)
        array.parent = ir.Constant(array.parent.type, None)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts = cgutils.unpack_tuple(builder, value)
        bare = [
            _without_owner(context, builder, inner, part)
            for inner, part in zip(kind, parts, strict=True)
        ]
        return context.make_tuple(builder, kind, bare)
    return value


def _borrow(typing_context: Any, value: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the same arrays without owners; whoever calls keeps the originals alive."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _without_owner(context, builder, signature.args[0], arguments[0])

    return value(value), generate


if TYPE_CHECKING:

    def borrow(value: T) -> T:
        """Return the same arrays without owners, inside a kernel."""

else:
    borrow = intrinsic(_borrow)
