"""The engine's own promises: time, ids, order, letters, chains, state; tables worked by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import analytics_sql
from analytics_sql.compiler import compile_application
from analytics_sql.expression import Arithmetic, ColumnRef, Comparison, Literal, RowTime
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Aggregate, Application, Filter, Pump, Source, Stream
from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    SMALLINT,
    TIMESTAMP,
    SqlType,
)
from fleet.batch import WHOLE, Batch
from fleet.errors import ConfigError, SnapshotCorrupt, SnapshotRefused
from fleet.row import Row
from processor.engine import Emitted, Engine
from processor.operators.rows import Rows
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
from tests.processor.engine.runs import Record, batch_of, in_every_way

MINUTE_MS = 60_000
START_MS = 1_767_225_600_000
"""2026-01-01 00:00:00."""
COLUMNS: dict[str, SqlType] = {"k": varchar(8), "n": INTEGER, "x": DOUBLE}
K, N, X = (ColumnRef(name, type) for name, type in COLUMNS.items())
COUNTS = Stream("COUNTS", columns_of({"k": varchar(8), "rows": BIGINT}))
PLAIN = Stream("PLAIN", columns_of({"k": varchar(8), "n": SMALLINT}))


def counting(size_ms: int = MINUTE_MS) -> Application:
    """SELECT k, COUNT(*) GROUP BY k and the window."""
    count = Aggregate("COUNT", None, BIGINT, "rows")
    window = tumbling(scan(SOURCE, COLUMNS), (K,), (count,), size_ms)
    return application(
        source(COLUMNS), [COUNTS], [pump(project(window, K, ColumnRef("rows", BIGINT)), COUNTS)]
    )


def copying() -> Application:
    """SELECT k, n."""
    return application(
        source(COLUMNS), [PLAIN], [pump(project(scan(SOURCE, COLUMNS), K, N), PLAIN)]
    )


def records(*readings: tuple[int, dict[str, Any] | bytes]) -> list[Record]:
    """(arrival, reading) in order."""
    return [
        Record(i, time, data if isinstance(data, bytes) else json.dumps(data).encode())
        for i, (time, data) in enumerate(readings)
    ]


def values(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return [tuple(row.values.values()) for row in rows]


def workshop() -> Application:
    """The workshop's own text."""
    home = Path(analytics_sql.__file__).parent / "applications" / "wildrydes"
    schema = InputSchema.read(home / "schema.json")
    text = (home / "app.sql").read_text()
    return compile_application(text, name="wildrydes", schema=schema)


def reading(name: str, distance: float, magic: int, health: int) -> dict[str, Any]:
    return {
        "Name": name,
        "StatusTime": "2026-01-01 00:00:00.000",
        "Latitude": 40.7,
        "Longitude": -73.9,
        "Distance": distance,
        "MagicPoints": magic,
        "HealthPoints": health,
    }


def test_the_workshop_s_application() -> None:
    given = records(
        (START_MS, reading("Shadowfax", 29.25, 150, 148)),
        (START_MS + 30_000, reading("Bucephalus", 30000.0, 1, 2)),
        (START_MS + 59_999, reading("Shadowfax", 30.25, 149, 151)),
        (START_MS + 59_999, reading("Bucephalus", 2767.5, 1, 2)),
        (START_MS + 60_000, reading("Shadowfax", 31.4, 147, 150)),
    )
    outcome = in_every_way(workshop(), given)
    names = ["Name", "StatusTime", "Distance", "MinMagicPoints", "MaxMagicPoints"]
    assert [list(row.values)[:5] for row in outcome.window_rows] == [names, names]
    # 29.25 + 30.25 = 59.5 is rounded away from zero.
    assert values(outcome.window_rows) == [
        ("Shadowfax", "2026-01-01 00:01:00.000", 60, 149, 150, 148, 151),
        ("Shadowfax", "2026-01-01 00:02:00.000", 31, 147, 147, 150, 150),
    ]
    # 32767.5 would be 32768, which is no SMALLINT: a letter, not a wrong number.
    (letter,) = outcome.letters
    assert (letter.stage, letter.shard_id, letter.sequence_number) == ("pump STREAM_PUMP", "", "")
    assert letter.arrival_ms == START_MS + 60_000
    assert letter.reason == 'column "Distance": 32767.5 does not fit SMALLINT'
    assert json.loads(letter.data) == {
        "Name": "Bucephalus",
        "StatusTime": "2026-01-01 00:01:00.000",
        "Distance": 32767.5,
        "MinMagicPoints": 1,
        "MaxMagicPoints": 1,
        "MinHealthPoints": 2,
        "MaxHealthPoints": 2,
    }


def test_a_window_is_open_until_the_watermark_reaches_its_end() -> None:
    engine = Engine(counting())
    engine.add(batch_of(records((START_MS + 59_999, {"k": "a"}))))
    assert engine.advance(START_MS + 59_999) == Emitted(Rows(), [])
    (row,) = engine.advance(START_MS + 60_000).rows
    assert (row.stream, row.rowtime_ms) == ("COUNTS", START_MS + 60_000)
    assert engine.advance(START_MS + 600_000) == Emitted(Rows(), [])


def test_a_record_behind_the_watermark_has_the_watermark_as_rowtime() -> None:
    engine = Engine(counting())
    engine.advance(START_MS + 61_000)
    engine.advance(START_MS)  # an older watermark changes nothing
    engine.add(batch_of(records((START_MS, {"k": "a"}))))
    assert engine.watermark_ms == START_MS + 61_000
    (row,) = engine.advance(START_MS + 120_000).rows
    assert row.rowtime_ms == START_MS + 120_000


def test_windows_are_aligned_to_the_epoch_and_empty_ones_put_out_nothing() -> None:
    given = records((-1, {"k": "a"}), (0, {"k": "a"}), (6999, {"k": "b"}), (21_000, {"k": "c"}))
    outcome = in_every_way(counting(7000), given)
    assert [row.rowtime_ms for row in outcome.window_rows] == [0, 7000, 7000, 28_000]


def test_ids_name_application_stream_pump_window_and_keys() -> None:
    given = records((START_MS, {"k": 'a"b'}), (START_MS, {}), (START_MS, {"k": "null"}))
    assert [row.id for row in in_every_way(counting(), given).window_rows] == [
        '["test","COUNTS","PUMP",1767225600000,null]',
        '["test","COUNTS","PUMP",1767225600000,"a\\"b"]',
        '["test","COUNTS","PUMP",1767225600000,"null"]',
    ]
    (row,) = Engine(copying()).add(batch_of(records((START_MS, {"k": "a"})), shard=3)).rows
    assert row.id == '["test","PLAIN","PUMP","shard-3","0"]'
    assert row.rowtime_ms == START_MS


def test_keys_of_every_type_have_an_id_of_their_own() -> None:
    types: dict[str, SqlType] = {"x": DOUBLE, "b": BOOLEAN, "t": TIMESTAMP, "n": BIGINT}
    keys = tuple(ColumnRef(name, type) for name, type in types.items())
    window = tumbling(scan(SOURCE, types), keys, (), 1000)
    stream = Stream("OUT", columns_of(types))
    plan = application(source(types), [stream], [pump(project(window, *keys), stream)])
    given = records(
        (0, {"x": 0.1, "b": True, "t": "1970-01-01 00:00:01", "n": -7}),
        (0, {"x": 1e16, "b": False, "t": None, "n": 2**63 - 1}),
        (1, {"x": -0.0, "b": None, "t": None, "n": None}),
        (2, {"x": 0.0, "b": None, "t": None, "n": None}),
    )
    assert [row.id for row in in_every_way(plan, given).window_rows] == [
        '["test","OUT","PUMP",0,0.0,null,null,null]',
        '["test","OUT","PUMP",0,0.1,true,1000,-7]',
        '["test","OUT","PUMP",0,1e+16,false,null,9223372036854775807]',
    ]


def test_rows_come_by_end_then_by_key_with_null_first() -> None:
    given = records(
        *((START_MS + t, {"k": k}) for t, k in [(0, "b"), (1, "a"), (2, None), (3, "B"), (4, "é")]),
        (START_MS + MINUTE_MS, {"k": "a"}),
        (START_MS + 2 * MINUTE_MS, {"k": "a"}),
    )
    outcome = in_every_way(counting(), given)
    keys = [row.values["k"] for row in outcome.window_rows]
    assert keys == [None, "B", "a", "b", "é", "a", "a"]
    assert [row.rowtime_ms for row in outcome.window_rows][-3:] == [
        START_MS + n * MINUTE_MS for n in (1, 2, 3)
    ]


def test_no_key_is_one_group() -> None:
    sums = (Aggregate("SUM", N, BIGINT, "n"), Aggregate("MIN", K, varchar(8), "k"))
    window = tumbling(scan(SOURCE, COLUMNS), (), sums, 1000)
    stream = Stream("OUT", columns_of({"n": BIGINT, "k": varchar(8)}))
    query = project(window, ColumnRef("n", BIGINT), ColumnRef("k", varchar(8)))
    plan = application(source(COLUMNS), [stream], [pump(query, stream)])
    outcome = in_every_way(plan, records((0, {"n": 1}), (1, {"n": 2, "k": "b"}), (2, {"k": "a"})))
    assert values(outcome.window_rows) == [(3, "a")]
    assert outcome.window_rows[0].id == '["test","OUT","PUMP",0]'


def test_a_record_that_is_no_row_is_a_letter_and_the_batch_goes_on() -> None:
    given = records((5, {"k": "a"}), (6, b'{"k":'), (7, {"k": "b", "n": "x"}), (8, {"k": "c"}))
    engine = Engine(copying())
    emitted = engine.add(batch_of(given, shard=1))
    assert values(emitted.rows) == [("a", None), ("c", None)]
    broken, wrong = emitted.letters
    assert (broken.shard_id, broken.sequence_number, broken.partition_key) == (
        "shard-1",
        "1",
        "key 1",
    )
    assert (broken.stage, broken.arrival_ms, broken.data) == ("decode", 6, b'{"k":')
    assert "not JSON" in broken.reason
    assert wrong.reason == "column \"n\": 'x' is not a INTEGER"
    assert (engine.records_in, engine.records_dead, engine.records_slow) == (4, 2, 2)


def test_a_value_that_overflows_is_a_letter_of_that_row_alone() -> None:
    twice = Arithmetic("*", N, Literal(2, INTEGER), INTEGER)
    query = project(scan(SOURCE, COLUMNS), K, twice)
    plan = application(source(COLUMNS), [PLAIN], [pump(query, PLAIN)])
    given = records((1, {"n": 4}), (2, {"k": "z", "n": 2**30}), (3, {"n": 16384}), (4, {}))
    outcome = in_every_way(plan, given)
    assert values(outcome.plain_rows) == [(None, 8), (None, None)]
    expression, assignment = outcome.letters
    assert (expression.sequence_number, expression.reason) == ("1", "* overflows INTEGER")
    assert json.loads(expression.data) == {"k": "z", "n": 2**30, "x": None}
    assert (assignment.sequence_number, assignment.arrival_ms) == ("2", 3)
    assert assignment.reason == 'column "n": 32768 does not fit SMALLINT'
    assert json.loads(assignment.data) == {"k": None, "n": 32768}


def test_having_sees_the_aggregates() -> None:
    count = Aggregate("COUNT", None, BIGINT, "rows")
    window = tumbling(scan(SOURCE, COLUMNS), (K,), (count,), 1000)
    rows = ColumnRef("rows", BIGINT)
    many = Filter(window, Comparison(">", rows, Literal(1, INTEGER)))
    plan = application(source(COLUMNS), [COUNTS], [pump(project(many, K, rows), COUNTS)])
    outcome = in_every_way(plan, records(*((0, {"k": k}) for k in "abab c")))
    assert values(outcome.window_rows) == [("a", 2), ("b", 2)]


def chain() -> Application:
    """Ten-second counts, summed by thirty seconds; and plain rows that join them."""
    every = Stream("EVERY", columns_of({"k": varchar(2), "rows": BIGINT}))
    totals = Stream("TOTALS", columns_of({"rows": BIGINT, "parts": BIGINT, "end": TIMESTAMP}))
    late = Stream("LATE", columns_of({"k": varchar(2), "time": TIMESTAMP}))
    count = Aggregate("COUNT", None, BIGINT, "rows")
    rows, parts = ColumnRef("rows", BIGINT), ColumnRef("parts", BIGINT)
    window = tumbling(scan(SOURCE, COLUMNS), (K,), (count,), 10_000)
    sums = (Aggregate("SUM", rows, BIGINT, "rows"), Aggregate("COUNT", None, BIGINT, "parts"))
    short = {"k": varchar(2), "rows": BIGINT}
    second = tumbling(scan("EVERY", short), (), sums, 30_000)
    zero = Filter(scan(SOURCE, COLUMNS), Comparison("=", N, Literal(0, INTEGER)))
    return application(
        source(COLUMNS),
        [every, totals, late],
        [
            pump(project(window, K, rows), every, "COUNTING"),
            pump(project(zero, K, Literal(100, BIGINT)), every, "ZEROES"),
            pump(project(second, rows, parts, RowTime()), totals, "ADDING"),
            pump(
                project(scan("EVERY", short), ColumnRef("k", varchar(2)), RowTime()), late, "LATE"
            ),
        ],
    )


def test_pumps_read_what_other_pumps_put_out() -> None:
    given = records(
        (1000, {"k": "a", "n": 0}),
        (9000, {"k": "a"}),
        (9500, {"k": "long"}),
        (12_000, {"k": "b"}),
        (29_000, {"k": "b"}),
        (31_000, {"k": "b"}),
    )
    outcome = in_every_way(chain(), given)
    # The row of the zero comes at once, with its record's ROWTIME, and so does its copy.
    assert [(row.stream, *row.values.values()) for row in outcome.plain_rows] == [
        ("EVERY", "a", 100),
        ("LATE", "a", "1970-01-01 00:00:01.000"),
    ]
    # "long" does not fit VARCHAR(2): that row is a letter, and nobody downstream sees it.
    assert [letter.stage for letter in outcome.letters] == ["pump COUNTING"]
    # A window's row has its end as ROWTIME: the count up to 0:30 belongs to the next half minute.
    assert [(row.stream, *row.values.values()) for row in outcome.window_rows] == [
        ("EVERY", "a", 2),
        ("LATE", "a", "1970-01-01 00:00:10.000"),
        ("EVERY", "b", 1),
        ("LATE", "b", "1970-01-01 00:00:20.000"),
        ("EVERY", "b", 1),
        ("LATE", "b", "1970-01-01 00:00:30.000"),
        ("TOTALS", 103, 3, "1970-01-01 00:00:30.000"),
        ("EVERY", "b", 1),
        ("LATE", "b", "1970-01-01 00:00:40.000"),
        ("TOTALS", 2, 2, "1970-01-01 00:01:00.000"),
    ]


def test_rows_of_one_record_by_different_pumps_have_different_ids() -> None:
    outcome = in_every_way(chain(), records((1000, {"k": "a", "n": 0}), (20_000, {})))
    ids = [row.id for row in [*outcome.plain_rows, *outcome.window_rows]]
    assert len(set(ids)) == len(ids)
    assert '["test","LATE","LATE","ZEROES","shard","0"]' in ids
    assert '["test","LATE","LATE","COUNTING",0,"a"]' in ids


def test_a_state_goes_on_in_another_engine() -> None:
    first = Engine(counting())
    first.add(batch_of(records((START_MS, {"k": "a"}), (START_MS + 61_000, {"k": "b"}))))
    first.advance(START_MS + 1)
    second = Engine(counting())
    second.load(first.dump())
    assert (second.watermark_ms, second.open_windows) == (START_MS + 1, 2)
    second.add(batch_of(records((START_MS + 2, {"k": "a"}))))
    assert values(second.advance(START_MS + MINUTE_MS).rows) == [("a", 2)]
    assert second.groups < 10


def test_states_of_another_plan_or_version_are_refused() -> None:
    state = Engine(counting()).dump()
    other = counting()
    other = Application(other.name, other.sources, other.streams, other.pumps, "another")
    with pytest.raises(SnapshotRefused, match="another plan"):
        Engine(other).load(state)
    with pytest.raises(SnapshotRefused, match="version 0"):
        # The version is the first number of the array: 0x94, 1 -> 0.
        Engine(counting()).load(state[:1] + b"\0" + state[2:])
    for broken in (b"", b"\xc1", b"{}", state[:-3], b"\x90"):
        with pytest.raises(SnapshotCorrupt, match="no state"):
            Engine(counting()).load(broken)


def test_an_engine_that_was_loaded_knows_its_time() -> None:
    engine = Engine(counting())
    assert Engine(counting()).watermark_ms < START_MS - (1 << 50)
    engine.advance(START_MS)
    again = Engine(counting())
    again.load(engine.dump())
    again.add(batch_of(records((0, {"k": "a"}))))
    assert again.advance(START_MS + MINUTE_MS).rows[0].rowtime_ms == START_MS + MINUTE_MS


def test_plans_that_are_not_run_are_refused() -> None:
    plan = copying()
    with pytest.raises(ConfigError, match="reads no source"):
        Engine(application(source(COLUMNS), [PLAIN], []))
    two = Source("OTHER", source({"k": varchar(8), "n": BIGINT}).columns)
    reader = Pump("P", project(scan("OTHER", COLUMNS), K, N), "PLAIN", PLAIN.columns)
    with pytest.raises(ConfigError, match="sources with different columns"):
        Engine(Application("a", (*plan.sources, two), plan.streams, (*plan.pumps, reader), ""))
    times = Stream("OUT", columns_of({"n": TIMESTAMP}))
    query = project(scan(SOURCE, COLUMNS), N)
    with pytest.raises(ConfigError, match=r'pump PUMP, column "n": .* INTEGER .* TIMESTAMP'):
        Engine(application(source(COLUMNS), [times], [pump(query, times)]))
    window = tumbling(scan(SOURCE, COLUMNS), (), (Aggregate("SUM", K, BIGINT, "s"),), 1)
    query = project(window, ColumnRef("s", BIGINT))
    with pytest.raises(ConfigError, match="SUM of type VARCHAR"):
        Engine(application(source(COLUMNS), [COUNTS], [pump(query, COUNTS)]))


def aggregated(engine: Engine) -> Emitted:
    """A Kinesis record of three user records, the second of which its aggregate spoilt, and one
    that is whole.
    """
    return engine.add(
        Batch(
            shard_id="shard-0",
            records=[b'{"k":"a","n":1}', b'{"k":"a","n":2}', b'{"k":"a"', b'{"k":"a","n":4}'],
            arrival_ms=np.array([START_MS] * 4, np.int64),
            sequence_numbers=["7", "7", "7", "8"],
            partition_keys=["a", "", "a", "outer"],
            position="8",
            sub_sequence_numbers=[0, 1, 2, WHOLE],
            broken={1: "it names partition key 5 of 1 in its aggregate"},
        )
    )


def test_user_records_of_an_aggregate_are_told_apart() -> None:
    emitted = aggregated(Engine(copying()))
    assert [row.values["n"] for row in emitted.rows] == [1, 4]
    assert len({row.id for row in emitted.rows}) == 2
    assert [(each.sequence_number, each.stage) for each in emitted.letters] == [
        ("7:1", "decode"),
        ("7:2", "decode"),
    ]
    assert emitted.letters[0].reason == "it names partition key 5 of 1 in its aggregate"
    assert emitted.letters[0].data == b'{"k":"a","n":2}'


def test_an_aggregate_of_broken_user_records_makes_letters_only() -> None:
    engine = Engine(counting())
    batch = Batch(
        "shard-0",
        [b"{}"],
        np.array([START_MS], np.int64),
        ["7"],
        [""],
        "7",
        sub_sequence_numbers=[0],
        broken={0: "no key"},
    )
    emitted = engine.add(batch)
    assert [letter.sequence_number for letter in emitted.letters] == ["7:0"]
    assert (list(emitted.rows), engine.records_dead) == ([], 1)
