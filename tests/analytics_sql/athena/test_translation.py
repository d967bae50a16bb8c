"""Athena's SQL in DuckDB: the same values, and for what has no counterpart, where it stands."""

from typing import Any

import duckdb
import pytest

from analytics_sql.athena.table import ArchiveTable
from analytics_sql.athena.translation import Translated, translate
from fleet.errors import SqlErrors

TABLE = ArchiveTable(
    (
        ("Name", "VARCHAR(16)", ("Name",)),
        ("StatusTime", "TIMESTAMP", ("StatusTime",)),
        ("Distance", "DOUBLE", ("Distance",)),
        ("MagicPoints", "SMALLINT", ("MagicPoints",)),
    ),
    "json",
)


@pytest.fixture(scope="module")
def functions() -> set[str]:
    with duckdb.connect() as connection:
        rows = connection.sql("SELECT lower(function_name) FROM duckdb_functions()").fetchall()
    return {name for (name,) in rows}


def translated(text: str, functions: set[str], dialect: str = "athena") -> Translated:
    return translate(text, dialect, TABLE.athena_types, functions)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # What Trino gives, from its documentation.
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / 2.0", 3.5),
        ("magicpoints / 2", 75),
        ("distance / 2", 15.25),
        ("date_format(statustime, '%Y-%m-%d %H:%i')", "2026-01-01 00:01"),
        ("date_diff('minute', statustime, statustime + INTERVAL '90' SECOND)", 1),
        ("element_at(ARRAY['a', 'b'], 1)", "a"),
        ("cardinality(ARRAY[1, 2])", 2),
        ("json_extract_scalar('{\"a\": {\"b\": 7}}', '$.a.b')", "7"),
        ("regexp_like(name, 'fax$')", True),
        ("strpos(name, 'dow')", 4),
        ("concat(name, '!')", "Shadowfax!"),
        ("approx_percentile(distance, 0.5)", 30.5),
        ("max_by(name, distance)", "Shadowfax"),
        ("CAST(statustime AS varchar)", "2026-01-01 00:01:02.003"),
        ("count_if(magicpoints > 100)", 1),
        ("if(distance > 1, 'far', 'near')", "far"),
        ("day_of_week(statustime)", 4),
    ],
)
def test_the_values_of_athena(expression: str, value: Any, functions: set[str]) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLE.duckdb_view([]))
        connection.execute(
            "INSERT INTO wildrydes VALUES ('Shadowfax', '2026-01-01 00:01:02.003', 30.5, 150, "
            "2026, 1, 1, 0)"
        )
        query = translated(f"SELECT {expression} FROM wildrydes", functions).sql
        assert connection.execute(query).fetchall() == [(value,)]


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("", None),
        ("WHERE hour = 5", "hour = 5"),
        ("WHERE hour = 5 AND name = 'a'", "hour = 5"),
        ("WHERE hour = 5 OR name = 'a'", None),
        (
            "WHERE (year = 2026 AND (day IN (1, 2))) AND distance > 1",
            "year = 2026 AND day IN (1, 2)",
        ),
        ("WHERE wildrydes.hour BETWEEN 5 AND 7", "hour BETWEEN 5 AND 7"),
        ("WHERE hour = (SELECT max(hour) FROM other)", None),
        ("w WHERE w.hour < 3", "hour < 3"),
        ("w JOIN other o ON o.hour = w.hour WHERE o.hour = 5", None),
        ("w JOIN other o ON true WHERE w.hour = 5 AND o.hour = 6", "hour = 5"),
        # A row of the left side that finds nothing at the right is a row with NULLs.
        ("RIGHT JOIN other ON true WHERE wildrydes.hour IS NULL", None),
    ],
)
def test_which_hours_a_query_needs(where: str, condition: str | None, functions: set[str]) -> None:
    found = translated(f"SELECT count(*) FROM wildrydes {where}", functions).conditions
    assert found == (condition,) or (condition is None and set(found) == {None})


def test_hours_of_several_places(functions: set[str]) -> None:
    text = (
        "WITH a AS (SELECT * FROM wildrydes WHERE hour = 1) SELECT count(*) FROM a, "
        "(SELECT * FROM wildrydes WHERE hour = 2) b WHERE EXISTS (SELECT 1 FROM wildrydes)"
    )
    conditions = set(translated(text, functions).conditions)
    assert conditions == {"hour = 1", "hour = 2", None}


def test_a_name_that_hides_the_table(functions: set[str]) -> None:
    text = (
        "WITH wildrydes AS (SELECT 1 AS hour FROM wildrydes) SELECT * FROM wildrydes WHERE hour = 2"
    )
    assert set(translated(text, functions).conditions) == {None}


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("SELECT a FROM WHERE", 1, 15, "Expected table name"),
        ("SELECT 1,\n  tumble_weed(name)\nFROM wildrydes", 2, 3, "tumble_weed has no counterpart"),
        ("DROP TABLE wildrydes", 1, 1, "not one query"),
        ("SELECT 1; SELECT 2", 1, 1, "not one query"),
        ("", 1, 1, "not one query"),
        ("SELECT 'open", 1, 1, "cannot be read"),
    ],
)
def test_what_is_wrong_and_where(
    text: str, line: int, column: int, message: str, functions: set[str]
) -> None:
    with pytest.raises(SqlErrors, match=message) as raised:
        translated(text, functions)
    [error] = raised.value.errors
    assert (error.line, error.column) == (line, column)


def test_duckdbs_own_dialect(functions: set[str]) -> None:
    query = translated("SELECT 7 / 2, list_sum([1, 2])", functions, "duckdb").sql
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [(3.5, 3)]


def test_the_tables_ddl() -> None:
    nested = ArchiveTable((("City", "VARCHAR(9)", ("home", "city")),), "json")
    ddl = nested.athena_ddl("s3://b", 2020, 2030)
    assert "`city` string" in ddl
    assert "'mapping.city' = 'home.city'" in ddl
    assert "'projection.hour.range' = '0,23'" in ddl
    assert "'s3://b/readings/year=${year}/month=${month}/day=${day}/hour=${hour}/'" in ddl
    parquet = ArchiveTable(TABLE.columns, "parquet").athena_ddl("s3://b", 2020, 2030)
    assert "STORED AS PARQUET" in parquet
    assert "`kinesis_arrival` timestamp" in parquet


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_the_ddl_over_links(form: str) -> None:
    plain = ArchiveTable(TABLE.columns, form).athena_ddl("s3://b", 2020, 2030)
    linked = ArchiveTable(TABLE.columns, form).athena_ddl("s3://b", 2020, 2030, links=True)
    assert "INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'" in linked
    serde = {"json": "org.openx.data.jsonserde.JsonSerDe", "parquet": "ParquetHiveSerDe"}[form]
    assert f"{serde}'" in linked
    assert "LOCATION 's3://b/links/'" in linked
    assert "'s3://b/links/year=${year}/" in linked
    assert "readings" not in linked
    columns = plain[: plain.index("PARTITIONED")]
    assert linked.startswith(columns)
