"""Folding, and the advice for names that are not there."""

from collections.abc import Callable

import pytest
from sqlglot import exp

from analytics_sql.binding.names import LISTED_MAX, fold, listed, written
from analytics_sql.expression import ColumnRef
from analytics_sql.plan import Application, Column, Pump
from analytics_sql.types import BIGINT

Compile = Callable[[str], Application]
CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'


@pytest.mark.parametrize(
    ("text", "quoted", "name"),
    [("price", False, "PRICE"), ("pRiCe", False, "PRICE"), ("price", True, "price")],
)
def test_fold(text: str, quoted: bool, name: str) -> None:
    assert fold(exp.Identifier(this=text, quoted=quoted)) == name


@pytest.mark.parametrize(
    ("name", "text"),
    [("PRICE", "PRICE"), ("price", '"price"'), ("A B", '"A B"'), ('a"b', '"a""b"'), ("1A", '"1A"')],
)
def test_written(name: str, text: str) -> None:
    assert written(name) == text


def test_a_list_of_names_has_an_end() -> None:
    assert listed(["A", "b"]) == 'A, "b"'
    names = [f"C{i}" for i in range(LISTED_MAX + 3)]
    assert listed(names).endswith(f"C{LISTED_MAX - 1} and 3 more")


@pytest.mark.parametrize("column", ["big", "Big", "BIG", '"BIG"', "s.big", 's."BIG"', '"S".BIG'])
def test_a_column_in_upper_case(pump: CompilePump, column: str) -> None:
    query = pump(f"SELECT {column} FROM {SOURCE} AS s").query
    assert query.outputs[0].expression == ColumnRef("BIG", BIGINT)
    assert query.outputs[0].name == "BIG"


def test_created_names_are_folded_too(compiled: Compile) -> None:
    application = compiled(
        'CREATE STREAM "Mixed" (plain BIGINT, "Quoted" BIGINT, "Two ""words""" BIGINT);'
        f'CREATE PUMP my_pump AS INSERT INTO "Mixed" (plain, "Quoted") SELECT big, 1 FROM {SOURCE}'
    )
    (stream,) = application.streams
    assert stream.name == "Mixed"
    assert [column.name for column in stream.columns] == ["PLAIN", "Quoted", 'Two "words"']
    assert application.pumps[0].name == "MY_PUMP"
    assert application.pumps[0].targets == (Column("PLAIN", BIGINT), Column("Quoted", BIGINT))


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        # The trap: the schema has "Distance", and distance means DISTANCE.
        (
            f"SELECT «distance» FROM {SOURCE}",
            'there is no column DISTANCE | write "Distance" with its quotes',
        ),
        (
            f'SELECT «"distance"» FROM {SOURCE}',
            'there is no column "distance" | write "Distance": in quotes, case counts',
        ),
        (f'SELECT «"big"» FROM {SOURCE}', 'there is no column "big" | write BIG'),
        (f'SELECT «"Distanc"» FROM {SOURCE}', 'there is no column "Distanc" | mean "Distance"?'),
        (f"SELECT «xyzzy» FROM {SOURCE}", 'no column XYZZY | SOURCE_SQL_STREAM_001 has "Name", "'),
        (f"SELECT «t».BIG FROM {SOURCE} AS s", "there is no stream T | this query reads S"),
        (f"SELECT «SOURCE_SQL_STREAM_001».BIG FROM {SOURCE} s", "no stream SOURCE_SQL_STREAM_001"),
        (f"SELECT «a.b.BIG» FROM {SOURCE}", "this is not a column | write name, or stream.name"),
        (f"SELECT «s.'BIG'» FROM {SOURCE} s", "this is not a column"),
        ("SELECT «APPROXIMATE_ARRIVAL_TIME» FROM OUT_", "no column APPROXIMATE_ARRIVAL_TIME"),
        (f"SELECT «timestamp» FROM {SOURCE}", 'TIMESTAMP is a reserved word | "timestamp"'),
        (f"SELECT BIG AS «date» FROM {SOURCE}", 'DATE is a reserved word | "date"'),
        (f"SELECT BIG «order» FROM {SOURCE}", 'ORDER is a reserved word | "order"'),
        (
            "SELECT 1 FROM «source_sql_stream_02»",
            "no stream SOURCE_SQL_STREAM_02 | did you mean SOURCE_SQL_STREAM_001?",
        ),
        (
            'SELECT 1 FROM «"source_sql_stream_001"»',
            'no stream "source_sql_stream_001" | write SOURCE_SQL_STREAM_001',
        ),
        (
            "SELECT 1 FROM «xyzzy»",
            "no stream XYZZY | the input is SOURCE_SQL_STREAM_001, the application creates OUT_",
        ),
    ],
)
def test_names_that_are_not_there(refused_query: Refuse, query: str, fragment: str) -> None:
    refused_query(query, fragment)


def test_reserved_words_need_quotes_where_they_are_created(refused: Refuse) -> None:
    refused(
        f"""
        CREATE STREAM A («timestamp» TIMESTAMP, "date" INTEGER);
        CREATE PUMP «time» AS INSERT INTO A SELECT "StatusTime", 1 FROM {SOURCE};
        """,
        "TIMESTAMP is a reserved word",
        "TIME is a reserved word",
    )
