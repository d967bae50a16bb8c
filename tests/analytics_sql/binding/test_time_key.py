"""Every spelling of a window, and its size."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import Call, ColumnRef, Literal, RowTime
from analytics_sql.plan import Pump, Tumble
from analytics_sql.types import TIMESTAMP, Kind, SqlType

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

FROM = 'FROM "SOURCE_SQL_STREAM_001" AS s'
EPOCH = "TIMESTAMP '1970-01-01 00:00:00'"
CHAR_4 = SqlType(Kind.CHAR, 4)


def _window(pump: Pump) -> Tumble:
    window = pump.query.input
    assert isinstance(window, Tumble)
    return window


@pytest.mark.parametrize(
    ("key", "size_ms"),
    [
        ("FLOOR(s.ROWTIME TO SECOND)", 1_000),
        ("FLOOR(s.ROWTIME TO MINUTE)", 60_000),
        ("floor(s.rowtime to hour)", 3_600_000),
        ('FLOOR("S"."ROWTIME" TO DAY)', 86_400_000),
        ("FLOOR(ROWTIME TO MINUTE)", 60_000),
        ('FLOOR("ROWTIME" TO MINUTE)', 60_000),
        ("(FLOOR((s.ROWTIME) TO MINUTE))", 60_000),
        ("STEP(s.ROWTIME BY INTERVAL '10' SECOND)", 10_000),
        ("STEP(s.ROWTIME BY INTERVAL '60' SECOND(3))", 60_000),
        ("STEP(s.ROWTIME BY INTERVAL '1:30' MINUTE TO SECOND)", 90_000),
        ("STEP(s.ROWTIME BY INTERVAL '0.25' SECOND)", 250),
        ("STEP(s.ROWTIME BY INTERVAL '2' HOUR)", 7_200_000),
        ("STEP(ROWTIME BY (INTERVAL '1' DAY))", 86_400_000),
        (f"FLOOR((s.ROWTIME - {EPOCH}) SECOND / 10 TO SECOND)", 10_000),
        (f"FLOOR((ROWTIME - {EPOCH}) SECOND / 1 TO SECOND)", 1_000),
        (f"FLOOR((s.ROWTIME - {EPOCH}) MINUTE / 5 TO MINUTE)", 300_000),
        (f"FLOOR((s.ROWTIME - {EPOCH}) SECOND / 5 TO MINUTE)", 300_000),
        (f"FLOOR((s.ROWTIME - {EPOCH}) DAY TO SECOND / 10 TO SECOND)", 10_000),
        (f"FLOOR(((s.ROWTIME - {EPOCH}) SECOND) / (10) TO SECOND)", 10_000),
        (f"FLOOR((s.ROWTIME - {EPOCH}) MINUTE TO MINUTE)", 60_000),
        # Another origin that is a whole number of windows after 1970.
        ("FLOOR((s.ROWTIME - TIMESTAMP '2020-01-01 00:00:00') SECOND / 10 TO SECOND)", 10_000),
        # What is added to a key afterwards does not change when it changes.
        ("FLOOR(s.ROWTIME TO MINUTE) - INTERVAL '1' DAY", 60_000),
    ],
)
def test_spellings(pump: CompilePump, key: str, size_ms: int) -> None:
    for keys in (key, f'"Name", {key}', f'{key}, "Name"'):
        window = _window(pump(f"SELECT COUNT(*) {FROM} GROUP BY {keys}"))
        assert window.size_ms == size_ms
        assert [k.name for k in window.keys] == (["Name"] if "Name" in keys else [])


@pytest.mark.parametrize(
    "selected",
    [
        "STEP(s.ROWTIME BY INTERVAL '60' SECOND)",
        "STEP(ROWTIME BY INTERVAL '1' MINUTE)",
        "FLOOR(s.ROWTIME TO MINUTE)",
        "(FLOOR(ROWTIME TO MINUTE))",
    ],
)
def test_the_key_in_the_select_list_is_the_windows_start(pump: CompilePump, selected: str) -> None:
    query = (
        f"SELECT {selected} AS ws, ROWTIME {FROM} GROUP BY STEP(s.ROWTIME BY INTERVAL '1' MINUTE)"
    )
    bound = pump(query, "A TIMESTAMP, B TIMESTAMP").query
    assert [o.expression for o in bound.outputs] == [
        ColumnRef("WINDOW_START", TIMESTAMP),
        RowTime(),
    ]
    assert [o.name for o in bound.outputs] == ["WS", "ROWTIME"]


@pytest.mark.parametrize(
    ("key", "fragment"),
    [
        ("«FLOOR»(s.ROWTIME TO MONTH)", "FLOOR TO MONTH is not supported | DAY, HOUR, MINUTE"),
        ("STEP(s.ROWTIME BY «60»)", "STEP takes an interval | INTERVAL '60' SECOND"),
        ("STEP(s.ROWTIME BY «INTERVAL 'x' SECOND»)", "'x' is no number of SECOND"),
        ("STEP(s.ROWTIME BY «INTERVAL '1' MONTH»)", "counted in DAY, HOUR, MINUTE or SECOND"),
        ("STEP(s.ROWTIME BY «INTERVAL '0' SECOND»)", "whole number of milliseconds"),
        ("STEP(s.ROWTIME BY «INTERVAL - '1' SECOND»)", "whole number of milliseconds"),
        ("STEP(s.ROWTIME BY «INTERVAL '0.0005' SECOND»)", "whole number of milliseconds"),
        ("STEP(s.ROWTIME BY «INTERVAL '367' DAY»)", "up to a year"),
        (f"FLOOR((s.ROWTIME - {EPOCH}) SECOND / «0» TO SECOND)", "a whole number of units"),
        (f"FLOOR((s.ROWTIME - {EPOCH}) SECOND / «1.5» TO SECOND)", "a whole number of units"),
        (f"FLOOR((s.ROWTIME - {EPOCH}) SECOND / «BIG» TO SECOND)", "a whole number of units"),
        (f"FLOOR((s.ROWTIME - {EPOCH}) SECOND / «999999999» TO SECOND)", "at most a year"),
        (f"FLOOR(«(s.ROWTIME - {EPOCH}) MINUTE» / 10 TO SECOND)", "coarser than the window's"),
        (f"«CEIL»((s.ROWTIME - {EPOCH}) SECOND / 10 TO SECOND)", "is cut with FLOOR"),
        ("FLOOR((s.ROWTIME - «5») SECOND / 10 TO SECOND)", "counted from a TIMESTAMP"),
        ("FLOOR((s.ROWTIME - «TIMESTAMP 'x'») SECOND / 10 TO SECOND)", "a TIMESTAMP is written"),
        ("FLOOR(«s.ROWTIME / 10» TO SECOND)", "this is not the time since 1970"),
        ("FLOOR(«(s.ROWTIME) SECOND» / 10 TO SECOND)", "this is not the time since 1970"),
    ],
)
def test_refused(refused_query: Refuse, key: str, fragment: str) -> None:
    refused_query(f"SELECT COUNT(*) {FROM} GROUP BY {key}", fragment)


@pytest.mark.parametrize(
    ("key", "offset_ms"),
    [
        # 00:00 in UTC+9 is 15:00 in UTC.
        ("FLOOR((s.ROWTIME + INTERVAL '9' HOUR) TO DAY)", 15 * 3_600_000),
        ("FLOOR((s.ROWTIME - INTERVAL '5' HOUR) TO DAY)", 5 * 3_600_000),
        ("STEP(s.ROWTIME + INTERVAL '7' SECOND BY INTERVAL '10' SECOND)", 3_000),
        ("FLOOR((s.ROWTIME - TIMESTAMP '1970-01-01 00:00:05') SECOND / 10 TO SECOND)", 5_000),
        # 11:00:00.000 is still in the group of CEIL that ends with it.
        ("CEIL(s.ROWTIME TO MINUTE)", 1),
        ("CEILING(s.ROWTIME TO MINUTE)", 1),
        ("STEP(s.ROWTIME + INTERVAL '60' SECOND BY INTERVAL '10' SECOND)", 0),
    ],
)
def test_windows_that_start_elsewhere(pump: CompilePump, key: str, offset_ms: int) -> None:
    assert _window(pump(f"SELECT COUNT(*) {FROM} GROUP BY {key}")).offset_ms == offset_ms


def test_of_two_time_keys_on_rowtime_the_finer_cuts(pump: CompilePump) -> None:
    hour = "FLOOR(s.ROWTIME TO HOUR)"
    query = (
        f"SELECT {hour}, COUNT(*) {FROM} GROUP BY {hour}, STEP(s.ROWTIME BY INTERVAL '10' MINUTE)"
    )
    bound = pump(query, "A TIMESTAMP, B BIGINT")
    window = _window(bound)
    assert (window.size_ms, window.offset_ms, window.keys) == (600_000, 0, ())
    # The hour of a window is the hour of its start.
    assert bound.query.outputs[0].expression == Call(
        "FLOOR TO", (ColumnRef("WINDOW_START", TIMESTAMP), Literal("HOUR", CHAR_4)), TIMESTAMP
    )


def test_two_time_keys_on_rowtime_have_to_fit(refused_query: Refuse) -> None:
    keys = "STEP(s.ROWTIME BY INTERVAL '3' SECOND), «STEP»(s.ROWTIME BY INTERVAL '2' SECOND)"
    refused_query(
        f"SELECT COUNT(*) {FROM} GROUP BY {keys}",
        "windows of 2 s do not fit into those of the time key before",
    )


def test_rowtime_itself_makes_windows_of_a_millisecond(pump: CompilePump) -> None:
    bound = pump(f"SELECT ROWTIME, COUNT(*) {FROM} GROUP BY s.ROWTIME", "A TIMESTAMP, B BIGINT")
    assert _window(bound).size_ms == 1
    # The rows of the result have the ROWTIME that they are grouped by.
    start = ColumnRef("WINDOW_START", TIMESTAMP)
    assert bound.query.rowtime == start
    assert bound.query.outputs[0].expression == start


@pytest.mark.parametrize(
    ("selected", "fragment"),
    [
        ("«FLOOR»(s.ROWTIME TO SECOND)", "have 1000 ms, those of GROUP BY 60000 ms"),
        (
            f"«FLOOR»((s.ROWTIME - {EPOCH}) SECOND / 60 TO SECOND)",
            "an interval, which no column can hold | STEP",
        ),
    ],
)
def test_refused_in_a_select_list(refused_query: Refuse, selected: str, fragment: str) -> None:
    query = f"SELECT {selected} {FROM} GROUP BY FLOOR(s.ROWTIME TO MINUTE)"
    refused_query(query, fragment, columns="A TIMESTAMP")
