"""GROUP BY and the select list over it."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import Arithmetic, ColumnRef, InputRowTime, Literal, RowTime
from analytics_sql.plan import Aggregate, Application, Column, Filter, Key, Pump, Scan, Tumble
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType

Compile = Callable[[str], Application]
CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

FROM = 'FROM "SOURCE_SQL_STREAM_001" AS s'
MINUTE = "STEP(s.ROWTIME BY INTERVAL '60' SECOND)"
NAME = SqlType(Kind.VARCHAR, 16)
TINYINT = SqlType(Kind.TINYINT)


def _window(pump: Pump) -> Tumble:
    window = pump.query.input
    assert isinstance(window, Tumble)
    return window


@pytest.mark.parametrize(
    ("call", "column", "expected"),
    [
        ("COUNT(*)", "BIGINT", ("COUNT", None, BIGINT, "COUNT(*)")),
        ('count("Name")', "BIGINT", ("COUNT", ColumnRef("Name", NAME), BIGINT, "COUNT(Name)")),
        ("SUM(TINY)", "BIGINT", ("SUM", ColumnRef("TINY", TINYINT), BIGINT, "SUM(TINY)")),
        ("SUM(BIG)", "BIGINT", ("SUM", ColumnRef("BIG", BIGINT), BIGINT, "SUM(BIG)")),
        (
            'SUM("Distance")',
            "BIGINT",
            ("SUM", ColumnRef("Distance", DOUBLE), DOUBLE, "SUM(Distance)"),
        ),
        (
            'AVG("Distance")',
            "DOUBLE",
            ("AVG", ColumnRef("Distance", DOUBLE), DOUBLE, "AVG(Distance)"),
        ),
        # AVG of an integer is an integer of the same type.
        (
            'AVG("MagicPoints")',
            "DOUBLE",
            ("AVG", ColumnRef("MagicPoints", SMALLINT), SMALLINT, "AVG(MagicPoints)"),
        ),
        ("MIN(TINY)", "BIGINT", ("MIN", ColumnRef("TINY", TINYINT), TINYINT, "MIN(TINY)")),
        ('MAX("Name")', "VARCHAR(4)", ("MAX", ColumnRef("Name", NAME), NAME, "MAX(Name)")),
        ("MIN(s.ROWTIME)", "TIMESTAMP", ("MIN", InputRowTime(), TIMESTAMP, "MIN(ROWTIME)")),
        # Inside an aggregate ROWTIME is a row's, with or without a qualifier.
        ("MAX(ROWTIME)", "TIMESTAMP", ("MAX", InputRowTime(), TIMESTAMP, "MAX(ROWTIME)")),
        ("SUM(ALL TOTAL)", "BIGINT", ("SUM", ColumnRef("TOTAL", INTEGER), BIGINT, "SUM(TOTAL)")),
        (
            "SUM(TOTAL + 1)",
            "BIGINT",
            (
                "SUM",
                Arithmetic("+", ColumnRef("TOTAL", INTEGER), Literal(1, INTEGER), INTEGER),
                BIGINT,
                "SUM(#1)",
            ),
        ),
        ("SUM(1)", "BIGINT", ("SUM", Literal(1, INTEGER), BIGINT, "SUM(#1)")),
    ],
)
def test_aggregates(
    pump: CompilePump, call: str, column: str, expected: tuple[object, ...]
) -> None:
    bound = pump(f"SELECT {call} {FROM} GROUP BY {MINUTE}", f"A {column}")
    aggregate = Aggregate(*expected)  # type: ignore[arg-type]
    assert _window(bound).aggregates == (aggregate,)
    (output,) = bound.query.outputs
    assert output.expression == ColumnRef(aggregate.name, aggregate.type)


def test_the_rows_of_a_group(pump: CompilePump) -> None:
    bound = pump(
        f'SELECT ROWTIME, {MINUTE}, BIG, SUM(TOTAL) - 2 * MIN(TOTAL), "Name", SUM(TOTAL), 7 {FROM} '
        f'WHERE "Distance" > 1 GROUP BY "Name", {MINUTE}, BIG, ("Name")',
        "A TIMESTAMP, B TIMESTAMP, C BIGINT, D BIGINT, E VARCHAR(16), F BIGINT, G BIGINT",
    )
    window = _window(bound)
    assert isinstance(window.input, Filter)
    # What WHERE reads is scanned, and what is a key or an argument; in the order of the input.
    assert window.input.input == Scan(
        "SOURCE_SQL_STREAM_001",
        (
            Column("Name", NAME),
            Column("Distance", DOUBLE),
            Column("TOTAL", INTEGER),
            Column("BIG", BIGINT),
        ),
    )
    assert window.keys == (
        Key(ColumnRef("Name", NAME), "Name"),
        Key(ColumnRef("BIG", BIGINT), "BIG"),
    )
    # SUM(TOTAL) stands there twice and is computed once.
    assert [a.name for a in window.aggregates] == ["SUM(TOTAL)", "MIN(TOTAL)"]
    assert window.columns == (
        Column("WINDOW_START", TIMESTAMP),
        Column("Name", NAME),
        Column("BIG", BIGINT),
        Column("SUM(TOTAL)", BIGINT),
        Column("MIN(TOTAL)", INTEGER),
    )
    total, least = ColumnRef("SUM(TOTAL)", BIGINT), ColumnRef("MIN(TOTAL)", INTEGER)
    assert [o.expression for o in bound.query.outputs] == [
        RowTime(),
        ColumnRef("WINDOW_START", TIMESTAMP),
        ColumnRef("BIG", BIGINT),
        Arithmetic("-", total, Arithmetic("*", Literal(2, INTEGER), least, INTEGER), BIGINT),
        ColumnRef("Name", NAME),
        total,
        Literal(7, INTEGER),
    ]


def test_without_aggregates_a_group_is_what_is_distinct(pump: CompilePump) -> None:
    window = _window(pump(f'SELECT "Name" {FROM} GROUP BY "Name", {MINUTE}', "A VARCHAR(16)"))
    assert window.aggregates == ()


def test_nothing_but_the_window(pump: CompilePump) -> None:
    window = _window(pump(f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}"))
    assert window.keys == ()
    assert window.input == Scan("SOURCE_SQL_STREAM_001", ())


def test_names_of_keys_are_never_taken_by_others(compiled: Compile) -> None:
    application = compiled(
        'CREATE STREAM T (WINDOW_START BIGINT, "COUNT(*)" BIGINT); CREATE STREAM O (A BIGINT);'
        "CREATE PUMP P AS INSERT INTO O SELECT COUNT(*) FROM T "
        'GROUP BY WINDOW_START, FLOOR(ROWTIME TO DAY), "COUNT(*)"'
    )
    window = _window(application.pumps[0])
    assert window.window_start == "WINDOW_START'"
    assert window.aggregates[0].name == "COUNT(*)'"


@pytest.mark.parametrize(
    ("selected", "fragment"),
    [
        ("«BIG»", "BIG is not in GROUP BY | add it to GROUP BY"),
        ('«s."Distance"»', '"Distance" is not in GROUP BY'),
        ("SUM(TOTAL) + «BIG»", "BIG is not in GROUP BY"),
        ("«s.ROWTIME»", "the ROWTIME of single rows | write ROWTIME for the window's end"),
        ("«nope»", "there is no column NOPE"),
        ("«*»", "* cannot stand in a query with GROUP BY"),
        ("«s.*»", "* cannot stand in a query with GROUP BY"),
        ("«t».*", "there is no stream T"),
        ("COUNT(«DISTINCT BIG»)", "the service has no COUNT(DISTINCT ...)"),
        ("SUM(«DISTINCT BIG»)", "the service has no SUM(DISTINCT ...)"),
        ("«COUNT»()", "COUNT takes one argument"),
        ("«COUNT»(BIG, TOTAL)", "COUNT takes one argument"),
        ("SUM(«*»)", "* stands alone in a select list, or in COUNT(*)"),
        ('SUM(«"Name"»)', "SUM takes a number, this is VARCHAR(16)"),
        ("AVG(«OK»)", "AVG takes a number, this is BOOLEAN"),
        ("SUM(«s.ROWTIME»)", "SUM takes a number, this is TIMESTAMP"),
        ("MAX(«OK»)", "MAX takes a number, a TIMESTAMP or text, this is BOOLEAN"),
        ("SUM(«MIN»(BIG))", "MIN cannot stand here"),
        ("SUM(«nope»)", "there is no column NOPE"),
        ("«STDDEV_POP»(BIG)", "STDDEV_POP is not supported yet"),
        ("«MAXX»(BIG)", "there is no function MAXX | did you mean MAX?"),
        ("«SUM(BIG) OVER (PARTITION BY TOTAL)»", "windows with OVER are not supported yet"),
        ("«LAG»(BIG, 1) OVER (ROWS 3 PRECEDING)", "LAG is not supported yet"),
    ],
)
def test_refused_select_lists(refused_query: Refuse, selected: str, fragment: str) -> None:
    refused_query(f"SELECT {selected} {FROM} GROUP BY {MINUTE}", fragment)


@pytest.mark.parametrize(
    ("query", "fragments"),
    [
        (
            f"SELECT «COUNT»(*) {FROM}",
            ["COUNT needs GROUP BY with a time key: a stream has no end | GROUP BY STEP"],
        ),
        (f"SELECT 1 + «MAX»(BIG) + TOTAL {FROM}", ["MAX needs GROUP BY with a time key"]),
        (f'SELECT «COUNT»(*) - SUM(«"Name"») {FROM}', ["COUNT needs", "SUM takes a number"]),
        (
            f'SELECT COUNT(*) {FROM} «GROUP BY» "Name"',
            ["GROUP BY has no time key | add STEP(s.ROWTIME BY"],
        ),
        (
            f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, «STEP»(ROWTIME BY INTERVAL '1' HOUR)",
            ["a second time key is not supported yet"],
        ),
        (f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, «nope»", ["there is no column NOPE"]),
        # A key with a fault: nothing in the select list is blamed for not being one.
        (
            f"SELECT TOTAL + BIG + «bag» {FROM} GROUP BY {MINUTE}, «tatol»",
            ["there is no column BAG", "there is no column TATOL | did you mean TOTAL?"],
        ),
        (f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, «BIG + 1»", ["a column or a time key"]),
        (f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, «1»", ["a column or a time key, so far"]),
        (f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, «s.ROWTIME»", ["of every millisecond"]),
        (f"SELECT COUNT(*) {FROM} «GROUP BY» ALL {MINUTE}", ["GROUP BY takes keys only"]),
    ],
)
def test_refused_groups(refused_query: Refuse, query: str, fragments: list[str]) -> None:
    refused_query(query, *fragments)
