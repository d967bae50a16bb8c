"""Predicates over periods, as the comparisons of times that they stand for.

A period holds its start and not its end. Source: SQL:2011, period predicates;
REF:sql-reference-temporal-predicate only draws them, and words CONTAINS of a time.
"""

from sqlglot import exp

from analytics_sql.binding.operation import (
    Binder,
    ComparisonOperator,
    Operand,
    compared,
    is_null_constant,
    joined,
)
from analytics_sql.syntax.nodes import PeriodPredicate, span_of
from analytics_sql.syntax.period_grammar import is_period
from analytics_sql.types import TIMESTAMP

_START, _END, _OTHER_START, _OTHER_END = range(4)

_OF_PERIODS: dict[str, list[tuple[int, ComparisonOperator, int]]] = {
    "CONTAINS": [(_START, "<=", _OTHER_START), (_END, ">=", _OTHER_END)],
    "STRICTLY CONTAINS": [(_START, "<", _OTHER_START), (_END, ">", _OTHER_END)],
    "EQUALS": [(_START, "=", _OTHER_START), (_END, "=", _OTHER_END)],
    "OVERLAPS": [(_START, "<", _OTHER_END), (_END, ">", _OTHER_START)],
    "PRECEDES": [(_END, "<=", _OTHER_START)],
    "SUCCEEDS": [(_START, ">=", _OTHER_END)],
    "IMMEDIATELY PRECEDES": [(_END, "=", _OTHER_START)],
    "IMMEDIATELY SUCCEEDS": [(_START, "=", _OTHER_END)],
}
_TIME = _OTHER_START
_OF_A_TIME: dict[str, list[tuple[int, ComparisonOperator, int]]] = {
    "CONTAINS": [(_START, "<=", _TIME), (_END, ">", _TIME)],
    "STRICTLY CONTAINS": [(_START, "<", _TIME), (_END, ">", _TIME)],
}


def bind_period(binder: Binder, node: PeriodPredicate) -> Operand:
    """A predicate over two periods, or over a period and a time."""
    span, faults = span_of(node), binder.faults
    predicate: str = node.args["predicate"]
    if predicate not in _OF_PERIODS:
        faults.add(
            span,
            f"{predicate} of periods is not supported",
            "compare the starts and the ends: start_a < start_b AND end_a < end_b",
        )
        return None
    right = node.expression
    known = _OF_PERIODS if is_period(right) else _OF_A_TIME
    if predicate not in known:
        faults.add(
            span_of(right), f"{predicate} takes a period after it, too", "write (start, end)"
        )
        return None
    written = [*node.this.expressions, *(right.expressions if is_period(right) else [right])]
    times = [_time(binder, one) for one in written]
    return joined(
        "AND",
        [
            compared(span, operator, times[one], times[other], faults)
            for one, operator, other in known[predicate]
        ],
    )


def _time(binder: Binder, node: exp.Expr) -> Operand:
    value = binder.bind(node)
    if value is None or value.type == TIMESTAMP or is_null_constant(value):
        return value
    binder.faults.add(
        span_of(node),
        f"the start and the end of a period are TIMESTAMPs, this is {value.type}",
        "write CAST(... AS TIMESTAMP), or CHAR_TO_TIMESTAMP('pattern', text)",
    )
    return None
