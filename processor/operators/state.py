"""How much memory state takes, about: what `--state-max` is held against.

Counted from the sizes of the arrays and the usual sizes of Python objects, so right within about a
factor of two. What a plan will need before it runs is explain's to say.
"""

from typing import Final

from analytics_sql.expression import Expression
from analytics_sql.plan import Aggregate, Analytic, Frame, Tumble
from analytics_sql.types import SqlType
from processor.explain.expression_text import expression_text

KEY_BYTES: Final = 120
"""Of a value of a group key: the object, its entry in a dictionary, its id."""
OBJECT_BYTES: Final = 64
"""Of a value kept as a Python object."""
ROW_BYTES: Final = 48
"""Of a row in a log of rows, besides its values."""
_SIZES: Final = {
    "MIN": 8,
    "MAX": 8,
    "ANY": 1,
    "EVERY": 1,
    "EXP_AVG": 48,
    "FIRST_VALUE": 10,
    "LAST_VALUE": 10,
}


def tumble_bytes(node: Tumble) -> int:
    """Of one group in one open window, without its key."""
    arguments = {a.argument for a in node.aggregates if a.argument is not None}
    return 8 + 8 * len(arguments) + sum(_aggregate_bytes(a) for a in node.aggregates)


def _aggregate_bytes(aggregate: Aggregate) -> int:
    if aggregate.argument is None or aggregate.function == "COUNT":
        return 0
    type = aggregate.argument.type
    if aggregate.function in _SIZES:
        return _SIZES[aggregate.function] + text_bytes(type)
    total = 24 if type.is_approximate else 16
    return total if aggregate.function in ("SUM", "AVG") else 2 * total


def text_bytes(type: SqlType) -> int:
    """What a value of the type takes beside its place in an array."""
    return OBJECT_BYTES if type.has_words else 0


def slide_key_bytes(call: Analytic) -> int:
    """Of one key of a sliding window, for one call."""
    return KEY_BYTES * len(call.partition) + 4 * OBJECT_BYTES


def slide_row_bytes(call: Analytic) -> int:
    """Of one row in a frame of a sliding window, for one call."""
    if call.argument is None:
        return 0
    return (24 if call.argument.type.is_approximate else 16) + text_bytes(call.argument.type)


def frame_text(frame: Frame) -> str:
    """The frame as SQL says it."""
    if frame.rows is not None:
        return f"ROWS {frame.rows} PRECEDING"
    if frame.range_ms is not None:
        return f"RANGE {frame.range_ms / 1000:g} SECOND PRECEDING"
    return "UNBOUNDED PRECEDING, which forgets no key"


def typed_text(expression: Expression) -> str:
    """An expression with its type, as a shape names it."""
    return f"{expression_text(expression)} {expression.type}"


def call_text(call: Analytic) -> str:
    """A call without what it is called and without the type that its result is made to fit."""
    argument = "*" if call.argument is None else typed_text(call.argument)
    keys = ", ".join(typed_text(key) for key in call.partition) or "no key"
    half_life = "" if call.parameter_ms is None else f", half-life {call.parameter_ms} ms"
    offset = "" if call.offset is None else f", {call.offset}"
    default = "" if call.default is None else f", default {typed_text(call.default)}"
    last = " FROM LAST" if call.from_last else ""
    nulls = " IGNORE NULLS" if call.ignore_nulls else ""
    return (
        f"{call.function}({argument}{half_life}{offset}{default}){last}{nulls} "
        f"over {frame_text(call.frame)} by {keys}"
    )
