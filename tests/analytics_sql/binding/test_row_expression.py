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
    return Literal(value, SqlType(Kind.CHAR, len(value)))


def _decimal(unscaled: int, precision: int, scale: int) -> Literal:
    return Literal(unscaled, SqlType(Kind.DECIMAL, precision, scale))


BIG_IS = {n: Comparison("=", BIG, _int(n)) for n in range(1, 6)}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("BIG = 1", Comparison("=", BIG, _int(1))),
        ("BIG <> 1", Comparison("<>", BIG, _int(1))),
        ("BIG != 1", Comparison("<>", BIG, _int(1))),
        ("1 <= BIG", Comparison("<=", _int(1), BIG)),
        ("BIG >= TOTAL", Comparison(">=", BIG, TOTAL)),
        ("BIG < 1.5", Comparison("<", BIG, _decimal(15, 2, 1))),
        ('"Distance" < 1.5', Comparison("<", DISTANCE, Literal(1.5, DOUBLE))),
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
        (".5", _decimal(5, 1, 1)),
        ("-2.5", _decimal(-25, 2, 1)),
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
            "TIMESTAMP cannot be compared with CHAR(19) | TIMESTAMP 'yyyy-MM-dd HH:mm:ss'",
        ),
        ("BIG IN (1, «'2'»)", "BIGINT cannot be compared with CHAR(1)"),
        ("«BIG BETWEEN 1 AND 'x'»", "BIGINT cannot be compared with CHAR(1)"),
        ('«"Name" + 1» > 2', "there is no VARCHAR(16) + INTEGER | CAST(... AS DOUBLE)"),
        ('«"StatusTime" - s.ROWTIME» > 2', "there is no TIMESTAMP - TIMESTAMP | (a - b) SECOND"),
        ('«-"Name"» > 2', "- takes a number, not VARCHAR(16)"),
        ("BIG = «99999999999999999999»", "has too many digits"),
        ("BIG = «9223372036854775808»", "does not fit a BIGINT"),
        ("BIG = «-9223372036854775809»", "does not fit a BIGINT"),
        ("\"StatusTime\" > «TIMESTAMP '2026-01-01'»", "a TIMESTAMP is written"),
        ("«\"StatusTime\" > DATE '2026-01-01'»", "with DATE | CAST(... AS TIMESTAMP)"),
        ("\"StatusTime\" > «TIMESTAMP '2026-02-30 00:00:00'»", "there is no such time"),
        ("CAST(\"StatusTime\" AS DATE) > «DATE '2026-1-1'»", "a DATE is written"),
        ("\"StatusTime\" > s.ROWTIME - «INTERVAL '1' MONTH»", "DAY, HOUR, MINUTE or SECOND"),
        ("«\"Name\" + 'x'» = 'y'", "there is no VARCHAR(16) + CHAR(1) | put together with ||"),
        ("\"Name\" || «1» = 'y'", "|| takes text here, this is INTEGER"),
        ("«BIG» LIKE 'x%'", "LIKE takes text here, this is BIGINT"),
        ("\"Name\" LIKE 'x%' ESCAPE «'ab'»", "an escape is one character, not 2"),
        (
            "\"Name\" LIKE «'a!'» ESCAPE '!'",
            "in 'a!' the escape ! stands before none of % _ !",
        ),
        (
            "\"Name\" SIMILAR TO «'a(b'»",
            "'a(b' is no pattern of SIMILAR TO: missing ), unterminated subpattern at position 1",
        ),
        ("TRIM(BOTH «'ab'» FROM \"Name\") = 'x'", "TRIM takes one character, not 2"),
        ("«CASE WHEN OK THEN 1 ELSE 'a' END» = 1", "no common type: INTEGER, CHAR(1) | CAST"),
        ("CASE WHEN «BIG» THEN 1 END = 1", "a condition is needed here"),
        ("CASE BIG WHEN «'a'» THEN 1 END = 1", "BIGINT cannot be compared with CHAR(1)"),
        ("CAST(BIG AS «TEXT») = 1", "there is no type TEXT | VARCHAR(n)"),
        ("«CAST»(BIG AS TIMESTAMP) = s.ROWTIME", "BIGINT cannot be CAST to TIMESTAMP | TO_TIMEST"),
        ("«CAST»(s.ROWTIME AS BIGINT) = 1", "cannot be CAST to BIGINT | UNIX_TIMESTAMP"),
        ("«CAST»(OK AS INTEGER) = 1", "cannot be CAST to INTEGER | CASE WHEN"),
        ("EXTRACT(HOUR FROM «BIG») = 1", "EXTRACT takes a TIMESTAMP, DATE, TIME or interval here"),
        ("EXTRACT(«BIG» FROM s.ROWTIME) = 1", "expected a unit"),
        ("«BIG» IS TRUE", "a condition is needed here, this is BIGINT"),
        ("«BIG IS DISTINCT FROM 'a'»", "BIGINT cannot be compared with CHAR(1)"),
        ("(«s.ROWTIME - BIG») SECOND = INTERVAL '1' SECOND", "no interval between TIMESTAMP and"),
        ("«BIG = INTERVAL '1' SECOND»", "BIGINT cannot be compared with INTERVAL SECOND"),
        ('FLOOR(«"Name"» TO DAY) = s.ROWTIME', "FLOOR takes a TIMESTAMP, DATE, TIME or interval"),
        ("STEP(BIG BY «INTERVAL '1' DAY») = 1", "STEP takes an integer here"),
        ("«UPPER»() = 'A'", "UPPER takes 1 argument | write UPPER(text)"),
        ("«SUBSTRING»(\"Name\", 1, 2, 3) = 'A'", "SUBSTRING takes 2 to 3 arguments"),
        ("TIMESTAMP_TO_CHAR(«'yyyy-mm b'», s.ROWTIME) = 'A'", "b is no letter of a date pattern"),
        ("REGEX_REPLACE(\"Name\", «'('», 'x', 1, 0) = 'A'", "'(' is no regular expression"),
        ("EXISTS (SELECT «1»)", "EXISTS is not supported"),
        ("BIG = «(SELECT 1)»", "a query inside an expression"),
        ("BIG = «(1, 2)»", "a list of values stands after IN only"),
        ("BIG = «*»", "* stands alone"),
        ("BIG = «s.*»", "a stream's * stands alone"),
        ("«SUM»(BIG) > 1", "SUM cannot stand here | the select list of a query with GROUP BY"),
        ("«SUMM»(BIG) > 1", "there is no function SUMM | did you mean SUM?"),
        ("«ANOMALY_SCORE»(BIG) > 1", "is a column of what RANDOM_CUT_FOREST gives | FROM TABLE("),
        (
            '«("StatusTime", s.ROWTIME) STRICTLY LEADS (s.ROWTIME, "StatusTime")»',
            "STRICTLY LEADS of periods is not supported | start_a < start_b",
        ),
        (
            '("StatusTime", s.ROWTIME) OVERLAPS «s.ROWTIME»',
            "OVERLAPS takes a period after it, too | write (start, end)",
        ),
        (
            '("StatusTime", «BIG») CONTAINS s.ROWTIME',
            "the start and the end of a period are TIMESTAMPs, this is BIGINT | write CAST(",
        ),
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


@pytest.mark.parametrize(
    "shape",
    ["COALESCE({}, 1)", "NULLIF({}, 1)", "CASE WHEN {} BETWEEN 1 AND 2 THEN 1 END"],
)
def test_what_doubles_with_each_level_has_a_limit(pump: CompilePump, shape: str) -> None:
    text = "BIG"
    for _ in range(3):
        text = shape.format(text)
    pump(f"SELECT {text} {FROM}")
    for _ in range(25):
        text = shape.format(text)
    with pytest.raises(SqlErrors, match="too large"):
        pump(f"SELECT {text} {FROM}")
