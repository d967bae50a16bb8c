"""Assignment to the columns of a stream, by position."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import ColumnRef, Literal
from analytics_sql.plan import Application, Column, Pump
from analytics_sql.types import BIGINT, INTEGER, TIMESTAMP, Kind, SqlType

Compile = Callable[[str], Application]
CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE")
COLUMN_OF = {
    "TINYINT": "TINY",
    "SMALLINT": '"MagicPoints"',
    "INTEGER": "TOTAL",
    "BIGINT": "BIG",
    "DOUBLE": '"Distance"',
    "VARCHAR(16)": '"Name"',
    "BOOLEAN": "OK",
    "TIMESTAMP": '"StatusTime"',
}
FAMILIES = [NUMBERS, ("VARCHAR(16)", "VARCHAR(4)", "VARCHAR"), ("BOOLEAN",), ("TIMESTAMP",)]


@pytest.mark.parametrize("source", COLUMN_OF)
@pytest.mark.parametrize("target", [type_ for family in FAMILIES for type_ in family])
def test_types(pump: CompilePump, refused_query: Refuse, source: str, target: str) -> None:
    item = COLUMN_OF[source]
    if any({source, target} <= set(family) for family in FAMILIES):
        assert str(pump(f"SELECT {item} FROM {SOURCE}", f"A {target}").targets[0].type) == target
    else:
        refused_query(
            f"SELECT «{item}» FROM {SOURCE}",
            f"{source} cannot be assigned to A, which is {target} | declare A as {source}",
            columns=f"A {target}",
        )


@pytest.mark.parametrize("target", [type_ for family in FAMILIES for type_ in family])
def test_null_goes_into_every_column(pump: CompilePump, target: str) -> None:
    bound = pump(f"SELECT NULL FROM {SOURCE}", f"A {target}")
    assert bound.query.outputs[0].expression == Literal(None, bound.targets[0].type)


def test_names_do_not_matter(pump: CompilePump) -> None:
    bound = pump(f"SELECT 1 AS B, 2 AS A FROM {SOURCE}", "A INTEGER, B INTEGER")
    assert [output.expression for output in bound.query.outputs] == [
        Literal(1, INTEGER),
        Literal(2, INTEGER),
    ]
    assert bound.targets == (Column("A", INTEGER), Column("B", INTEGER))


def test_a_column_list(compiled: Compile) -> None:
    (pump,) = compiled(
        f"""
        CREATE STREAM S (A INTEGER, B VARCHAR(4), "c" INTEGER);
        CREATE PUMP P STARTED DESCRIPTION 'of pumps' AS INSERT INTO s ("c", b)
        SELECT STREAM 1, 'x' FROM {SOURCE}
        """
    ).pumps
    assert pump.targets == (Column("c", INTEGER), Column("B", SqlType(Kind.VARCHAR, 4)))


@pytest.mark.parametrize(
    ("insert", "fragment"),
    [
        ("S SELECT «1» FROM", "this query selects 1 column, S has 2"),
        ("S SELECT 1, 2, «3», 4 FROM", "this query selects 4 columns, S has 2"),
        ("S SELECT «*» FROM", "this query selects 8 columns, S has 2"),
        ("S (A) SELECT 1, «2» FROM", "this query selects 2 columns, the column list has 1"),
        ("S (B, A) SELECT «1» FROM", "this query selects 1 column, the column list has 2"),
        ("S (A, «A») SELECT 1, 2 FROM", "A is assigned twice"),
        ("S («AA») SELECT 1 FROM", "there is no column AA | did you mean A?"),
        ('S («"a"») SELECT 1 FROM', 'there is no column "a" | write A'),
        ("S («xyzzy») SELECT 1 FROM", "there is no column XYZZY | S has A, B"),
        ("S (ROWTIME, A, B) SELECT «1» FROM", "selects 1 column, the column list has 3"),
        ("S (ROWTIME, A, B) SELECT «1», 2, 3 FROM", "the time of a row is a TIMESTAMP"),
        ("S SELECT «'x'», 2 FROM", "CHAR(1) cannot be assigned to A"),
        ("S SELECT 1, «ROWTIME» FROM", "TIMESTAMP cannot be assigned to B, which is INTEGER"),
    ],
)
def test_refused(refused: Refuse, insert: str, fragment: str) -> None:
    refused(
        f"CREATE STREAM S (A INTEGER, B INTEGER);\nCREATE PUMP P AS INSERT INTO {insert} {SOURCE}",
        fragment,
    )


@pytest.mark.parametrize(
    ("columns", "query", "rowtime"),
    [
        # Neither has an effect: it is the time that the row has anyway.
        ("A BIGINT", "SELECT ROWTIME AS ROWTIME, BIG {s}", None),
        ("A BIGINT", "SELECT s.ROWTIME AS ROWTIME, BIG {s}", None),
        ("A BIGINT", 'SELECT BIG, "StatusTime" AS ROWTIME {s}', "StatusTime"),
        # With a column for it, it is assigned to that too.
        ("T TIMESTAMP, A BIGINT", 'SELECT "StatusTime" AS ROWTIME, BIG {s}', "StatusTime"),
        ("T TIMESTAMP, A BIGINT", 'SELECT "StatusTime" AS "ROWTIME", BIG {s}', "StatusTime"),
        # Without AS it is an item like all others.
        ("T TIMESTAMP, A BIGINT", "SELECT ROWTIME, BIG {s}", None),
        (
            "A BIGINT",
            "SELECT MIN(s.ROWTIME) AS ROWTIME, MAX(BIG) {s} GROUP BY FLOOR(s.ROWTIME TO MINUTE)",
            "MIN(ROWTIME)",
        ),
    ],
)
def test_as_rowtime(pump: CompilePump, columns: str, query: str, rowtime: str | None) -> None:
    bound = pump(query.format(s=f"FROM {SOURCE} AS s"), columns)
    expected = None if rowtime is None else ColumnRef(rowtime, TIMESTAMP)
    assert bound.query.rowtime == expected
    assert len(bound.query.outputs) == len(bound.targets) == columns.count(",") + 1


def test_rowtime_in_a_column_list(compiled: Compile) -> None:
    (pump,) = compiled(
        f"""
        CREATE STREAM S (A INTEGER, B BIGINT);
        CREATE PUMP P AS INSERT INTO S (B, ROWTIME) SELECT BIG, "StatusTime" FROM {SOURCE}
        """
    ).pumps
    assert pump.query.rowtime == ColumnRef("StatusTime", TIMESTAMP)
    assert pump.targets == (Column("B", BIGINT),)


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        ("SELECT «BIG» AS ROWTIME, 1", "the time of a row is a TIMESTAMP, this is BIGINT | CAST"),
        ("SELECT 1, ROWTIME AS ROWTIME, «ROWTIME» AS ROWTIME", "two items are written AS ROWTIME"),
        ("SELECT ROWTIME AS ROWTIME, «1», 2", "this query selects 3 columns, OUT_ has 1"),
    ],
)
def test_as_rowtime_refused(refused_query: Refuse, query: str, fragment: str) -> None:
    columns = "A INTEGER, B TIMESTAMP, C TIMESTAMP" if "two items" in fragment else "A INTEGER"
    refused_query(f"{query} FROM {SOURCE}", fragment, columns=columns)


def test_not_null(compiled: Compile, refused: Refuse) -> None:
    text = "CREATE STREAM S (A INTEGER NOT NULL, B INTEGER NULL, C INTEGER);\n"
    (pump,) = compiled(
        f"{text}CREATE PUMP P AS INSERT INTO S (B, A) SELECT TOTAL, TOTAL FROM {SOURCE}"
    ).pumps
    # Whether it is NULL is seen row by row.
    assert pump.targets == (Column("B", INTEGER), Column("A", INTEGER, nullable=False))
    refused(
        f"{text}CREATE PUMP P AS INSERT INTO «S» (B) SELECT 1 FROM {SOURCE}",
        "A is NOT NULL, and this INSERT leaves it NULL | add it to the column list",
    )
    refused(
        f"{text}CREATE PUMP P AS INSERT INTO S SELECT «NULL», NULL, NULL FROM {SOURCE}",
        "NULL cannot be assigned to A: it is NOT NULL",
    )


def test_a_count_and_a_column_can_be_wrong_at_once(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT «nope», «BIG» FROM {SOURCE}", "no column NOPE", "this query selects 2 columns"
    )
