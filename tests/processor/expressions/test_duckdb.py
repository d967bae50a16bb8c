"""Common scalars over random rows, NULLs and errors included: DuckDB says the same.

Where the two dialects differ on purpose (a division of integers, a division by zero, trailing
blanks), the expression or the data stay away from it; the tables of test_functions.py go there.
"""

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.processor.expressions.scalar import FAILS, Row, values

TYPES = {
    "n": "INTEGER",
    "m": "INTEGER",
    "x": "DOUBLE",
    "y": "DOUBLE",
    "d": "DECIMAL(10,2)",
    "e": "DECIMAL(6,3)",
    "s": "VARCHAR",
    "u": "VARCHAR",
    "ok": "BOOLEAN",
    "at": "TIMESTAMP",
    "til": "TIMESTAMP",
}
WORDS = ["", "a", "ab", "Ab c", "aXbX", "éa", "😀b", "a%b", "a_b", "12", "-7", "3.5", "x1"]


def row(rng: random.Random) -> Row:
    def time() -> str:
        return str(
            datetime.datetime(1970, 1, 1)
            + datetime.timedelta(milliseconds=rng.randrange(-(10**12), 2 * 10**12))
        )[:23].ljust(19)

    given: dict[str, Callable[[], Any]] = {
        "n": lambda: rng.randrange(-50, 50),
        "m": lambda: rng.choice([-3, -1, 1, 2, 7, 2**31 - 1, -(2**31)]),
        "x": lambda: rng.choice([-2.5, -0.25, 0.0, 0.5, 3.75, 1e10]),
        "y": lambda: rng.choice([-1.0, 0.125, 2.0, 8.0]),
        "d": lambda: rng.randrange(-(10**6), 10**6) / 100,
        "e": lambda: rng.randrange(-(10**5), 10**5) / 1000,
        "s": lambda: rng.choice(WORDS),
        "u": lambda: rng.choice(WORDS),
        "ok": lambda: rng.random() < 0.5,
        "at": time,
        "til": time,
    }
    return {name: None if rng.random() < 0.15 else make() for name, make in given.items()}


# Ours, and DuckDB's text where it is another one; the type of the column it goes to.
SAME: list[tuple[str, str, str]] = [
    ('"n" + "m" * 2', "", "BIGINT"),
    ('"n" - "m"', "", "INTEGER"),
    ('"n" / "m"', '"n" // "m"', "INTEGER"),
    ('MOD("n", "m")', "", "INTEGER"),
    ('ABS("n")', "", "INTEGER"),
    ('-"n"', "", "INTEGER"),
    ('"x" + "y" * "n"', "", "DOUBLE"),
    ('"x" / "y"', "", "DOUBLE"),
    ('FLOOR("x")', "", "DOUBLE"),
    ('CEIL("x")', "", "DOUBLE"),
    ('SQRT(ABS("x"))', "", "DOUBLE"),
    ('POWER("y", 2)', "", "DOUBLE"),
    ('"d" + "e"', "", "DECIMAL(12,3)"),
    ('"d" - "e"', "", "DECIMAL(12,3)"),
    ('"d" * "e"', "", "DECIMAL(16,5)"),
    ('"d" * "n"', "", "DECIMAL(16,2)"),
    ('CAST("d" AS DECIMAL(9,1))', "", "DECIMAL(9,1)"),
    ('CAST("d" AS INTEGER)', "", "INTEGER"),
    ('CAST("n" AS VARCHAR(12))', "", "VARCHAR(12)"),
    ('CAST("d" AS VARCHAR(12))', "", "VARCHAR(12)"),
    (
        'CAST("s" AS INTEGER)',
        'TRY_CAST(round(TRY_CAST("s" AS DECIMAL(9,3))) AS INTEGER)',
        "INTEGER",
    ),
    ('CAST("s" AS DOUBLE)', 'TRY_CAST("s" AS DOUBLE)', "DOUBLE"),
    ('CAST("n" AS SMALLINT)', "", "SMALLINT"),
    ('CAST("m" AS TINYINT)', 'TRY_CAST("m" AS TINYINT)', "TINYINT"),
    ('UPPER("s")', "", "VARCHAR(40)"),
    ('LOWER("s")', "", "VARCHAR(40)"),
    ('CHAR_LENGTH("s")', 'length("s")', "INTEGER"),
    ('"s" || "u"', "", "VARCHAR(80)"),
    ("TRIM(BOTH 'a' FROM \"s\")", "trim(\"s\", 'a')", "VARCHAR(40)"),
    ("TRIM(LEADING 'a' FROM \"s\")", "ltrim(\"s\", 'a')", "VARCHAR(40)"),
    ('SUBSTRING("s" FROM 2 FOR 2)', "", "VARCHAR(40)"),
    ('SUBSTRING("s", 2)', "", "VARCHAR(40)"),
    ('POSITION("u" IN "s")', "", "INTEGER"),
    (
        "REGEX_REPLACE(\"s\", '[ab]', '<$0>', 1, 0)",
        "regexp_replace(\"s\", '[ab]', '<\\0>', 'g')",
        "VARCHAR(99)",
    ),
    ("\"s\" LIKE 'a%'", "", "BOOLEAN"),
    ("\"s\" NOT LIKE '_b%'", "", "BOOLEAN"),
    ("\"s\" LIKE '%!_%' ESCAPE '!'", "", "BOOLEAN"),
    ("\"s\" SIMILAR TO '(a|A)%'", "regexp_full_match(\"s\", '(a|A).*')", "BOOLEAN"),
    ('"s" < "u"', "", "BOOLEAN"),
    ('"s" = \'ab\' OR "ok"', "", "BOOLEAN"),
    ("\"s\" IN ('a', 'ab', \"u\")", "", "BOOLEAN"),
    ('"n" BETWEEN "m" AND 10', "", "BOOLEAN"),
    (
        '"n" BETWEEN SYMMETRIC "m" AND 10',
        '("n" BETWEEN "m" AND 10) OR ("n" BETWEEN 10 AND "m")',
        "BOOLEAN",
    ),
    ('"n" IS DISTINCT FROM "m"', "", "BOOLEAN"),
    ('"s" IS NOT DISTINCT FROM "u"', "", "BOOLEAN"),
    ('"ok" IS NOT TRUE', "", "BOOLEAN"),
    ('("ok" AND "n" > 0) IS UNKNOWN', '("ok" AND "n" > 0) IS NULL', "BOOLEAN"),
    ('"d" > "e"', "", "BOOLEAN"),
    ('"d" <= "n"', "", "BOOLEAN"),
    ('"x" >= "n"', "", "BOOLEAN"),
    ('CASE WHEN "n" > 0 THEN "s" WHEN "ok" THEN "u" END', "", "VARCHAR(40)"),
    ('CASE "n" WHEN "m" THEN 1 ELSE "n" END', "", "INTEGER"),
    ('CASE WHEN "n" <> 0 THEN "m" / "n" END', 'CASE WHEN "n" <> 0 THEN "m" // "n" END', "INTEGER"),
    ('COALESCE("s", "u", \'none\')', "", "VARCHAR(40)"),
    ('NULLIF("s", "u")', "", "VARCHAR(40)"),
    ('COALESCE("n", "d")', "", "DECIMAL(12,2)"),
    ('FLOOR("at" TO HOUR)', "date_trunc('hour', \"at\")", "TIMESTAMP"),
    ('FLOOR("at" TO MONTH)', "date_trunc('month', \"at\")", "TIMESTAMP"),
    ('FLOOR("at" TO QUARTER)', "date_trunc('quarter', \"at\")", "TIMESTAMP"),
    (
        "STEP(\"at\" BY INTERVAL '90' SECOND)",
        "time_bucket(INTERVAL '90 seconds', \"at\", TIMESTAMP '1970-01-01')",
        "TIMESTAMP",
    ),
    ('EXTRACT(YEAR FROM "at")', "", "BIGINT"),
    ('EXTRACT(MONTH FROM "at")', "", "BIGINT"),
    ('EXTRACT(WEEK FROM "at")', "", "BIGINT"),
    ('EXTRACT(DAY FROM "at")', "", "BIGINT"),
    ('EXTRACT(HOUR FROM "at")', "", "BIGINT"),
    ('UNIX_TIMESTAMP("at")', 'epoch_ms("at")', "BIGINT"),
    ('TO_TIMESTAMP(UNIX_TIMESTAMP("at"))', '"at"', "TIMESTAMP"),
    ('TSDIFF("at", "til")', 'abs(epoch_ms("at") - epoch_ms("til"))', "BIGINT"),
    ("\"at\" + INTERVAL '1' DAY * 3", "\"at\" + INTERVAL '3 days'", "TIMESTAMP"),
    ('CAST("at" AS DATE)', "", "DATE"),
    ('CAST("at" AS TIME)', "", "TIME"),
    ('"at" < "til"', "", "BOOLEAN"),
    (
        "TIMESTAMP_TO_CHAR('yyyy/MM/dd HH-mm-ss.SSS', \"at\")",
        "coalesce(strftime(\"at\", '%Y/%m/%d %H-%M-%S.%g'), 'null')",
        "VARCHAR(40)",
    ),
    (
        "CHAR_TO_TIMESTAMP('yyyy-MM-dd HH:mm:ss.SSS', TIMESTAMP_TO_CHAR('yyyy-MM-dd HH:mm:ss.SSS', "
        "COALESCE(\"at\", TIMESTAMP '1970-01-01 00:00:00')))",
        "coalesce(\"at\", TIMESTAMP '1970-01-01')",
        "TIMESTAMP",
    ),
]


def as_output(value: Any) -> Any:
    """A value of DuckDB's as it stands in an output row."""
    match value:
        case datetime.datetime():
            return value.isoformat(" ", "milliseconds")
        case datetime.date():
            return value.isoformat()
        case datetime.time():
            return value.isoformat("milliseconds")
        case float():
            return value + 0.0
        case _:
            return value


ROWS = [row(random.Random(seed)) for seed in range(150)]


@pytest.fixture(scope="module")
def other() -> Any:
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{name}" {type}' for name, type in TYPES.items())
        connection.execute(f"CREATE TABLE t (place INTEGER, {columns})")
        marks = ", ".join("?" * (len(TYPES) + 1))
        connection.executemany(
            f"INSERT INTO t VALUES ({marks})",
            [(place, *(given[name] for name in TYPES)) for place, given in enumerate(ROWS)],
        )
        yield connection


@pytest.mark.parametrize(("ours", "theirs", "type"), SAME, ids=[ours for ours, _, _ in SAME])
def test_means_what_duckdb_says(other: Any, ours: str, theirs: str, type: str) -> None:
    found = other.execute(f"SELECT TRY({theirs or ours}) FROM t ORDER BY place").fetchall()
    failed = 0
    for given, got, (value,) in zip(ROWS, values(ours, type, ROWS), found, strict=True):
        want = as_output(value)
        if got == FAILS:
            # TRY makes a NULL of an error.
            failed += 1
            assert want is None, given
        elif isinstance(want, Decimal):
            assert str(got) == str(want), given
        else:
            assert got == want, given
    assert failed < len(ROWS)
