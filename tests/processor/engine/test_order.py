"""What depends on the order of rows, and on the time of a stream: AS ROWTIME, MONOTONIC, chains of
pumps, pseudo-columns, shares of the input.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from analytics_sql.expression import ColumnRef, InputRowTime, RowTime
from analytics_sql.plan import (
    PSEUDO_COLUMNS,
    Aggregate,
    Analytic,
    Application,
    Column,
    Frame,
    Scan,
    Slide,
    Source,
    Stream,
    Tumble,
)
from analytics_sql.types import BIGINT, TIMESTAMP, SqlType
from fleet.errors import StateTooLarge
from processor.engine import Engine
from tests.processor.engine.plans import (
    SOURCE,
    application,
    columns_of,
    project,
    pump,
    scan,
    source,
    tumbling,
    varchar,
)
from tests.processor.engine.runs import END_MS, Outcome, Record, batch_of, in_every_way

COLUMNS: dict[str, SqlType] = {"k": varchar(8), "n": BIGINT, "at": TIMESTAMP}
K, N, AT = (ColumnRef(name, type) for name, type in COLUMNS.items())
READ = scan(SOURCE, COLUMNS)
COUNT = Aggregate("COUNT", None, BIGINT, "rows")
ROWS = ColumnRef("rows", BIGINT)


def records(*rows: tuple[int, dict[str, Any]]) -> list[Record]:
    return [Record(i, time, json.dumps(row).encode()) for i, (time, row) in enumerate(rows)]


def values(outcome: Outcome) -> list[tuple[Any, ...]]:
    """ROWTIME and values of what a watermark made due."""
    return [(row.rowtime_ms, *row.values.values()) for row in outcome.window_rows]


def restamped() -> Application:
    """SELECT n, at AS ROWTIME; and a count of its rows by second."""
    first = Stream("FIRST", columns_of({"n": BIGINT}))
    second = Stream("SECOND", columns_of({"rows": BIGINT}))
    query = replace(project(READ, N), rowtime=AT)
    window = tumbling(scan("FIRST", {"n": BIGINT}), (), (COUNT,), 1000)
    pumps = [pump(query, first, "ONE"), pump(project(window, ROWS), second, "TWO")]
    return application(source(COLUMNS), [first, second], pumps)


def test_as_rowtime_gives_the_rows_their_time_and_the_stream_its_clock() -> None:
    given = records(
        (10_000, {"n": 1, "at": "1970-01-01 00:00:01"}),
        (20_000, {"n": 2, "at": "1970-01-01 00:00:01.900"}),
        (30_000, {"n": 3, "at": "1970-01-01 00:00:00"}),  # goes back
        (40_000, {"n": 4, "at": None}),
        (50_000, {"n": 5, "at": "1970-01-01 00:00:02"}),
        (60_000, {"n": 6, "at": "1970-01-01 00:00:07"}),
    )
    outcome = in_every_way(restamped(), given)
    rows = [(row.stream, row.rowtime_ms, *row.values.values()) for row in outcome.window_rows]
    assert [row[1:] for row in rows if row[0] == "FIRST"] == [
        (1000, 1),
        (1900, 2),
        (2000, 5),
        (7000, 6),
    ]
    assert [row[1:] for row in rows if row[0] == "SECOND"] == [(2000, 2), (3000, 1), (8000, 1)]
    back, null = sorted(outcome.letters, key=lambda letter: letter.sequence_number)
    assert back.reason == (
        "its ROWTIME 1970-01-01 00:00:00.000 is before 1970-01-01 00:00:01.900, "
        "which an earlier row has"
    )
    assert (null.reason, null.stage, null.sequence_number) == (
        "its ROWTIME is NULL",
        "pump ONE",
        "3",
    )


def test_time_that_passes_closes_no_window_over_as_rowtime() -> None:
    engine = Engine(restamped())
    engine.add(batch_of(records((10_000, {"n": 1, "at": "1970-01-01 00:00:01"}))))
    streams = [row.stream for row in engine.advance(1 << 50).rows]
    assert streams == ["FIRST"]
    assert [row.stream for row in engine.advance(END_MS).rows] == ["SECOND"]


def monotonic() -> Application:
    """SELECT n, k, COUNT(*), the ROWTIME GROUP BY MONOTONIC(n), k."""
    keyed = tumbling(READ, (K,), (COUNT, Aggregate("LAST_VALUE", AT, TIMESTAMP, "last")), 0)
    window: Tumble = replace(keyed, time=N, window_start="value")
    stream = Stream("OUT", columns_of({"n": BIGINT, "k": varchar(8), "c": BIGINT, "t": TIMESTAMP}))
    outputs = (ColumnRef("value", BIGINT), K, ROWS, RowTime())
    return application(source(COLUMNS), [stream], [pump(project(window, *outputs), stream)])


def test_monotonic_groups_are_complete_when_another_value_comes() -> None:
    given = records(
        (1000, {"n": 5, "k": "b"}),
        (2000, {"n": 5, "k": "a"}),
        (3000, {"n": 5, "k": "b"}),
        (4000, {"n": 4, "k": "a"}),  # goes back
        (5000, {"n": None, "k": "a"}),
        (6000, {"n": 9, "k": "a"}),
        (9000, {"n": 10, "k": "a"}),
    )
    outcome = in_every_way(monotonic(), given)
    assert values(outcome) == [
        (6000, 5, "a", 1, "1970-01-01 00:00:06.000"),
        (6000, 5, "b", 2, "1970-01-01 00:00:06.000"),
        (9000, 9, "a", 1, "1970-01-01 00:00:09.000"),
    ]
    assert [letter.reason for letter in outcome.letters] == [
        "the value of MONOTONIC goes back",
        "the value of MONOTONIC is NULL",
    ]
    assert outcome.window_rows[0].id == '["test","OUT","PUMP",5,"a"]'


def chain() -> Application:
    """A projection, a sliding sum of it, a count of that by 2 s, and a projection of the counts."""
    streams = [
        Stream("A", columns_of({"k": varchar(8), "n": BIGINT})),
        Stream("B", columns_of({"n": BIGINT, "sum": BIGINT})),
        Stream("C", columns_of({"rows": BIGINT, "top": BIGINT})),
        Stream("D", columns_of({"rows": BIGINT, "end": TIMESTAMP})),
    ]
    call = Analytic("SUM", N, (K,), Frame(range_ms=1000), BIGINT, "sum")
    slide = Slide(scan("A", {"k": varchar(8), "n": BIGINT}), (call,))
    total = ColumnRef("sum", BIGINT)
    top = Aggregate("LAST_VALUE", total, BIGINT, "top")
    window = tumbling(scan("B", {"sum": BIGINT}), (), (COUNT, top), 2000)
    pumps = [
        pump(project(READ, K, N), streams[0], "P1"),
        pump(project(slide, N, total), streams[1], "P2"),
        pump(project(window, ROWS, ColumnRef("top", BIGINT)), streams[2], "P3"),
        pump(project(scan("C", {"rows": BIGINT}), ROWS, InputRowTime()), streams[3], "P4"),
    ]
    return application(source(COLUMNS), streams, pumps)


def test_a_chain_of_pumps_keeps_the_order() -> None:
    given = records(*((100 * i, {"k": "ab"[i % 2], "n": i}) for i in range(40)))
    outcome = in_every_way(chain(), given)
    sums = [row.values["sum"] for row in outcome.window_rows if row.stream == "B"]
    assert sums == [sum(range(max(i % 2, i - 10), i + 1, 2)) for i in range(40)]
    counts = [tuple(row.values.values()) for row in outcome.window_rows if row.stream == "C"]
    assert counts == [(20, sums[19]), (20, sums[39])]
    ends = [row.values["end"] for row in outcome.window_rows if row.stream == "D"]
    assert ends == ["1970-01-01 00:00:02.000", "1970-01-01 00:00:04.000"]


def test_pseudo_columns_say_what_kinesis_says() -> None:
    columns = {c.name: c.type for c in PSEUDO_COLUMNS}
    stream = Stream("OUT", columns_of(columns))
    refs = [ColumnRef(name, type) for name, type in columns.items()]
    query = project(Scan(SOURCE, PSEUDO_COLUMNS), *refs)
    plan = application(source(COLUMNS), [stream], [pump(query, stream)])
    (row,) = Engine(plan).add(batch_of(records((1500, {})), shard=2)).rows
    assert row.values == {
        "APPROXIMATE_ARRIVAL_TIME": "1970-01-01 00:00:01.500",
        "PARTITION_KEY": "key 0",
        "SEQUENCE_NUMBER": "0",
        "SHARD_ID": "shard-2",
    }


def test_not_null_columns_refuse_null() -> None:
    stream = Stream("OUT", (Column("k", varchar(8)), Column("n", BIGINT, nullable=False)))
    plan = application(source(COLUMNS), [stream], [pump(project(READ, K, N), stream)])
    outcome = in_every_way(plan, records((0, {"k": "a", "n": None}), (1, {"k": "b", "n": 1})))
    assert [dict(row.values) for row in outcome.plain_rows] == [{"k": "b", "n": 1}]
    (letter,) = outcome.letters
    assert letter.reason == 'column "n": NULL in a NOT NULL column'


def test_several_sources_share_the_shards() -> None:
    stream = Stream("OUT", columns_of({"k": varchar(8)}))
    names = [f"{SOURCE[:-1]}{i}" for i in (1, 2)]
    sources = tuple(Source(name, source(COLUMNS).columns) for name in names)
    plan = application(
        sources[0],
        [stream],
        [pump(project(scan(name, {"k": K.type}), K), stream, name) for name in names],
    )
    engine = Engine(replace(plan, sources=sources))
    pumps = []
    for shard in range(4):
        (row,) = engine.add(batch_of(records((0, {"k": "a"})), shard=shard)).rows
        pumps.append(json.loads(row.id)[2])
    assert pumps == [*names, *names]


def test_a_state_that_grows_too_large_is_an_error_that_names_the_operator() -> None:
    engine = Engine(chain(), state_bytes_max=200_000)
    waiting = [Record(i, 5, b'{"k": "a", "n": 1}') for i in range(1000)]
    with pytest.raises(StateTooLarge, match=r"pump P2: .*rows that wait") as raised:
        engine.add(batch_of(waiting))
    assert "--state-max" in str(raised.value.remedy)
    window = tumbling(READ, (K,), (COUNT,), 1000)
    stream = Stream("OUT", columns_of({"rows": BIGINT}))
    plan = application(source(COLUMNS), [stream], [pump(project(window, ROWS), stream)])
    engine = Engine(plan, state_bytes_max=20_000)
    keys = [Record(i, 0, b'{"k": "%d"}' % i) for i in range(1000)]
    with pytest.raises(StateTooLarge, match="1001 groups in 1 windows of GROUP BY"):
        engine.add(batch_of(keys))
