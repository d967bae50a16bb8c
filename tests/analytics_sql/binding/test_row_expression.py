"""Expressions over one row, worked out by hand."""

from collections.abc import Callable

import pytest

from analytics_sql.binding.row_expression import DEPTH_MAX
from analytics_sql.expression import (
    Arithmetic,
    ColumnRef,
    Comparison,
    Expression,
    InputRowTime,
    IsNull,
    Literal,
    Logical,
    Not,
    RowTime,
)
from analytics_sql.plan import Filter, Pump
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType
from fleet.errors import SqlErrors

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

FROM = 'FROM "SOURCE_SQL_STREAM_001" AS s'
BIG, TOTAL, DISTANCE = (
    ColumnRef("BIG", BIGINT),
    ColumnRef("TOTAL", INTEGER),
    ColumnRef("Distance", DOUBLE),
)
TINY, MAGIC = ColumnRef("TINY", SqlType(Kind.TINYINT)), ColumnRef("MagicPoints", SMALLINT)
NAME, OK, TIME = (
    ColumnRef("Name", SqlType(Kind.VARCHAR, 16)),
    ColumnRef("OK", BOOLEAN),
    ColumnRef("StatusTime", TIMESTAMP),
)


def _int(value: int) -> Literal:
    return Literal(value, INTEGER)


def _text(value: str) -> Literal:
    return Literal(value, SqlType(Kind.VARCHAR, len(value)))


BIG_IS = {n: Comparison("=", BIG, _int(n)) for n in range(1, 6)}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("BIG = 1", Comparison("=", BIG, _int(1))),
        ("BIG <> 1", Comparison("<>", BIG, _int(1))),
        ("BIG != 1", Comparison("<>", BIG, _int(1))),
        ("1 <= BIG", Comparison("<=", _int(1), BIG)),
        ("BIG >= TOTAL", Comparison(">=", BIG, TOTAL)),
        ("BIG < 1.5", Comparison("<", BIG, Literal(1.5, DOUBLE))),
        ('"Distance" > 3', Comparison(">", DISTANCE, _int(3))),
        ("\"Name\" = 'it''s'", Comparison("=", NAME, _text("it's"))),
        (
            "\"StatusTime\" >= TIMESTAMP '1970-01-01 00:00:01'",
            Comparison(">=", TIME, Literal(1000, TIMESTAMP)),
        ),
        ('s.ROWTIME > "StatusTime"', Comparison(">", InputRowTime(), TIME)),
        # In WHERE there is no row about to be made: ROWTIME is the input row's.
        ('ROWTIME > "StatusTime"', Comparison(">", InputRowTime(), TIME)),
        ("OK", OK),
        ("NOT OK", Not(OK)),
        ("OK = FALSE", Comparison("=", OK, Literal(False, BOOLEAN))),
        ("TRUE", Literal(True, BOOLEAN)),
        ("BIG IS NULL", IsNull(BIG)),
        ("BIG IS NOT NULL", Not(IsNull(BIG))),
        ("NOT BIG IS NULL", Not(IsNull(BIG))),
        ("BIG = NULL", Comparison("=", BIG, Literal(None, BIGINT))),
        ('NULL <> "Name"', Comparison("<>", Literal(None, NAME.type), NAME)),
        ("BIG = 1 AND OK", Logical("AND", BIG_IS[1], OK)),
        ("BIG = 1 OR OK", Logical("OR", BIG_IS[1], OK)),
        # AND binds tighter than OR, NOT tighter than AND; parentheses win.
        ("OK OR BIG = 1 AND NOT OK", Logical("OR", OK, Logical("AND", BIG_IS[1], Not(OK)))),
        ("(OK OR BIG = 1) AND OK", Logical("AND", Logical("OR", OK, BIG_IS[1]), OK)),
        ("NOT (OK OR BIG = 1)", Not(Logical("OR", OK, BIG_IS[1]))),
        # A chain becomes a balanced tree: its depth is the logarithm of its length.
        (
            "BIG = 1 OR BIG = 2 OR BIG = 3 OR BIG = 4 OR BIG = 5",
            Logical(
                "OR",
                Logical(
                    "OR",
                    Logical("OR", BIG_IS[1], BIG_IS[2]),
                    Logical("OR", BIG_IS[3], BIG_IS[4]),
                ),
                BIG_IS[5],
            ),
        ),
        (
            "BIG BETWEEN 1 AND 2 + 3",
            Logical(
                "AND",
                Comparison(">=", BIG, _int(1)),
                Comparison("<=", BIG, Arithmetic("+", _int(2), _int(3), INTEGER)),
            ),
        ),
        (
            "BIG NOT BETWEEN 1 AND 2 AND OK",
            Logical(
                "AND",
                Not(Logical("AND", Comparison(">=", BIG, _int(1)), Comparison("<=", BIG, _int(2)))),
                OK,
            ),
        ),
        ("BIG IN (1)", BIG_IS[1]),
        ("BIG IN (1, 2)", Logical("OR", BIG_IS[1], BIG_IS[2])),
        ("BIG NOT IN (1, 2)", Not(Logical("OR", BIG_IS[1], BIG_IS[2]))),
        ("BIG IN (1, NULL)", Logical("OR", BIG_IS[1], Comparison("=", BIG, Literal(None, BIGINT)))),
    ],
)
def test_conditions(pump: CompilePump, condition: str, expected: Expression) -> None:
    node = pump(f"SELECT 1 {FROM} WHERE {condition}").query.input
    assert isinstance(node, Filter)
    assert node.predicate == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", _int(1)),
        ("-1", _int(-1)),
        ("- -1", Arithmetic("-", _int(0), _int(-1), INTEGER)),
        ("+1", _int(1)),
        (".5", Literal(0.5, DOUBLE)),
        ("-2.5", Literal(-2.5, DOUBLE)),
        ("1E2", Literal(100.0, DOUBLE)),
        ("-BIG", Arithmetic("-", Literal(0, BIGINT), BIG, BIGINT)),
        ('-"Distance"', Arithmetic("-", Literal(0.0, DOUBLE), DISTANCE, DOUBLE)),
        # The wider of two integers; DOUBLE with anything is DOUBLE.
        ("TINY + TINY", Arithmetic("+", TINY, TINY, TINY.type)),
        ('TINY + "MagicPoints"', Arithmetic("+", TINY, MAGIC, SMALLINT)),
        ("TINY + 1", Arithmetic("+", TINY, _int(1), INTEGER)),
        ("TOTAL * BIG", Arithmetic("*", TOTAL, BIG, BIGINT)),
        ('TOTAL - "Distance"', Arithmetic("-", TOTAL, DISTANCE, DOUBLE)),
        ('"Distance" * 1.5', Arithmetic("*", DISTANCE, Literal(1.5, DOUBLE), DOUBLE)),
        ("BIG + NULL", Arithmetic("+", BIG, Literal(None, BIGINT), BIGINT)),
        (
            "1 - 2 - 3 * 4",
            Arithmetic(
                "-",
                Arithmetic("-", _int(1), _int(2), INTEGER),
                Arithmetic("*", _int(3), _int(4), INTEGER),
                INTEGER,
            ),
        ),
        (
            "1 - (2 - 3)",
            Arithmetic("-", _int(1), Arithmetic("-", _int(2), _int(3), INTEGER), INTEGER),
        ),
        # A decimal point beside a DOUBLE is a DOUBLE, however deep.
        (
            '1.5 * ("Distance" + 0.5)',
            Arithmetic(
                "*",
                Literal(1.5, DOUBLE),
                Arithmetic("+", DISTANCE, Literal(0.5, DOUBLE), DOUBLE),
                DOUBLE,
            ),
        ),
    ],
)
def test_numbers(pump: CompilePump, value: str, expected: Expression) -> None:
    assert pump(f"SELECT {value} {FROM}").query.outputs[0].expression == expected


def test_rowtime_in_a_plain_select_list(pump: CompilePump) -> None:
    bound = pump(f"SELECT ROWTIME, s.ROWTIME {FROM}", "A TIMESTAMP, B TIMESTAMP").query
    assert [o.expression for o in bound.outputs] == [RowTime(), InputRowTime()]


@pytest.mark.parametrize(
    ("condition", "fragment"),
    [
        ("«BIG»", "a condition is needed here, this is BIGINT"),
        ("OK AND «BIG»", "a condition is needed"),
        ("NOT «1»", "a condition is needed here, this is INTEGER"),
        ('«"Name" > 5»', "VARCHAR(16) cannot be compared with INTEGER"),
        ('«"Name" = OK»', "VARCHAR(16) cannot be compared with BOOLEAN"),
        ("«OK = 1»", "BOOLEAN cannot be compared with INTEGER"),
        (
            "«\"StatusTime\" > '2026-01-01 00:00:00'»",
            "TIMESTAMP cannot be compared with VARCHAR(19) | TIMESTAMP 'yyyy-MM-dd HH:mm:ss'",
        ),
        ("BIG IN (1, «'2'»)", "BIGINT cannot be compared with VARCHAR(1)"),
        ("«BIG BETWEEN 1 AND 'x'»", "BIGINT cannot be compared with VARCHAR(1)"),
        ('«"Name" + 1» > 2', "VARCHAR(16) + INTEGER is not supported | + takes two numbers"),
        ('«"StatusTime" - s.ROWTIME» > 2', "TIMESTAMP - TIMESTAMP is not supported yet"),
        ('«-"Name"» > 2', "- takes a number, not VARCHAR(16)"),
        ("«BIG * 1.5» > 2", "BIGINT * DECIMAL(2,1) is not supported yet | 1.5E0"),
        ("BIG = «99999999999999999999»", "has too many digits"),
        ("BIG = «9223372036854775808»", "does not fit a BIGINT"),
        ("BIG = «-9223372036854775809»", "does not fit a BIGINT"),
        ("\"StatusTime\" > «TIMESTAMP '2026-01-01'»", "a TIMESTAMP is written"),
        ("\"StatusTime\" > «DATE '2026-01-01'»", "DATE '...' is not supported yet"),
        ("«1 / 2» = 1", "division is not supported yet"),
        ("«\"Name\" || 'x'» = 'y'", "|| is not supported yet"),
        ("«\"Name\" LIKE 'x%'»", "LIKE is not supported yet"),
        ("«\"Name\" SIMILAR TO 'x'»", "SIMILAR TO is not supported yet"),
        ("«CASE WHEN OK THEN 1 ELSE 2 END» = 1", "CASE is not supported yet"),
        ("«CAST»(BIG AS INTEGER) = 1", "CAST is not supported yet"),
        ("«EXTRACT»(HOUR FROM s.ROWTIME) = 1", "EXTRACT is not supported yet"),
        ("«BIG IS TRUE»", "IS is supported with NULL and NOT NULL only"),
        ("«BIG IS DISTINCT FROM 1»", "IS DISTINCT FROM is not supported yet"),
        ("EXISTS (SELECT «1»)", "EXISTS is not supported"),
        ("BIG = «(SELECT 1)»", "a query inside an expression"),
        ("BIG = «(1, 2)»", "a list of values stands after IN only"),
        ("BIG = «INTERVAL '1' SECOND»", "an interval stands in STEP only"),
        ("«(s.ROWTIME - s.ROWTIME) SECOND» = 1", "the difference of two times"),
        ("BIG = «*»", "* stands alone"),
        ("BIG = «s.*»", "a stream's * stands alone"),
        ("«SUM»(BIG) > 1", "SUM cannot stand here | the select list of a query with GROUP BY"),
        ("«SUMM»(BIG) > 1", "there is no function SUMM | did you mean SUM?"),
        ("«upper»(\"Name\") = 'A'", "UPPER is not supported yet | AVG, COUNT, MAX, MIN, SUM"),
        ("«xyzzy»() = 1", "there is no function XYZZY"),
    ],
)
def test_refused(refused_query: Refuse, condition: str, fragment: str) -> None:
    refused_query(f"SELECT 1 {FROM} WHERE {condition}", fragment)


def test_all_faults_of_an_expression_are_found(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT «a» + «b» {FROM}\n"
        "WHERE «c» > 1 AND (NOT «BIG» OR «\"Name\" = 1») AND BIG IN («d», 2, «'x'»)\n"
        "  AND «e» BETWEEN «f» AND «g» AND «h» IS NULL AND -«i» = 1",
        *(f"there is no column {c}" for c in "ABC"),
        "a condition is needed",
        "cannot be compared",
        "there is no column D",
        "cannot be compared",
        *(f"there is no column {c}" for c in "EFGHI"),
    )


def test_depth_has_a_limit(pump: CompilePump, refused_query: Refuse) -> None:
    pump(f"SELECT {'+'.join(['BIG'] * DEPTH_MAX)} {FROM}")
    too_many = "+".join(["BIG"] * (DEPTH_MAX + 1))
    refused_query(f"SELECT «BIG»{too_many.removeprefix('BIG')} {FROM}", "this is nested too deeply")


def test_chains_inside_each_other_add_up(pump: CompilePump) -> None:
    inner = "BIG"
    for _ in range(3):
        inner = f"BIG + ({inner}){' + BIG' * 19}"
    pump(f"SELECT {inner} {FROM}")
    with pytest.raises(SqlErrors, match="nested too deeply"):
        pump(f"SELECT BIG + ({inner}){' + BIG' * 19} {FROM}")


def test_a_long_chain_of_conditions_is_not_deep(pump: CompilePump) -> None:
    pump(f"SELECT 1 {FROM} WHERE {' AND '.join(['BIG = 1'] * 5000)}")
    pump(f"SELECT 1 {FROM} WHERE BIG IN ({', '.join(['1'] * 5000)})")
