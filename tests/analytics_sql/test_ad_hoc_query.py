"""A query by itself: its columns, and where its errors are."""

import pytest

from analytics_sql.ad_hoc_query import RESULT, compile_query
from analytics_sql.application_file import (
    PACKAGED,
    TEXT,
    WORKSHOP,
    WORKSHOP_SCHEMA,
    read_text,
    reference_tables,
)
from analytics_sql.input_schema import InputSchema
from analytics_sql.manifest import Manifest
from fleet.errors import SqlErrors

SCHEMA = InputSchema.read(WORKSHOP_SCHEMA)
INPUT = "SOURCE_SQL_STREAM_001"


def columns(query: str, text: str = "") -> list[tuple[str, str]]:
    plan = compile_query(query, schema=SCHEMA, source_name=INPUT, text=text)
    return [(column.name, str(column.type)) for column in plan.stream(RESULT).columns]


def test_columns_are_the_items() -> None:
    assert columns(
        f'SELECT STREAM "Name", ROWTIME, COUNT(*) AS n, COUNT(*) AS n FROM "{INPUT}" AS s '
        "GROUP BY \"Name\", STEP(s.ROWTIME BY INTERVAL '10' SECOND);"
    ) == [("Name", "VARCHAR(16)"), ("ROW_TIME", "TIMESTAMP"), ("N", "BIGINT"), ("N_2", "BIGINT")]
    assert len(columns(f'SELECT STREAM * FROM "{INPUT}"')) == 7


def test_streams_of_an_application() -> None:
    text = read_text(WORKSHOP / TEXT)
    query = 'SELECT STREAM "Distance" FROM "DESTINATION_SQL_STREAM"'
    assert columns(query, text) == [("Distance", "SMALLINT")]


@pytest.mark.parametrize("text", ["", read_text(WORKSHOP / TEXT)])
@pytest.mark.parametrize(
    ("query", "place", "reason"),
    [
        (f'SELECT STREAM\nname FROM "{INPUT}"', (2, 1), "there is no column NAME"),
        ("hello", (1, 1), "unexpected hello; expected SELECT STREAM"),
        (f'SELECT STREAM "Name" FROM "{INPUT}"; DROP x', (1, 52), "the service has no DROP"),
    ],
)
def test_errors_have_the_lines_of_the_query(
    query: str, place: tuple[int, int], reason: str, text: str
) -> None:
    with pytest.raises(SqlErrors) as caught:
        compile_query(query, schema=SCHEMA, source_name=INPUT, text=text)
    error = caught.value.errors[0]
    assert ((error.line, error.column), str(error)) == (place, reason)


@pytest.mark.parametrize("query", ["", ";", "CREATE STREAM A (B INTEGER)", "((((", "'"])
def test_what_is_no_query(query: str) -> None:
    with pytest.raises(SqlErrors):
        compile_query(query, schema=SCHEMA, source_name=INPUT)


def test_functions_of_an_application() -> None:
    text = "CREATE FUNCTION twice (x DOUBLE) RETURNS DOUBLE CONTAINS SQL RETURN x * 2;"
    query = f'SELECT STREAM twice("Distance") AS d FROM "{INPUT}"'
    assert columns(query, text) == [("D", "DOUBLE")]


def test_reference_tables_of_an_application() -> None:
    home = PACKAGED / "district-enrichment"
    manifest = Manifest.read(home / "application.toml")
    plan = compile_query(
        f'SELECT STREAM d.DISTRICT FROM "{INPUT}" AS s '
        'JOIN "DISTRICTS" AS d ON s."MagicPoints" = d.BAND',
        schema=manifest.schema,
        source_name=INPUT,
        text=read_text(home / TEXT),
        tables=reference_tables(manifest),
    )
    assert [column.name for column in plan.stream(RESULT).columns] == ["DISTRICT"]


def test_a_union() -> None:
    one = f'SELECT STREAM "Name" FROM "{INPUT}"'
    assert columns(f"{one} UNION ALL {one}") == [("Name", "VARCHAR(16)")]
