"""What a plan's fingerprint depends on, and what it does not."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.fingerprint import fingerprint
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, SourceColumn
from analytics_sql.types import BIGINT, DOUBLE

Compile = Callable[[str], Application]

TEXT = """
CREATE STREAM A (N BIGINT, NAME VARCHAR(16));
CREATE STREAM B (N BIGINT);
CREATE PUMP P AS INSERT INTO A
SELECT STREAM COUNT(*) AS n, "Name" FROM "SOURCE_SQL_STREAM_001" AS s
WHERE "Distance" > 1.5 GROUP BY "Name", STEP(s.ROWTIME BY INTERVAL '60' SECOND);
CREATE PUMP Q AS INSERT INTO B SELECT STREAM N FROM A;
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", " \r\n\t"),
        ("WHERE", "-- a comment\nWHERE /* and another */"),
        ("SELECT STREAM", "select"),
        ("CREATE", "CREATE OR REPLACE"),
        ("AS n", "AS something_else"),
        ("AS s", "AS t"),
        ('"Name" FROM', '("Name") FROM'),
        ("STEP(s.ROWTIME BY INTERVAL '60' SECOND)", "FLOOR(s.ROWTIME TO MINUTE)"),
        ("STEP(s.ROWTIME BY INTERVAL '60' SECOND)", "STEP(ROWTIME BY INTERVAL '1' MINUTE)"),
        ("> 1.5", "> 1.50"),
        ("CREATE STREAM B (N BIGINT);", ""),
    ],
)
def test_stable(compiled: Compile, old: str, new: str) -> None:
    changed = TEXT.replace(old, new).replace(
        "s.ROWTIME", "t.ROWTIME" if "AS t" in new else "s.ROWTIME"
    )
    if not new:
        # A stream is created wherever its statement stands.
        changed += old
    assert changed != TEXT
    assert compiled(changed).fingerprint == compiled(TEXT).fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'60'", "'61'"),
        ("COUNT(*)", 'COUNT("Name")'),
        ("COUNT(*)", 'SUM("MagicPoints")'),
        ("1.5", "1.6"),
        (">", ">="),
        ('WHERE "Distance" > 1.5', ""),
        ("NAME VARCHAR(16)", "NAME VARCHAR(17)"),
        ("NAME VARCHAR(16)", "WHO VARCHAR(16)"),
        ("PUMP Q", "PUMP R"),
        ("CREATE PUMP Q", "CREATE PUMP Q2 AS INSERT INTO B SELECT STREAM N FROM A; CREATE PUMP Q"),
        ("INTO B SELECT STREAM N", "INTO B SELECT STREAM N + 1"),
        ("(N BIGINT, NAME", "(N BIGINT NOT NULL, NAME"),
        ("SELECT STREAM N FROM A", "SELECT STREAM SUM(N) OVER (ROWS 1 PRECEDING) FROM A"),
        ("STEP(s.ROWTIME BY", "STEP(s.ROWTIME + INTERVAL '1' SECOND BY"),
        ("STEP(s.ROWTIME BY INTERVAL '60' SECOND)", "MONOTONIC(BIG)"),
        (" SECOND);", " SECOND) HAVING COUNT(*) > 1;"),
        ("COUNT(*) AS n", "FIRST_VALUE(BIG) AS n"),
        ("N FROM A;", "N, ROWTIME + INTERVAL '1' DAY AS ROWTIME FROM A;"),
    ],
)
def test_changes_with_the_plan(compiled: Compile, old: str, new: str) -> None:
    changed = TEXT.replace(old, new)
    assert changed != TEXT
    assert compiled(changed).fingerprint != compiled(TEXT).fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ROWS 1 PRECEDING", "ROWS 2 PRECEDING"),
        ("ROWS 1 PRECEDING", "RANGE INTERVAL '1' SECOND PRECEDING"),
        ("ROWS 1 PRECEDING", "PARTITION BY TOTAL ROWS 1 PRECEDING"),
        ("LAG(BIG, 2)", "LAG(BIG, 3)"),
        ("LAG(BIG, 2)", "LAG(BIG, 2, 0)"),
        ("LAG(BIG, 2)", "LAG(BIG, 2) IGNORE NULLS"),
        ("LAG(BIG, 2)", "NTH_VALUE(BIG, 2)"),
    ],
)
def test_every_part_of_a_sliding_window_counts(compiled: Compile, old: str, new: str) -> None:
    text = (
        "CREATE STREAM A (N BIGINT); CREATE PUMP P AS INSERT INTO A "
        'SELECT LAG(BIG, 2) OVER (ROWS 1 PRECEDING) FROM "SOURCE_SQL_STREAM_001"'
    )
    assert compiled(text).fingerprint != compiled(text.replace(old, new)).fingerprint


def test_a_field_at_its_default_does_not_count() -> None:
    # What a plan can say later on leaves the fingerprints of today alone.
    @dataclass(frozen=True)
    class Stream:
        name: str
        columns: tuple[object, ...] = ()
        later: int = 0

    def of(stream: Stream) -> str:
        return fingerprint((), (stream,), ())  # type: ignore[arg-type]

    assert of(Stream("A")) == of(Stream("A", later=0)) != of(Stream("A", later=1))


def _of(*columns: SourceColumn, name: str = "x", source: str = "S") -> str:
    text = "CREATE STREAM A (N DOUBLE); CREATE PUMP P AS INSERT INTO A SELECT STREAM a FROM S"
    schema = InputSchema(columns)
    application = compile_application(
        text.replace("FROM S", f"FROM {source}"), name=name, schema=schema, source_name=source
    )
    return application.fingerprint


def test_of_the_input_only_what_is_read_counts() -> None:
    a, b = SourceColumn("A", DOUBLE, ("a",)), SourceColumn("B", DOUBLE, ("b",))
    assert _of(a) == _of(a, b) == _of(b, a) == _of(a, name="y")
    assert _of(a) != _of(SourceColumn("A", DOUBLE, ("b",)))
    assert _of(a) != _of(SourceColumn("A", BIGINT, ("a",)))
    assert _of(a) != _of(a, source="T")


def test_it_is_the_same_on_every_machine(compiled: Compile) -> None:
    # A snapshot outlives a release: change this only with the plan's meaning.
    assert len(compiled(TEXT).fingerprint) == 64
    assert (
        compiled(TEXT).fingerprint
        == "df467cfe28e9b90112eb628b4c5ea86b9263c9f6ab77d7ea00dc4b8e61cfb627"
    )
