"""A call of a scalar function over columns: by a kernel of NumPy where there is one, else by asking
the function once for each distinct value.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from analytics_sql.expression import Call, Literal
from analytics_sql.functions import SCALARS
from processor.columns import Vector
from processor.expressions.kernels import Kernel, kernel_of
from processor.expressions.words import RowTable, ValueTable, WordTable, strictly


def compile_call(call: Call) -> Kernel:
    """The vector of a call, from the vectors of its arguments."""
    kernel = kernel_of(call)
    if kernel is not None:
        return kernel
    function = SCALARS[call.function]
    meaning = function.meaning
    if function.typed:
        meaning = partial(meaning, tuple(argument.type for argument in call.arguments))
    if function.strict:
        meaning = strictly(meaning)
    varying = [i for i, value in enumerate(call.arguments) if not isinstance(value, Literal)]
    if len(varying) != 1:
        rows = RowTable(call.type, meaning)
        return lambda vectors: rows(*vectors)
    (place,) = varying
    answer = _with_constants(meaning, call, place)
    has_words = call.arguments[place].type.has_words
    table = (WordTable if has_words else ValueTable)(call.type, answer)
    return lambda vectors: _at(table, vectors, place)


def _at(table: Callable[[Vector], Vector], vectors: Sequence[Vector], place: int) -> Vector:
    return table(vectors[place])


def _with_constants(meaning: Callable[..., Any], call: Call, place: int) -> Callable[[Any], Any]:
    """The function of one argument that is left when the others are constants."""
    before = [value.value for value in call.arguments[:place] if isinstance(value, Literal)]
    after = [value.value for value in call.arguments[place + 1 :] if isinstance(value, Literal)]
    return lambda value: meaning(*before, value, *after)
