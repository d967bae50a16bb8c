"""Sliding windows: OVER, the windows it names, and the calls before it."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import Arithmetic, ColumnRef, Literal
from analytics_sql.plan import Analytic, Column, Filter, Frame, Pump, Scan, Slide, Tumble
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, SMALLINT, Kind, SqlType

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

FROM = 'FROM "SOURCE_SQL_STREAM_001" AS s'
NAME = ColumnRef("Name", SqlType(Kind.VARCHAR, 16))
DISTANCE = ColumnRef("Distance", DOUBLE)
BIG = ColumnRef("BIG", BIGINT)


def _calls(pump: Pump) -> tuple[Analytic, ...]:
    slide = pump.query.input
    assert isinstance(slide, Slide)
    return slide.calls


@pytest.mark.parametrize(
    ("window", "frame"),
    [
        ("ROWS 2 PRECEDING", Frame(rows=2)),
        ("ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", Frame(rows=2)),
        ("ROWS BETWEEN 4 PRECEDING AND 0 PRECEDING", Frame(rows=4)),
        ("ROWS CURRENT ROW", Frame(rows=0)),
        ("ROWS 0 PRECEDING", Frame(rows=0)),
        ("ROWS UNBOUNDED PRECEDING", Frame()),
        ("RANGE INTERVAL '1' MINUTE PRECEDING", Frame(range_ms=60_000)),
        ("RANGE (INTERVAL '1:30' MINUTE TO SECOND) PRECEDING", Frame(range_ms=90_000)),
        ("RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW", Frame(range_ms=3_600_000)),
        ("RANGE INTERVAL '0' SECOND PRECEDING", Frame(range_ms=0)),
        ("RANGE CURRENT ROW", Frame(range_ms=0)),
        ("RANGE UNBOUNDED PRECEDING", Frame()),
        ("RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", Frame()),
        ("", Frame()),
        ('PARTITION BY "Name"', Frame()),
    ],
)
def test_frames(pump: CompilePump, window: str, frame: Frame) -> None:
    # RANGE with a parenthesis after it is refused: it is how another dialect writes GROUP BY.
    if "RANGE (" in window:
        window = window.replace("(", "").replace(")", "")
    (call,) = _calls(pump(f'SELECT AVG("Distance") OVER ({window}) {FROM}'))
    assert call.frame == frame
    assert call.partition == ((NAME,) if "PARTITION" in window else ())


def test_the_plan_of_a_sliding_window(pump: CompilePump) -> None:
    bound = pump(
        f'SELECT STREAM "Name", AVG("Distance") OVER w, COUNT(*) OVER last, AVG("Distance") OVER w '
        f'+ 1, TOTAL {FROM} WHERE BIG > 3 WINDOW w AS (PARTITION BY "Name", BIG + 1 RANGE INTERVAL '
        "'10' SECOND PRECEDING), last AS (ROWS 2 PRECEDING)",
        "A VARCHAR(16), B DOUBLE, C BIGINT, D DOUBLE, E BIGINT",
    )
    slide = bound.query.input
    assert isinstance(slide, Slide)
    plus_one = Arithmetic("+", BIG, Literal(1, INTEGER), BIGINT)
    # The same call twice is computed once.
    assert [(c.function, c.argument, c.partition, c.frame, c.type) for c in slide.calls] == [
        ("AVG", DISTANCE, (NAME, plus_one), Frame(range_ms=10_000), DOUBLE),
        ("COUNT", None, (), Frame(rows=2), BIGINT),
    ]
    assert slide.columns == (
        *slide.input.columns,
        Column("AVG(Distance) OVER", DOUBLE),
        Column("COUNT(*) OVER", BIGINT),
    )
    assert isinstance(slide.input, Filter)
    assert [column.name for column in slide.input.columns] == ["Name", "Distance", "TOTAL", "BIG"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("LAG(BIG)", ("LAG", BIG, BIGINT, 1, None, None, False, False)),
        ("LAG(BIG, 3)", ("LAG", BIG, BIGINT, 3, None, None, False, False)),
        ("LAG(BIG, 0)", ("LAG", BIG, BIGINT, 0, None, None, False, False)),
        ("LAG(BIG, 3, 7)", ("LAG", BIG, BIGINT, 3, Literal(7, BIGINT), None, False, False)),
        ("LAG(BIG, 3, BIG)", ("LAG", BIG, BIGINT, 3, BIG, None, False, False)),
        ("LAG(BIG, 1, NULL)", ("LAG", BIG, BIGINT, 1, None, None, False, False)),
        ("LAG(BIG, 1) IGNORE NULLS", ("LAG", BIG, BIGINT, 1, None, None, True, False)),
        ("LAG(BIG, 1) RESPECT NULLS", ("LAG", BIG, BIGINT, 1, None, None, False, False)),
        ("NTH_VALUE(BIG, 2)", ("NTH_VALUE", BIG, BIGINT, 2, None, None, False, False)),
        (
            "NTH_VALUE(BIG, 2) FROM LAST IGNORE NULLS",
            ("NTH_VALUE", BIG, BIGINT, 2, None, None, True, True),
        ),
        ("NTH_VALUE(BIG, 2) FROM FIRST", ("NTH_VALUE", BIG, BIGINT, 2, None, None, False, False)),
        ("FIRST_VALUE(BIG)", ("FIRST_VALUE", BIG, BIGINT, None, None, None, False, False)),
        (
            "LAST_VALUE(BIG) IGNORE NULLS",
            ("LAST_VALUE", BIG, BIGINT, None, None, None, True, False),
        ),
        (
            "EXP_AVG(BIG, INTERVAL '10' SECOND)",
            ("EXP_AVG", BIG, DOUBLE, None, None, 10_000, False, False),
        ),
        ("STDDEV_SAMP(BIG)", ("STDDEV_SAMP", BIG, DOUBLE, None, None, None, False, False)),
        (
            "EVERY(OK)",
            ("EVERY", ColumnRef("OK", BOOLEAN), BOOLEAN, None, None, None, False, False),
        ),
        (
            'AVG("MagicPoints")',
            (
                *("AVG", ColumnRef("MagicPoints", SMALLINT), SMALLINT),
                *(None, None, None, False, False),
            ),
        ),
    ],
)
def test_calls(pump: CompilePump, call: str, expected: tuple[object, ...]) -> None:
    column = "BOOLEAN" if "OK" in call else "DOUBLE"
    (made,) = _calls(pump(f"SELECT {call} OVER (ROWS 5 PRECEDING) {FROM}", f"A {column}"))
    assert (
        *(made.function, made.argument, made.type, made.offset),
        *(made.default, made.parameter_ms, made.ignore_nulls, made.from_last),
    ) == expected


def test_a_stream_called_first_is_no_null_treatment(refused_query: Refuse) -> None:
    refused_query("SELECT 1 + BIG FROM «first»", "there is no stream FIRST")


def test_a_window_made_of_another(pump: CompilePump) -> None:
    bound = pump(
        f'SELECT SUM(BIG) OVER (w ROWS 3 PRECEDING) {FROM} WINDOW w AS (PARTITION BY "Name")',
        "A BIGINT",
    )
    (call,) = _calls(bound)
    assert (call.partition, call.frame) == ((NAME,), Frame(rows=3))


def test_a_call_over_the_rows_of_groups(pump: CompilePump) -> None:
    bound = pump(
        f'SELECT "Name", SUM(COUNT(*)) OVER (PARTITION BY "Name" ROWS 2 PRECEDING) {FROM} '
        'GROUP BY "Name", FLOOR(s.ROWTIME TO MINUTE) HAVING COUNT(*) > 1',
        "A VARCHAR(16), B BIGINT",
    )
    slide = bound.query.input
    assert isinstance(slide, Slide)
    assert isinstance(slide.input, Filter)
    assert isinstance(slide.input.input, Tumble)
    (call,) = slide.calls
    assert call.argument == ColumnRef("COUNT(*)", BIGINT)
    assert call.partition == (NAME,)


def test_names_of_calls_are_never_those_of_columns(pump: CompilePump) -> None:
    bound = pump(
        f"SELECT SUM(BIG) OVER (ROWS 1 PRECEDING), SUM(BIG) OVER (ROWS 2 PRECEDING) {FROM}",
        "A BIGINT, B BIGINT",
    )
    assert [c.name for c in _calls(bound)] == ["SUM(BIG) OVER", "SUM(BIG) OVER'"]
    assert isinstance(bound.query.input, Slide)
    assert bound.query.input.input == Scan("SOURCE_SQL_STREAM_001", (Column("BIG", BIGINT),))


@pytest.mark.parametrize(
    ("over", "fragment"),
    [
        ("(«ORDER BY ROWTIME» ROWS 1 PRECEDING)", "ORDER BY cannot stand in OVER | leave it out"),
        ("(ROWS «1 FOLLOWING»)", "FOLLOWING is not supported | ROWS 10 PRECEDING"),
        ("(ROWS BETWEEN 2 PRECEDING AND «1 FOLLOWING»)", "FOLLOWING is not supported"),
        ("(ROWS BETWEEN CURRENT ROW AND «UNBOUNDED FOLLOWING»)", "FOLLOWING is not supported"),
        ("(ROWS BETWEEN 4 PRECEDING AND «2 PRECEDING»)", "has to end with the current row"),
        (
            "(RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND «INTERVAL '1' MINUTE PRECEDING»)",
            "has to end with the current row",
        ),
        ("(ROWS BETWEEN 0 PRECEDING AND «4 PRECEDING»)", "would end before it starts"),
        ("(ROWS BETWEEN CURRENT ROW AND «UNBOUNDED PRECEDING»)", "would end before it starts"),
        ("(ROWS «-1» PRECEDING)", "a negative number of rows"),
        ("(ROWS «1.5» PRECEDING)", "ROWS takes a whole number"),
        ("(ROWS «BIG» PRECEDING)", "ROWS takes a whole number"),
        ("(ROWS «99999999» PRECEDING)", "at most 10000000 rows"),
        ("(ROWS «INTERVAL '1' MINUTE» PRECEDING)", "ROWS counts rows | RANGE INTERVAL"),
        ("(RANGE «5» PRECEDING)", "RANGE takes an interval | ROWS n PRECEDING"),
        ("(RANGE «INTERVAL -'1' MINUTE» PRECEDING)", "a negative length"),
        ("(RANGE «INTERVAL '1' MONTH» PRECEDING)", "counted in DAY, HOUR, MINUTE or SECOND"),
        ("(RANGE «INTERVAL '367' DAY» PRECEDING)", "at most a year"),
        ("(RANGE «INTERVAL '0.0001' SECOND» PRECEDING)", "whole number of milliseconds"),
        ("(PARTITION BY «nope»)", "there is no column NOPE"),
        ("«nope»", "there is no window NOPE | define it: WINDOW name AS"),
        ("(«nope» ROWS 1 PRECEDING)", "there is no window NOPE"),
        ("(ROWS 1«)»", "expected PRECEDING"),
        ("(ROWS«)»", "ROWS or RANGE takes a number"),
        ("(GROUPS «1» PRECEDING)", "unexpected 1; expected )"),
        ("«5»", "expected a window: its name"),
    ],
)
def test_windows_that_no_stream_has(refused_query: Refuse, over: str, fragment: str) -> None:
    refused_query(f'SELECT AVG("Distance") OVER {over} {FROM}', fragment)


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        ("«UPPER»('x')", "this function cannot have OVER | functions of a window are ANY, AVG"),
        ("«NOPE»(BIG)", "there is no function NOPE"),
        ("«RANK»()", "no function RANK | have no number"),
        ("COUNT(«DISTINCT BIG»)", "the service has no COUNT(DISTINCT ...)"),
        ('SUM(«"Name"»)', "SUM takes a number, this is VARCHAR(16)"),
        ("«LAG»()", "LAG takes a value, how many rows before"),
        ("«LAG»(BIG, 1, 2, 3)", "LAG takes a value"),
        ("LAG(BIG, «BIG»)", "counts rows with a whole number from 0 to 10000000"),
        ("LAG(BIG, «- 1»)", "counts rows with a whole number"),
        ("LAG(BIG, «1.5»)", "counts rows with a whole number"),
        ("LAG(BIG, 1, «'x'»)", "the default is CHAR(1), the value of LAG BIGINT"),
        ("«NTH_VALUE»(BIG)", "NTH_VALUE takes a value, and which row"),
        ("NTH_VALUE(BIG, «0»)", "counts rows with a whole number from 1"),
        ("«SUM(BIG) IGNORE NULLS OVER w»", "SUM passes NULLs over anyway | leave IGNORE NULLS out"),
        ("«LAG(BIG) FROM LAST OVER w»", "FROM LAST goes with NTH_VALUE only"),
        ("SUM(«SUM(BIG) OVER w»)", "OVER stands in a select list only"),
    ],
)
def test_refused_calls(refused_query: Refuse, call: str, fragment: str) -> None:
    over = "" if call.endswith("OVER w»") else " OVER w"
    refused_query(f"SELECT {call}{over} {FROM} WINDOW w AS (ROWS 2 PRECEDING)", fragment)


def test_a_call_without_its_window(refused_query: Refuse) -> None:
    refused_query(f"SELECT «LAG»(BIG) {FROM}", "LAG cannot stand here")
    refused_query(f"SELECT BIG {FROM} WHERE «SUM(BIG) OVER w» > 1", "OVER stands in a select list")


def test_windows_that_are_defined_wrongly(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT BIG {FROM} WINDOW w AS (ROWS 1 PRECEDING), «w» AS (ROWS 2 PRECEDING)",
        "the window W is defined twice",
    )
    refused_query(
        f"SELECT BIG {FROM} WINDOW a AS (ROWS «1 FOLLOWING»)", "FOLLOWING is not supported"
    )
    refused_query(
        f"SELECT SUM(BIG) OVER (a) {FROM} WINDOW a AS («a»)", "too many others, or by itself"
    )
