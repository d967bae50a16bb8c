"""Assignment to the columns of a stream, by position."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import Literal
from analytics_sql.plan import Application, Column, Pump
from analytics_sql.types import INTEGER, Kind, SqlType

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
        ("S («ROWTIME») SELECT 1 FROM", "there is no column ROWTIME"),
        ("S SELECT «'x'», 2 FROM", "VARCHAR(1) cannot be assigned to A"),
        ("S SELECT 1, «ROWTIME» FROM", "TIMESTAMP cannot be assigned to B, which is INTEGER"),
    ],
)
def test_refused(refused: Refuse, insert: str, fragment: str) -> None:
    refused(
        f"CREATE STREAM S (A INTEGER, B INTEGER);\nCREATE PUMP P AS INSERT INTO {insert} {SOURCE}",
        fragment,
    )


def test_a_count_and_a_column_can_be_wrong_at_once(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT «nope», «BIG» FROM {SOURCE}", "no column NOPE", "this query selects 2 columns"
    )
