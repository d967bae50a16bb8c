"""CAST and assignment by a table worked out by hand. Source: REF:sql-reference-cast."""

from typing import Any

import pytest

from tests.processor.expressions.scalar import FAILS, outcomes, value, values


@pytest.mark.parametrize(
    ("text", "type", "want"),
    [
        # REF: a day needs ten characters, and a CHAR is padded with blanks.
        ("CAST(DATE '2008-08-23' AS VARCHAR(10))", "VARCHAR(25)", "2008-08-23"),
        ("CAST(DATE '2008-08-23' AS VARCHAR(9))", "VARCHAR(25)", FAILS),
        ("CAST(DATE '2008-08-23' AS CHAR(12))", "VARCHAR(25)", "2008-08-23  "),
        # REF: a real is rounded.
        ("CAST(-2.4 AS INTEGER)", "INTEGER", -2),
        ("CAST(2.5 AS INTEGER)", "INTEGER", 3),
        ("CAST(-2.5 AS INTEGER)", "INTEGER", -3),
        ("CAST(2.5E0 AS SMALLINT)", "SMALLINT", 3),
        ("CAST(4E4 AS SMALLINT)", "INTEGER", FAILS),
        ("CAST(40000 AS SMALLINT)", "INTEGER", FAILS),
        ("CAST(1.25 AS DOUBLE)", "DOUBLE", 1.25),
        ("CAST(0.1E0 AS REAL)", "REAL", 0.1),
        ("CAST(1E39 AS REAL)", "REAL", FAILS),
        ("CAST(0.1E0 AS REAL)", "DOUBLE", 0.10000000149011612),
        # To text.
        ("CAST(-12 AS VARCHAR(5))", "VARCHAR(25)", "-12"),
        ("CAST(12345 AS VARCHAR(4))", "VARCHAR(25)", FAILS),
        ("CAST(1.50 AS VARCHAR(9))", "VARCHAR(25)", "1.50"),
        ("CAST(-0.05 AS VARCHAR(9))", "VARCHAR(25)", "-0.05"),
        ("CAST(1.5E0 AS VARCHAR(9))", "VARCHAR(25)", "1.5"),
        ("CAST(CAST(0.1E0 AS REAL) AS VARCHAR(9))", "VARCHAR(25)", "0.1"),
        ("CAST(1 = 1 AS VARCHAR(5))", "VARCHAR(25)", "TRUE"),
        ("CAST(1 = 2 AS CHAR(6))", "VARCHAR(25)", "FALSE "),
        (
            "CAST(TIMESTAMP '2008-08-23 01:02:03' AS VARCHAR(23))",
            "VARCHAR(25)",
            "2008-08-23 01:02:03.000",
        ),
        ("CAST(TIMESTAMP '2008-08-23 01:02:03' AS VARCHAR(19))", "VARCHAR(25)", FAILS),
        ("CAST(TIME '01:02:03.5' AS VARCHAR(12))", "VARCHAR(25)", "01:02:03.500"),
        ("CAST(INTERVAL '3 4' DAY TO HOUR * 2 AS VARCHAR(12))", "VARCHAR(25)", "+6 08"),
        (
            "CAST(INTERVAL '1' DAY - INTERVAL '3 4' DAY TO HOUR AS VARCHAR(12))",
            "VARCHAR(25)",
            "-2 04",
        ),
        ("CAST(INTERVAL '61.5' SECOND AS VARCHAR(12))", "VARCHAR(25)", "+61.500"),
        ("CAST(INTERVAL '0:1:1' HOUR TO SECOND AS VARCHAR(12))", "VARCHAR(25)", "+0:01:01"),
        # From text.
        ("CAST(' 12 ' AS INTEGER)", "INTEGER", 12),
        ("CAST('12.5' AS INTEGER)", "INTEGER", 13),
        ("CAST('1e2' AS INTEGER)", "INTEGER", 100),
        ("CAST('12x' AS INTEGER)", "INTEGER", FAILS),
        ("CAST('' AS INTEGER)", "INTEGER", FAILS),
        ("CAST('99999999999' AS INTEGER)", "INTEGER", FAILS),
        ("CAST('+1.5' AS DOUBLE)", "DOUBLE", 1.5),
        ("CAST('NaN' AS DOUBLE)", "DOUBLE", FAILS),
        ("CAST('1e400' AS DOUBLE)", "DOUBLE", FAILS),
        ("CAST('True' AS BOOLEAN)", "BOOLEAN", True),
        ("CAST('yes' AS BOOLEAN)", "BOOLEAN", FAILS),
        ("CAST('2008-08-23 01:02:03' AS TIMESTAMP)", "TIMESTAMP", "2008-08-23 01:02:03.000"),
        ("CAST('2008-08-23' AS TIMESTAMP)", "TIMESTAMP", "2008-08-23 00:00:00.000"),
        ("CAST('2008-02-30' AS TIMESTAMP)", "TIMESTAMP", FAILS),
        ("CAST('2008-08-23' AS DATE)", "DATE", "2008-08-23"),
        ("CAST('01:02:03' AS TIME)", "TIME", "01:02:03.000"),
        ("CAST('25:02:03' AS TIME)", "TIME", FAILS),
        ("CAST(CAST('1:30' AS INTERVAL HOUR TO MINUTE) AS VARCHAR(9))", "VARCHAR(25)", "+1:30"),
        # Between times.
        ("CAST(TIMESTAMP '2008-08-23 01:02:03' AS DATE)", "DATE", "2008-08-23"),
        ("CAST(TIMESTAMP '1969-12-31 01:02:03' AS TIME)", "TIME", "01:02:03.000"),
        ("CAST(DATE '2008-08-23' AS TIMESTAMP)", "TIMESTAMP", "2008-08-23 00:00:00.000"),
        ("CAST(TIME '01:02:03' AS TIMESTAMP)", "TIMESTAMP", "1970-01-01 01:02:03.000"),
        # Of an interval, the number of its unit.
        ("CAST(INTERVAL '90' MINUTE AS BIGINT)", "BIGINT", 90),
        ("CAST(INTERVAL '1.7' SECOND AS BIGINT)", "BIGINT", 1),
        ("CAST(INTERVAL -'1.7' SECOND AS BIGINT)", "BIGINT", -1),
        ("CAST(NULL AS INTEGER)", "INTEGER", None),
        # Assignment: blanks at the end of a text that is too long are cut, nothing else is.
        ("'ab  '", "VARCHAR(2)", "ab"),
        ("'abc'", "VARCHAR(2)", FAILS),
        ("'ab'", "CHAR(4)", "ab  "),
        ("12", "DOUBLE", 12.0),
    ],
)
def test_values(text: str, type: str, want: Any) -> None:
    assert repr(value(text, type)) == repr(want)


@pytest.mark.parametrize(
    ("text", "type", "want"),
    [
        ("CAST('12.345' AS DECIMAL(6,2))", "DECIMAL(6,2)", "12.35"),
        ("CAST(-12.345 AS DECIMAL(6,2))", "DECIMAL(6,2)", "-12.35"),
        ("CAST(0.125E0 AS DECIMAL(6,2))", "DECIMAL(6,2)", "0.13"),
        ("CAST(7 AS DECIMAL(6,2))", "DECIMAL(6,2)", "7.00"),
        ("CAST(99999 AS DECIMAL(6,2))", "DECIMAL(6,2)", FAILS),
        ("CAST(INTERVAL '1.7' SECOND AS DECIMAL(6,2))", "DECIMAL(6,2)", "1.70"),
        ("1.239", "DECIMAL(6,2)", "1.24"),
        ("9223372036854775807", "NUMERIC", "9223372036854775807"),
        ("1.5", "NUMERIC", "2"),
    ],
)
def test_decimals(text: str, type: str, want: str) -> None:
    assert str(value(text, type)) == want


def test_columns() -> None:
    rows = [{"s": "1.5"}, {"s": "x"}, {}, {"s": " 2 "}]
    assert values('CAST("s" AS DOUBLE)', "DOUBLE", rows) == [1.5, FAILS, None, 2.0]
    numbers = [{"x": 1.5}, {}, {"x": 1e9}, {"x": 1.5}]
    assert values('CAST("x" AS VARCHAR(4))', "VARCHAR(4)", numbers) == ["1.5", None, FAILS, "1.5"]
    assert values('CAST("n" AS CHAR(3))', "CHAR(3)", [{"n": 5}, {}]) == ["5  ", None]


@pytest.mark.parametrize(
    ("text", "type", "reason"),
    [
        ("CAST('x' AS INTEGER)", "INTEGER", "'x' is not a INTEGER"),
        ("CAST(300 AS TINYINT)", "INTEGER", "300 does not fit TINYINT"),
        ("CAST(12.5 AS DECIMAL(1,0))", "DOUBLE", "12.5 does not fit DECIMAL(1,0)"),
        ("'abc'", "VARCHAR(2)", 'column "A": a text of 3 characters does not fit VARCHAR(2)'),
    ],
)
def test_reasons(text: str, type: str, reason: str) -> None:
    assert outcomes(text, type) == [(FAILS, reason)]
