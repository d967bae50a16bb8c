"""The time keys of GROUP BY, in all the ways that they are written.

    FLOOR(s.ROWTIME TO MINUTE)
    STEP(s.ROWTIME BY INTERVAL '60' SECOND)
    FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 60 TO SECOND)

All three cut time into windows of one size, aligned to 1970-01-01 in UTC. Sources:
REF:sql-reference-step; REF:sql-reference-date-timestamp-interval for the third, which consoles
offered as a template.
"""

import re
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.literals import UNIT_MS, NotALiteral, interval_ms, timestamp
from analytics_sql.binding.scope import Scope
from analytics_sql.expression import ColumnRef
from analytics_sql.syntax.nodes import (
    DatetimeLiteral,
    IntervalLiteral,
    QualifiedDifference,
    RoundToUnit,
    Step,
    span_of,
)
from analytics_sql.syntax.source_text import Faults

SIZE_MS_MAX = 366 * UNIT_MS["DAY"]
"""A window that stays open longer than a year is a mistake in the text. The service recommended an
hour at most.
"""

_COUNT = re.compile(r"[1-9][0-9]{0,8}")

_WRITE_STEP = "write STEP(s.ROWTIME BY INTERVAL '60' SECOND)"
_WRITE_EPOCH = "write (s.ROWTIME - TIMESTAMP '1970-01-01 00:00:00') SECOND / 60 TO SECOND"


@dataclass(frozen=True, slots=True)
class TimeKey:
    """A window's size. `is_timestamp`: the key is the window's start; else it is an interval since
    1970, which groups the same rows but has no place in a column.
    """

    size_ms: int
    is_timestamp: bool


def is_time_key(node: exp.Expr) -> bool:
    """Whether an expression has the form of a time key, right or wrong."""
    return isinstance(node.unnest(), Step | RoundToUnit)


def time_key(node: exp.Expr, scope: Scope, faults: Faults) -> TimeKey | None:
    """The window that an expression of such a form describes; None after a fault."""
    key = node.unnest()
    operand = key.this.unnest()
    if isinstance(key, Step):
        window = _step(key, faults)
        return window if _is_row_time(operand, scope, faults) else None
    assert isinstance(key, RoundToUnit)
    if key.args["function"] != "FLOOR":
        faults.add(span_of(key), "windows start at a FLOOR or a STEP of ROWTIME", _WRITE_STEP)
        return None
    unit = key.args["unit"]
    if unit not in UNIT_MS:
        faults.add(
            span_of(key), f"FLOOR TO {unit} is not supported", f"units are {', '.join(UNIT_MS)}"
        )
        return None
    if isinstance(operand, QualifiedDifference | exp.Div):
        return _since_epoch(key, operand, scope, faults)
    return TimeKey(UNIT_MS[unit], True) if _is_row_time(operand, scope, faults) else None


def _step(key: Step, faults: Faults) -> TimeKey | None:
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
    return TimeKey(int(size_ms), True)


def _since_epoch(
    key: RoundToUnit, operand: exp.Expr, scope: Scope, faults: Faults
) -> TimeKey | None:
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
    if not _is_row_time(subtraction.this.unnest(), scope, faults):
        return None
    size_ms = int(divisor.name) * unit_ms
    if size_ms > SIZE_MS_MAX:
        faults.add(span_of(divisor), "a window has at most a year", _WRITE_EPOCH)
        return None
    origin = subtraction.expression.unnest()
    return TimeKey(size_ms, False) if _is_aligned(origin, size_ms, faults) else None


def _is_aligned(origin: exp.Expr, size_ms: int, faults: Faults) -> bool:
    if not isinstance(origin, DatetimeLiteral) or origin.args["kind"] != "TIMESTAMP":
        faults.add(span_of(origin), "windows are counted from a TIMESTAMP '...'", _WRITE_EPOCH)
        return False
    try:
        offset_ms = timestamp(origin).value
    except NotALiteral as error:
        faults.add(span_of(origin), str(error))
        return False
    if not isinstance(offset_ms, int) or offset_ms % size_ms:
        faults.add(
            span_of(origin),
            "windows are aligned to 1970-01-01, and these would not be",
            _WRITE_EPOCH,
        )
        return False
    return True


def _is_row_time(operand: exp.Expr, scope: Scope, faults: Faults) -> bool:
    if not isinstance(operand, exp.Column):
        faults.add(span_of(operand), "a window is cut from ROWTIME", _WRITE_STEP)
        return False
    reference = scope.resolve(operand, faults)
    if isinstance(reference, ColumnRef):
        faults.add(
            span_of(operand),
            "windows on another time than ROWTIME are not supported yet",
            _WRITE_STEP,
        )
    return reference is not None and not isinstance(reference, ColumnRef)
