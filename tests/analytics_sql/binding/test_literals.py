"""Constants: values and types."""

from fractions import Fraction

import pytest

from analytics_sql.binding.literals import NotALiteral, interval_ms, number, timestamp
from analytics_sql.expression import Literal
from analytics_sql.syntax.nodes import DatetimeLiteral, IntervalLiteral
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, TIMESTAMP, Kind, SqlType


def _decimal(precision: int, scale: int) -> SqlType:
    return SqlType(Kind.DECIMAL, precision, scale)


@pytest.mark.parametrize(
    ("text", "negative", "expected"),
    [
        ("0", False, Literal(0, INTEGER)),
        ("007", False, Literal(7, INTEGER)),
        ("2147483647", False, Literal(2**31 - 1, INTEGER)),
        ("2147483648", False, Literal(2**31, BIGINT)),
        ("2147483648", True, Literal(-(2**31), INTEGER)),
        ("2147483649", True, Literal(-(2**31) - 1, BIGINT)),
        ("9223372036854775807", False, Literal(2**63 - 1, BIGINT)),
        ("9223372036854775808", True, Literal(-(2**63), BIGINT)),
        ("1.5", False, Literal(15, _decimal(2, 1))),
        ("1.5", True, Literal(-15, _decimal(2, 1))),
        ("0.05", False, Literal(5, _decimal(2, 2))),
        ("12.340", False, Literal(12340, _decimal(5, 3))),
        ("1.", False, Literal(1, INTEGER)),
        ("1e3", False, Literal(1000.0, DOUBLE)),
        ("1.5E-1", True, Literal(-0.15, DOUBLE)),
    ],
)
def test_number(text: str, negative: bool, expected: Literal) -> None:
    assert number(text, negative=negative) == expected


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "1" * 5000, "1e999", "1234567890.123456789"]
)
def test_numbers_that_have_no_type(text: str) -> None:
    with pytest.raises(NotALiteral):
        number(text)


@pytest.mark.parametrize(
    ("text", "value_ms"),
    [
        ("1970-01-01 00:00:00", 0),
        ("1970-01-02 00:00:00.5", 86_400_500),
        ("2026-01-01 00:01:00.123", 1_767_225_660_123),
        ("1969-12-31 23:59:59.999", -1),
    ],
)
def test_timestamp(text: str, value_ms: int) -> None:
    literal = DatetimeLiteral(this=text, kind="TIMESTAMP")
    assert timestamp(literal) == Literal(value_ms, TIMESTAMP)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00.1234",
        "2026-01-01 00:00:00Z",
        "2026-13-01 00:00:00",
        "0000-01-01 00:00:00",
        "٢٠٢٦-01-01 00:00:00",
        "",
    ],
)
def test_timestamps_that_are_none(text: str) -> None:
    with pytest.raises(NotALiteral):
        timestamp(DatetimeLiteral(this=text, kind="TIMESTAMP"))


@pytest.mark.parametrize(
    ("text", "first", "last", "expected"),
    [
        ("10", "SECOND", "SECOND", 10_000),
        (" 10 ", "SECOND", "SECOND", 10_000),
        ("0.5", "SECOND", "SECOND", 500),
        ("0.0005", "SECOND", "SECOND", Fraction(1, 2)),
        ("2", "MINUTE", "MINUTE", 120_000),
        ("1:30", "MINUTE", "SECOND", 90_000),
        ("1", "HOUR", "HOUR", 3_600_000),
        ("1:02:03.25", "HOUR", "SECOND", 3_723_250),
        ("1 02:03:04", "DAY", "SECOND", 93_784_000),
        ("2 06", "DAY", "HOUR", 194_400_000),
        ("-5", "SECOND", "SECOND", -5_000),
    ],
)
def test_interval(text: str, first: str, last: str, expected: int | Fraction) -> None:
    literal = IntervalLiteral(this=text, negative=False, first_unit=first, last_unit=last)
    assert interval_ms(literal) == expected
    literal.set("negative", True)
    assert interval_ms(literal) == -expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("x", "SECOND", "SECOND"),
        ("", "SECOND", "SECOND"),
        ("1", "MONTH", "MONTH"),
        ("1", "YEAR", "YEAR"),
        ("0.5", "MINUTE", "MINUTE"),
        ("1", "MINUTE", "SECOND"),
        ("1-30", "MINUTE", "SECOND"),
        ("1" * 10, "SECOND", "SECOND"),
        ("٣", "SECOND", "SECOND"),
    ],
)
def test_intervals_that_are_none(text: str, first: str, last: str) -> None:
    with pytest.raises(NotALiteral):
        interval_ms(IntervalLiteral(this=text, negative=False, first_unit=first, last_unit=last))
