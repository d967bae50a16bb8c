"""GROUP BY and the select list over it."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import (
    Arithmetic,
    Call,
    ColumnRef,
    InputRowTime,
    Literal,
    RowTime,
    columns_of,
)
from analytics_sql.plan import Aggregate, Application, Column, Filter, Key, Pump, Scan, Tumble
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType

Compile = Callable[[str], Application]
CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

FROM = 'FROM "SOURCE_SQL_STREAM_001" AS s'
MINUTE = "STEP(s.ROWTIME BY INTERVAL '60' SECOND)"
NAME = SqlType(Kind.VARCHAR, 16)
TINYINT = SqlType(Kind.TINYINT)
ONE = Literal(1, INTEGER)


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


def test_a_second_time_key_is_a_key_like_others(pump: CompilePump) -> None:
    # The two windows of DG:examples-window-partialresults.md.
    event = 'FLOOR("StatusTime" TO MINUTE)'
    bound = pump(
        f"SELECT {event}, STEP(APPROXIMATE_ARRIVAL_TIME BY INTERVAL '10' SECOND), COUNT(*) {FROM} "
        f"GROUP BY STEP(s.APPROXIMATE_ARRIVAL_TIME BY INTERVAL '10' SECOND), {MINUTE}, {event}",
        "A TIMESTAMP, B TIMESTAMP, C BIGINT",
    )
    window = _window(bound)
    assert window.size_ms == 60_000
    arrival, minute = (key.expression for key in window.keys)
    assert isinstance(arrival, Call)
    assert (arrival.function, arrival.arguments[0]) == (
        "STEP",
        ColumnRef("APPROXIMATE_ARRIVAL_TIME", TIMESTAMP),
    )
    assert isinstance(minute, Call)
    assert minute.arguments[0] == ColumnRef("StatusTime", TIMESTAMP)
    assert [o.expression for o in bound.query.outputs] == [
        ColumnRef(window.keys[1].name, TIMESTAMP),
        ColumnRef(window.keys[0].name, TIMESTAMP),
        ColumnRef("COUNT(*)", BIGINT),
    ]
    assert [c.name for c in window.input.columns] == ["StatusTime", "APPROXIMATE_ARRIVAL_TIME"]


def test_an_expression_as_a_key(pump: CompilePump) -> None:
    bound = pump(
        f"SELECT BIG + 1, (BIG + 1) * 2, UPPER(\"Name\") || '!', COUNT(*) {FROM} "
        f'GROUP BY BIG + 1, UPPER("Name"), {MINUTE}',
        "A BIGINT, B BIGINT, C VARCHAR(20), D BIGINT",
    )
    plus, upper = _window(bound).keys
    assert plus.expression == Arithmetic("+", ColumnRef("BIG", BIGINT), ONE, BIGINT)
    key = ColumnRef(plus.name, BIGINT)
    first, second, third, _ = (o.expression for o in bound.query.outputs)
    assert first == key
    assert second == Arithmetic("*", key, Literal(2, INTEGER), BIGINT)
    assert isinstance(third, Call)
    assert third.arguments[0] == ColumnRef(upper.name, upper.expression.type)


@pytest.mark.parametrize(
    "key", ['MONOTONIC("StatusTime")', 'monotonic(s."StatusTime")', '(MONOTONIC("StatusTime"))']
)
def test_monotonic_instead_of_rowtime(pump: CompilePump, key: str) -> None:
    bound = pump(
        f'SELECT "StatusTime", MONOTONIC("StatusTime"), "Name", COUNT(*) {FROM} '
        f'GROUP BY "Name", {key}',
        "A TIMESTAMP, B TIMESTAMP, C VARCHAR(16), D BIGINT",
    )
    window = _window(bound)
    assert (window.size_ms, window.time) == (0, ColumnRef("StatusTime", TIMESTAMP))
    assert window.keys == (Key(ColumnRef("Name", NAME), "Name"),)
    assert window.columns[0] == Column("WINDOW_START", TIMESTAMP)
    start = ColumnRef("WINDOW_START", TIMESTAMP)
    assert [o.expression for o in bound.query.outputs][:2] == [start, start]


def test_monotonic_of_another_type(pump: CompilePump) -> None:
    bound = pump(
        f"SELECT BIG / 10, COUNT(*) {FROM} GROUP BY MONOTONIC(BIG) / 10", "A BIGINT, B BIGINT"
    )
    assert _window(bound).columns[0] == Column("WINDOW_START", BIGINT)
    assert bound.query.outputs[0].expression == ColumnRef("WINDOW_START", BIGINT)


def test_beside_rowtime_monotonic_is_a_key_like_others(pump: CompilePump) -> None:
    window = _window(pump(f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, MONOTONIC(BIG)"))
    assert (window.size_ms, window.time) == (60_000, None)
    assert window.keys == (Key(ColumnRef("BIG", BIGINT), "BIG"),)


def test_having(pump: CompilePump) -> None:
    bound = pump(
        f'SELECT COUNT(*) {FROM} GROUP BY "Name", {MINUTE} '
        "HAVING COUNT(*) > 1 AND MAX(BIG) > 2 AND \"Name\" <> 'x' AND ROWTIME IS NOT NULL"
    )
    having = bound.query.input
    assert isinstance(having, Filter)
    window = having.input
    assert isinstance(window, Tumble)
    # What only HAVING reads is computed too.
    assert [a.name for a in window.aggregates] == ["COUNT(*)", "MAX(BIG)"]
    assert columns_of(having.predicate) == {"COUNT(*)", "MAX(BIG)", "Name"}


def test_having_without_groups_is_a_condition_on_rows(pump: CompilePump) -> None:
    having, where = pump(f"SELECT 1 {FROM} HAVING BIG > 1"), pump(f"SELECT 1 {FROM} WHERE BIG > 1")
    assert having == where
    both = pump(f"SELECT 1 {FROM} WHERE BIG > 1 HAVING TOTAL > 2")
    assert both == pump(f"SELECT 1 {FROM} WHERE BIG > 1 AND TOTAL > 2")


def test_an_aggregate_in_having_alone_needs_groups(refused_query: Refuse) -> None:
    refused_query(f"SELECT 1 {FROM} HAVING «COUNT»(*) > 1", "COUNT needs GROUP BY")


def test_arithmetic_over_aggregates_and_case_within(pump: CompilePump) -> None:
    bound = pump(
        f"SELECT SUM(CASE WHEN OK THEN BIG ELSE 0 END) / COUNT(*), "
        f"CASE WHEN COUNT(*) > 5 THEN MAX(BIG) END {FROM} GROUP BY {MINUTE}",
        "A BIGINT, B BIGINT",
    )
    assert [a.name for a in _window(bound).aggregates] == ["SUM(#1)", "COUNT(*)", "MAX(BIG)"]
    assert bound.query.outputs[0].expression == Arithmetic(
        "/", ColumnRef("SUM(#1)", BIGINT), ColumnRef("COUNT(*)", BIGINT), BIGINT
    )


@pytest.mark.parametrize(
    ("call", "ignore_nulls", "parameter_ms"),
    [
        ("FIRST_VALUE(BIG)", False, None),
        ("FIRST_VALUE(BIG) IGNORE NULLS", True, None),
        ("LAST_VALUE(BIG) RESPECT NULLS", False, None),
        ("EXP_AVG(BIG, INTERVAL '1' MINUTE)", False, 60_000),
    ],
)
def test_aggregates_that_depend_on_order(
    pump: CompilePump, call: str, ignore_nulls: bool, parameter_ms: int | None
) -> None:
    (aggregate,) = _window(pump(f"SELECT {call} {FROM} GROUP BY {MINUTE}")).aggregates
    assert (aggregate.ignore_nulls, aggregate.parameter_ms) == (ignore_nulls, parameter_ms)


def test_the_current_time_of_a_group_is_the_windows_end(pump: CompilePump) -> None:
    bound = pump(f"SELECT CURRENT_ROW_TIMESTAMP {FROM} GROUP BY {MINUTE}", "A TIMESTAMP")
    assert bound.query.outputs[0].expression == RowTime()


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
        ("MAX(«OK»)", "MAX takes a number, text, a TIMESTAMP, a DATE or a TIME, this is BOOLEAN"),
        ("SUM(«MIN»(BIG))", "MIN cannot stand here"),
        ("SUM(«nope»)", "there is no column NOPE"),
        ('STDDEV_POP(«"Name"»)', "STDDEV_POP takes a number, this is VARCHAR(16)"),
        ("EVERY(«BIG»)", "EVERY takes a condition, this is BIGINT"),
        ("«EXP_AVG»(BIG)", "EXP_AVG takes a number and an INTERVAL"),
        ("EXP_AVG(BIG, «5»)", "half-life of its weights as an interval | EXP_AVG(x, INTERVAL"),
        ("EXP_AVG(BIG, «INTERVAL '0' SECOND»)", "a whole number of milliseconds"),
        ("«SUM(BIG) IGNORE NULLS»", "IGNORE NULLS goes with FIRST_VALUE"),
        ("«LAG»(BIG)", "LAG cannot stand here"),
        ("«MAXX»(BIG)", "there is no function MAXX | did you mean MAX?"),
        ("SUM(«BIG») OVER (ROWS 1 PRECEDING)", "BIG is not in GROUP BY"),
        ("SUM(«SUM(BIG) OVER w») OVER (ROWS 1 PRECEDING)", "OVER stands in a select list only"),
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
        (f"SELECT COUNT(*) {FROM} GROUP BY {MINUTE}, «nope»", ["there is no column NOPE"]),
        # A key with a fault: nothing in the select list is blamed for not being one.
        (
            f"SELECT TOTAL + BIG + «bag» {FROM} GROUP BY {MINUTE}, «tatol»",
            ["there is no column BAG", "there is no column TATOL | did you mean TOTAL?"],
        ),
        (
            f"SELECT SUM(BIG) AS total_big {FROM} GROUP BY {MINUTE} HAVING «total_big» > 5",
            ["TOTAL_BIG is no column, but the name of an item | write the item itself"],
        ),
        (
            f"SELECT BIG {FROM} GROUP BY {MINUTE}, BIG HAVING «MAX(BIG) OVER (w)» > 1",
            ["OVER stands in a select list only"],
        ),
        (f"SELECT BIG {FROM} HAVING «BIG»", ["a condition is needed here, this is BIGINT"]),
        (f"SELECT COUNT(*) {FROM} «GROUP BY» ALL {MINUTE}", ["GROUP BY takes keys only"]),
    ],
)
def test_refused_groups(refused_query: Refuse, query: str, fragments: list[str]) -> None:
    refused_query(query, *fragments)
