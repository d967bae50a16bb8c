"""The functions over many rows, by name: those of a group, and those that need OVER.

Sources: REF:sql-reference-aggregate-functions and the page of each; for the types of the results
docs/sql/decisions.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from analytics_sql.plan import AggregateName, AnalyticName
from analytics_sql.types import BIGINT, BOOLEAN, DIGITS_MAX, DOUBLE, Kind, SqlType

ResultType = Callable[[SqlType], SqlType | None]
"""The type of the result for the argument's; None for one that the function does not take."""


@dataclass(frozen=True, slots=True)
class AnalyticFunction:
    """A function that takes a window of rows."""

    name: AnalyticName
    takes: str
    result: ResultType
    arguments: str = "one argument"
    takes_nulls: bool = False
    """Whether IGNORE NULLS can follow: all others pass NULLs over anyway."""


def _any(argument: SqlType) -> SqlType:
    return argument


def _sum(argument: SqlType) -> SqlType | None:
    if argument.is_integer:
        return BIGINT
    if argument.kind is Kind.DECIMAL:
        return SqlType(Kind.DECIMAL, DIGITS_MAX, argument.scale)
    return argument if argument.is_numeric else None


def _average(argument: SqlType) -> SqlType | None:
    # Of integers it is an integer: docs/sql/decisions.md says why.
    return argument if argument.is_numeric else None


def _extreme(argument: SqlType) -> SqlType | None:
    is_ordered = argument.is_numeric or argument.is_text or argument.is_datetime
    return argument if is_ordered else None


def _deviation(argument: SqlType) -> SqlType | None:
    return DOUBLE if argument.is_numeric else None


def _logical(argument: SqlType) -> SqlType | None:
    return argument if argument == BOOLEAN else None


_ORDERED = "a number, text, a TIMESTAMP, a DATE or a TIME"
_OF_GROUPS: tuple[tuple[AggregateName, str, ResultType], ...] = (
    ("COUNT", "anything", lambda argument: BIGINT),
    ("SUM", "a number", _sum),
    ("AVG", "a number", _average),
    ("MIN", _ORDERED, _extreme),
    ("MAX", _ORDERED, _extreme),
    ("STDDEV_POP", "a number", _deviation),
    ("STDDEV_SAMP", "a number", _deviation),
    ("VAR_POP", "a number", _deviation),
    ("VAR_SAMP", "a number", _deviation),
    ("ANY", "a condition", _logical),
    ("EVERY", "a condition", _logical),
)

AGGREGATES: dict[str, AnalyticFunction] = {
    function.name: function
    for function in (
        *(AnalyticFunction(*of_groups) for of_groups in _OF_GROUPS),
        AnalyticFunction(
            "EXP_AVG", "a number", _deviation, arguments="a number and an INTERVAL, its half-life"
        ),
        AnalyticFunction("FIRST_VALUE", "anything", _any, takes_nulls=True),
        AnalyticFunction("LAST_VALUE", "anything", _any, takes_nulls=True),
    )
}
"""What a query with GROUP BY computes of each group; OVER takes them too."""

ANALYTICS: dict[str, AnalyticFunction] = {
    **AGGREGATES,
    "LAG": AnalyticFunction(
        "LAG",
        "anything",
        _any,
        arguments="a value, how many rows before, and the value if there is no such row",
        takes_nulls=True,
    ),
    "NTH_VALUE": AnalyticFunction(
        "NTH_VALUE",
        "anything",
        _any,
        arguments="a value, and which row of the window from 1",
        takes_nulls=True,
    ),
}
"""What stands before OVER."""
