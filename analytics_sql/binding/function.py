"""The functions by name: the aggregates of a window, and what to say of all other functions."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal as OneOf

from analytics_sql.syntax.source_text import Advice, shown
from analytics_sql.types import BIGINT, TIMESTAMP, SqlType

AggregateName = OneOf["SUM", "MIN", "MAX", "COUNT", "AVG"]


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """`result` gives the type for an argument's type, None for one that it does not take."""

    name: AggregateName
    takes: str
    result: Callable[[SqlType], SqlType | None]


def _sum(argument: SqlType) -> SqlType | None:
    if argument.is_integer:
        return BIGINT
    return argument if argument.is_numeric else None


def _average(argument: SqlType) -> SqlType | None:
    # Of integers it is an integer: docs/sql/decisions.md says why.
    return argument if argument.is_numeric else None


def _extreme(argument: SqlType) -> SqlType | None:
    is_ordered = argument.is_numeric or argument.is_text or argument == TIMESTAMP
    return argument if is_ordered else None


AGGREGATES: dict[str, AggregateFunction] = {
    function.name: function
    for function in (
        AggregateFunction("COUNT", "anything", lambda argument: BIGINT),
        AggregateFunction("SUM", "a number", _sum),
        AggregateFunction("AVG", "a number", _average),
        AggregateFunction("MIN", "a number, a TIMESTAMP or text", _extreme),
        AggregateFunction("MAX", "a number, a TIMESTAMP or text", _extreme),
    )
}
_SUPPORTED = f"functions so far are {', '.join(sorted(AGGREGATES))}"

# The index of the SQL reference.
_NOT_YET_WORDS = """
    FIRST_VALUE LAST_VALUE EXP_AVG STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP ANY EVERY LAG NTH_VALUE
    STEP FLOOR CEIL CEILING TO_TIMESTAMP UNIX_TIMESTAMP CHAR_TO_TIMESTAMP CHAR_TO_DATE CHAR_TO_TIME
    TIMESTAMP_TO_CHAR DATE_TO_CHAR TIME_TO_CHAR TSDIFF EXTRACT MONOTONIC SUBSTRING UPPER LOWER TRIM
    INITCAP POSITION OVERLAY CHAR_LENGTH CHARACTER_LENGTH REGEX_REPLACE REGEX_LOG_PARSE
    FAST_REGEX_LOG_PARSER W3C_LOG_PARSE VARIABLE_COLUMN_LOG_PARSE FIXED_COLUMN_LOG_PARSE
    SYS_LOG_PARSE ABS EXP LN LOG10 MOD POWER SQRT COALESCE NULLIF CAST CURSOR TABLE GROUP_RANK
    RANDOM_CUT_FOREST RANDOM_CUT_FOREST_WITH_EXPLANATION HOTSPOTS TOP_K_ITEMS_TUMBLING
    COUNT_DISTINCT_ITEMS_TUMBLING
"""
_NOT_YET = frozenset(_NOT_YET_WORDS.split())


def unusable(name: str) -> Advice:
    """What to say of a function that is not an aggregate."""
    if name in _NOT_YET:
        return Advice(f"{name} is not supported yet", _SUPPORTED)
    close = get_close_matches(name, [*AGGREGATES, *_NOT_YET], n=1, cutoff=0.8)
    remedy = f"did you mean {close[0]}?" if close else _SUPPORTED
    return Advice(f"there is no function {shown(name)}", remedy)
