"""What a plan's fingerprint depends on, and what it does not."""

from collections.abc import Callable

import pytest

from analytics_sql.compiler import compile_application
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
    ],
)
def test_changes_with_the_plan(compiled: Compile, old: str, new: str) -> None:
    changed = TEXT.replace(old, new)
    assert changed != TEXT
    assert compiled(changed).fingerprint != compiled(TEXT).fingerprint


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
        == "066b768b0db7f471db853775633119e9916017dafef92746e0a80eca1469bf8c"
    )
