"""What a query may be made of."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import ColumnRef, Literal
from analytics_sql.plan import Column, Output, Project, Pump, Scan
from analytics_sql.types import BIGINT, BOOLEAN, INTEGER

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'
ALL = "A VARCHAR(16), B TIMESTAMP, C DOUBLE, D SMALLINT, E TINYINT, F INTEGER, G BIGINT, H BOOLEAN"


@pytest.mark.parametrize(
    "head", ["SELECT STREAM", "select stream", "SELECT", "SELECT STREAM ALL", "SELECT ALL"]
)
def test_stream_is_optional(pump: CompilePump, head: str) -> None:
    assert pump(f"{head} BIG, OK FROM {SOURCE}", "A BIGINT, B BOOLEAN").query == Project(
        Scan("SOURCE_SQL_STREAM_001", (Column("BIG", BIGINT), Column("OK", BOOLEAN))),
        (Output(ColumnRef("BIG", BIGINT), "BIG"), Output(ColumnRef("OK", BOOLEAN), "OK")),
    )


def test_only_the_columns_used_are_scanned(pump: CompilePump) -> None:
    query = pump(f"SELECT 1 FROM {SOURCE}").query
    assert query == Project(
        Scan("SOURCE_SQL_STREAM_001", ()), (Output(Literal(1, INTEGER), "EXPR$0"),)
    )


@pytest.mark.parametrize("star", ["*", "s.*", '"S".*'])
def test_all_columns_without_rowtime(pump: CompilePump, star: str) -> None:
    query = pump(f"SELECT STREAM {star} FROM {SOURCE} AS s", ALL).query
    names = ["Name", "StatusTime", "Distance", "MagicPoints", "TINY", "TOTAL", "BIG", "OK"]
    assert [output.name for output in query.outputs] == names
    assert [column.name for column in query.input.columns] == names


def test_a_star_among_others(pump: CompilePump) -> None:
    query = pump(f"SELECT 1, *, ROWTIME FROM {SOURCE}", f"X INTEGER, {ALL}, Y TIMESTAMP").query
    assert len(query.outputs) == 10


def test_names_of_outputs(pump: CompilePump) -> None:
    query = pump(
        f'SELECT big AS x, big y, BIG AS "z", s.big, big + 1, 1 FROM {SOURCE} s',
        ", ".join(f"C{i} BIGINT" for i in range(6)),
    ).query
    assert [o.name for o in query.outputs] == ["X", "Y", "z", "BIG", "EXPR$4", "EXPR$5"]


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        (f"SELECT BIG FROM {SOURCE} «LIMIT» 5", "the service has no LIMIT"),
        (f"SELECT BIG FROM {SOURCE} «FETCH» FIRST 5 ROWS ONLY", "the service has no FETCH"),
        (f"SELECT BIG FROM {SOURCE} «OFFSET» 5", "the service has no OFFSET"),
        ("SELECT BIG FROM «foo»(1)", "a function in FROM stands inside TABLE( )"),
        ("SELECT «1»", "this query has no FROM"),
        ("VALUES («1»)", "a pump takes a SELECT STREAM"),
        (f"SELECT «*» AS x FROM {SOURCE}", "* stands alone"),
        (f"SELECT «(SELECT * FROM {SOURCE})» FROM {SOURCE}", "a query inside an expression"),
        (f"SELECT «x.s.*» FROM {SOURCE} s", "a stream's * stands alone"),
        (f"SELECT «t».* FROM {SOURCE} s", "there is no stream T | this query reads S"),
    ],
)
def test_refused(refused_query: Refuse, query: str, fragment: str) -> None:
    refused_query(query, fragment)


def test_all_faults_of_a_query_are_found(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT «a», SUM(«b») FROM {SOURCE}\nWHERE «c» «GROUP BY» «d» HAVING «e» «LIMIT» 1",
        "there is no column A",
        "there is no column B",
        "there is no column C",
        "GROUP BY",
        "there is no column D",
        "there is no column E",
        "LIMIT",
        columns="A DOUBLE, B DOUBLE",
    )
