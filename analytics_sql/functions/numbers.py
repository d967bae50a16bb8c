"""Numbers."""

import math

from analytics_sql.functions.registry import (
    AS_DOUBLE,
    INTEGER_NUMBER,
    NUMBER,
    WHOLE_NUMBER,
    same_as,
    scalar,
)
from analytics_sql.types import DOUBLE, Kind, SqlType


def _unit(type: SqlType) -> int:
    """What a column of the type holds for 1."""
    unit: int = 10 ** type.digits[1]
    return unit


def _whole(types: tuple[SqlType, ...]) -> SqlType:
    (type,) = types
    return SqlType(Kind.DECIMAL, type.length, 0) if type.kind is Kind.DECIMAL else type


@scalar("ABS", "ABS(number)", NUMBER, gives=same_as(0), typed=True, source="REF:sql-reference-abs")
def absolute(types: tuple[SqlType, ...], number: float) -> float:
    """The number without its sign."""
    if types[0].is_integer and number == types[0].integer_range[0]:
        raise ValueError(f"ABS overflows {types[0]}")
    return abs(number)


@scalar(
    "FLOOR", "FLOOR(number)", NUMBER, gives=_whole, typed=True, source="REF:sql-reference-floor"
)
def floor(types: tuple[SqlType, ...], number: float) -> float:
    """The largest whole number that is not above it."""
    if types[0].is_approximate:
        return float(math.floor(number))
    return number // _unit(types[0])


@scalar("CEIL", "CEIL(number)", NUMBER, gives=_whole, typed=True, source="REF:sql-reference-ceil")
def ceil(types: tuple[SqlType, ...], number: float) -> float:
    """The smallest whole number that is not below it; also CEILING."""
    if types[0].is_approximate:
        return float(math.ceil(number))
    return -(-number // _unit(types[0]))


@scalar("EXP", "EXP(number)", AS_DOUBLE, gives=DOUBLE, source="REF:sql-reference-exp")
def exponential(number: float) -> float:
    """e to this power."""
    try:
        return math.exp(number)
    except OverflowError:
        raise ValueError("EXP overflows DOUBLE") from None


@scalar("LN", "LN(number)", AS_DOUBLE, gives=DOUBLE, source="REF:sql-reference-ln")
def natural_logarithm(number: float) -> float:
    """The natural logarithm."""
    if number <= 0:
        raise ValueError(f"LN takes a number above 0, this is {number!r}")
    return math.log(number)


@scalar("LOG10", "LOG10(number)", AS_DOUBLE, gives=DOUBLE, source="REF:sql-reference-log10")
def decimal_logarithm(number: float) -> float:
    """The logarithm to base 10."""
    if number <= 0:
        raise ValueError(f"LOG10 takes a number above 0, this is {number!r}")
    return math.log10(number)


@scalar(
    "SQRT",
    "SQRT(number)",
    AS_DOUBLE,
    gives=DOUBLE,
    source="published applications; not in the reference's index",
)
def square_root(number: float) -> float:
    """The square root."""
    if number < 0:
        raise ValueError(f"SQRT takes no number below 0, this is {number!r}")
    return math.sqrt(number)


@scalar(
    "POWER",
    "POWER(number, number)",
    AS_DOUBLE,
    AS_DOUBLE,
    gives=DOUBLE,
    source="REF:sql-reference-power",
)
def power(base: float, exponent: float) -> float:
    """The first number to the power of the second."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        raise ValueError("POWER overflows DOUBLE") from None
    except ValueError:
        raise ValueError(f"there is no {base!r} to the power of {exponent!r}") from None


@scalar(
    "MOD",
    "MOD(number, number)",
    WHOLE_NUMBER,
    WHOLE_NUMBER,
    gives=same_as(1),
    fails_by=(1,),
    source="REF:sql-reference-mod",
)
def modulo(dividend: int, divisor: int) -> int:
    """The remainder of a division of whole numbers, with the sign of the first."""
    if divisor == 0:
        raise ValueError("MOD by zero")
    remainder = abs(dividend) % abs(divisor)
    return remainder if dividend >= 0 else -remainder


@scalar(
    "STEP NUMBER",
    "STEP(integer BY integer)",
    INTEGER_NUMBER,
    INTEGER_NUMBER,
    gives=same_as(0),
    fails_by=(1,),
    source="REF:sql-reference-step",
)
def step(number: int, width: int) -> int:
    """The largest multiple of the second number that is not above the first."""
    if width <= 0:
        raise ValueError(f"STEP takes a width above 0, this is {width}")
    return number // width * width
