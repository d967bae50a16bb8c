"""The time keys of GROUP BY: all the ways to cut ROWTIME into windows.

    FLOOR(s.ROWTIME TO MINUTE)
    STEP(s.ROWTIME BY INTERVAL '60' SECOND)
    FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 60 TO SECOND)
    FLOOR((s.ROWTIME + INTERVAL '9' HOUR) TO DAY)
    FLOOR((s.ROWTIME - TIMESTAMP '...') SECOND / 60 TO SECOND) * 60 + TIMESTAMP '...'
    s.ROWTIME

Every one of them changes its value at the start of a window, and the windows of one of them have
one size. Sources: REF:sql-reference-step; REF:sql-reference-date-timestamp-interval for the third,
which consoles offered as a template; REF:sql-reference-select-all-distinct for CEIL and for an
interval added or taken away.
"""

import re

from sqlglot import exp

from analytics_sql.binding.literals import NotALiteral, interval_ms, timestamp
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.time_windows import TimeKey
from analytics_sql.syntax.nodes import (
    DatetimeLiteral,
    IntervalLiteral,
    QualifiedDifference,
    RoundToUnit,
    Step,
    span_of,
)
from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.types import UNIT_MS

SIZE_MS_MAX = 366 * UNIT_MS["DAY"]
"""A window that stays open longer than a year is a mistake in the text. The service recommended an
hour at most.
"""

_COUNT = re.compile(r"[1-9][0-9]{0,8}")

_WRITE_STEP = "write STEP(s.ROWTIME BY INTERVAL '60' SECOND)"
_WRITE_EPOCH = "write (s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 60 TO SECOND"


def is_time_key(node: exp.Expr, scope: Scope) -> bool:
    """Whether an expression has the form of a time key, right or wrong."""
    key = _core(node)
    if isinstance(key, Step | RoundToUnit):
        key, _ = _without_shift(key.this)
        if isinstance(key, exp.Div):
            key = key.this.unnest()
        if isinstance(key, QualifiedDifference):
            key = key.this.unnest()
            key, _ = _without_shift(key.this if isinstance(key, exp.Sub) else key)
    return isinstance(key, exp.Column) and scope.is_row_time(key)


def time_key(node: exp.Expr, scope: Scope, faults: Faults) -> TimeKey | None:
    """The windows that an expression of such a form describes; None after a fault."""
    key = _core(node)
    if isinstance(key, exp.Column):
        return TimeKey(1, is_row_time=True)
    operand, shift_ms = _without_shift(key.this)
    if isinstance(key, Step):
        return None if (size_ms := _step(key, faults)) is None else _shifted(size_ms, -shift_ms)
    assert isinstance(key, RoundToUnit)
    unit = key.args["unit"]
    if unit not in UNIT_MS:
        function = key.args["function"]
        faults.add(
            span_of(key),
            f"{function} TO {unit} is not supported",
            f"units are {', '.join(UNIT_MS)}",
        )
        return None
    if isinstance(operand, QualifiedDifference | exp.Div):
        return _since_epoch(key, operand, faults)
    # CEIL changes a millisecond after FLOOR does.
    late_ms = int(key.args["function"] != "FLOOR")
    return _shifted(UNIT_MS[unit], late_ms - shift_ms)


def windows_of(node: exp.Expr, scope: Scope) -> TimeKey | None:
    """The windows on ROWTIME in each of which an expression has one value: a time key's, or those
    of a column that a query in FROM made of one. None: it has no such windows, or is wrong.
    """
    column = node.unnest()
    known = scope.time_of(column) if isinstance(column, exp.Column) else None
    if known is not None and not known.is_row_time:
        return known.windows
    return time_key(node, scope, Faults(SourceText(""))) if is_time_key(node, scope) else None


def _shifted(size_ms: int, offset_ms: int) -> TimeKey:
    return TimeKey(size_ms, offset_ms % size_ms)


def _without_shift(node: exp.Expr) -> tuple[exp.Expr, int]:
    """An expression without the intervals added to it or taken from it, and their sum."""
    shift_ms = 0
    node = node.unnest()
    while isinstance(node, exp.Add | exp.Sub):
        interval = node.expression.unnest()
        if not isinstance(interval, IntervalLiteral):
            break
        try:
            length_ms = interval_ms(interval)
        except NotALiteral:
            break
        if length_ms.denominator != 1:
            break
        shift_ms += int(length_ms) if isinstance(node, exp.Add) else -int(length_ms)
        node = node.this.unnest()
    return node, shift_ms


def _core(node: exp.Expr) -> exp.Expr:
    """A time key without the constants that it is multiplied by, or that are added to it or taken
    from it: they change its value, and not when it changes.
    """
    while True:
        node, _ = _without_shift(node)
        left, right = node.args.get("this"), node.args.get("expression")
        if not isinstance(left, exp.Expr) or not isinstance(right, exp.Expr):
            return node
        left, right = left.unnest(), right.unnest()
        if isinstance(node, exp.Mul) and _is_factor(right):
            node = left
        elif isinstance(node, exp.Mul) and _is_factor(left):
            node = right
        elif isinstance(node, exp.Add) and isinstance(right, DatetimeLiteral):
            node = left
        elif isinstance(node, exp.Add) and isinstance(left, DatetimeLiteral | IntervalLiteral):
            node = right
        else:
            return node


def _is_factor(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(_COUNT.fullmatch(node.name))


def _step(key: Step, faults: Faults) -> int | None:
    length = key.expression.unnest()
    if not isinstance(length, IntervalLiteral):
        faults.add(span_of(length), "STEP takes an interval", _WRITE_STEP)
        return None
    try:
        size_ms = interval_ms(length)
    except NotALiteral as error:
        faults.add(span_of(length), str(error), _WRITE_STEP)
        return None
    if size_ms.denominator != 1 or not 1 <= size_ms <= SIZE_MS_MAX:
        faults.add(
            span_of(length),
            "a window's size is a whole number of milliseconds, from 1 up to a year",
            _WRITE_STEP,
        )
        return None
    return int(size_ms)


def _since_epoch(key: RoundToUnit, operand: exp.Expr, faults: Faults) -> TimeKey | None:
    if key.args["function"] != "FLOOR":
        faults.add(span_of(key), "an interval since 1970 is cut with FLOOR", _WRITE_STEP)
        return None
    divisor: exp.Expr = exp.Literal.number(1)
    difference = operand
    if isinstance(operand, exp.Div):
        difference, divisor = operand.this.unnest(), operand.expression.unnest()
    if not isinstance(difference, QualifiedDifference):
        faults.add(span_of(operand), "this is not the time since 1970", _WRITE_EPOCH)
        return None
    subtraction = difference.this.unnest()
    if not isinstance(subtraction, exp.Sub):
        faults.add(span_of(difference), "this is not the time since 1970", _WRITE_EPOCH)
        return None
    unit_ms = UNIT_MS[key.args["unit"]]
    if not isinstance(divisor, exp.Literal) or not _COUNT.fullmatch(divisor.name):
        faults.add(span_of(divisor), "a window's size is a whole number of units", _WRITE_EPOCH)
        return None
    # With a unit coarser than the window's, the difference has lost what the window needs.
    if UNIT_MS.get(difference.args["unit"], unit_ms + 1) > unit_ms:
        faults.add(span_of(difference), "this unit is coarser than the window's", _WRITE_EPOCH)
        return None
    size_ms = int(divisor.name) * unit_ms
    if size_ms > SIZE_MS_MAX:
        faults.add(span_of(divisor), "a window has at most a year", _WRITE_EPOCH)
        return None
    origin_ms = _origin(subtraction.expression.unnest(), faults)
    if origin_ms is None:
        return None
    _, shift_ms = _without_shift(subtraction.this)
    return _shifted(size_ms, origin_ms - shift_ms)


def _origin(origin: exp.Expr, faults: Faults) -> int | None:
    if not isinstance(origin, DatetimeLiteral) or origin.args["kind"] != "TIMESTAMP":
        faults.add(span_of(origin), "windows are counted from a TIMESTAMP '...'", _WRITE_EPOCH)
        return None
    try:
        origin_ms = timestamp(origin).value
    except NotALiteral as error:
        faults.add(span_of(origin), str(error))
        return None
    return origin_ms if isinstance(origin_ms, int) else None
