"""Scalar functions as DuckDB's SQL: those whose result is exact and that no row fails in."""

from collections.abc import Sequence

from analytics_sql.expression import Call, Literal
from analytics_sql.types import Kind
from wildrydes.verification.not_judged import NotJudged

_UNIT_MS = {"SECOND": 1000, "MINUTE": 60_000, "HOUR": 3_600_000, "DAY": 86_400_000}
"""Units that are always as long."""


def function_sql(call: Call, values: Sequence[str]) -> str:
    """The call, of arguments that are SQL already. Raises NotJudged."""
    first = call.arguments[0].type if call.arguments else None
    match call.function:
        case "IS TRUE":
            return f"coalesce({values[0]}, FALSE)"
        case "IS FALSE":
            return f"coalesce(NOT {values[0]}, FALSE)"
        case "FLOOR" | "CEIL" if first is not None and first.kind is Kind.DOUBLE:
            # A zero has no sign.
            return f"({call.function.lower()}({values[0]}) + 0.0)"
        case "FLOOR" | "CEIL" if first is not None and first.is_integer:
            return values[0]
        case "ABS" if first is not None and first.kind is Kind.DOUBLE:
            return f"abs({values[0]})"
        case "FLOOR TO" if first is not None and first.kind is Kind.TIMESTAMP:
            unit_ms = _unit_ms(call)
            return f"({values[0]} - (({values[0]} % {unit_ms}) + {unit_ms}) % {unit_ms})"
        case "TSDIFF":
            return f"abs({values[0]} - {values[1]})"
    raise NotJudged(f"the function {call.function}")


def _unit_ms(call: Call) -> int:
    unit = call.arguments[1]
    if isinstance(unit, Literal) and unit.value in _UNIT_MS:
        return _UNIT_MS[str(unit.value)]
    raise NotJudged("FLOOR TO a unit longer than a day")
