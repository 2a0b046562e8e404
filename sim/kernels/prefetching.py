"""Prefetching: asking for memory before it is needed, so that random reads overlap."""

from typing import TYPE_CHECKING, Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["prefetch"]


def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for a line of the cache: code for `prefetch`."""
    signature = types.void(array, index)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        made = context.make_array(sig.args[0])(context, builder, args[0])
        byte = ir.IntType(8).as_pointer()
        word, flag = ir.IntType(64), ir.IntType(32)
        place = context.cast(builder, args[1], sig.args[1], types.intp)
        size = word(context.get_abi_sizeof(context.get_data_type(sig.args[0].dtype)))
        start = builder.ptrtoint(made.data, word)
        address = builder.inttoptr(builder.add(start, builder.mul(place, size)), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(call, [address, flag(0), flag(3), flag(1)])  # to read, keep, data
        return context.get_dummy_value()

    return signature, generate


if TYPE_CHECKING:

    def prefetch(array: "NDArray[np.generic]", index: int) -> None:
        """Ask for the line of the cache in which an item of a one-dimensional array begins.

        Nothing is read, so an index beyond the end does no harm, and no result depends on it.
        """

else:
    prefetch = intrinsic(_prefetch)
