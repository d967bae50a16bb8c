"""Which changes of an application its state survives: pairs of texts, and what comes out."""

import json
from typing import Any

import pytest

from analytics_sql.event_time import with_event_time
from analytics_sql.plan import EventTime
from fleet.errors import SnapshotRefused
from processor.engine import Engine, adopted
from processor.snapshot.fit import misfits, newcomers
from tests.processor.engine.runs import Record, batch_of
from tests.processor.snapshot.texts import compiled

MINUTE_MS = 60_000

TUMBLE = """
CREATE STREAM OUT (NAME VARCHAR(16), TOTAL DOUBLE, N BIGINT);
CREATE PUMP P AS INSERT INTO OUT
SELECT STREAM "Name", SUM("Distance") AS total, COUNT(*) AS n
FROM "SOURCE_SQL_STREAM_001" AS s
GROUP BY "Name", FLOOR(s.ROWTIME TO MINUTE);
"""
SLIDE = """
CREATE STREAM OUT (NAME VARCHAR(16), TOTAL DOUBLE);
CREATE PUMP P AS INSERT INTO OUT
SELECT STREAM "Name", SUM("Distance") OVER w AS total
FROM "SOURCE_SQL_STREAM_001" AS s
WINDOW w AS (PARTITION BY "Name" RANGE INTERVAL '1' MINUTE PRECEDING);
"""
LAST = """
CREATE STREAM OUT (NAME VARCHAR(16), D DOUBLE);
CREATE PUMP P AS INSERT INTO OUT
SELECT STREAM "Name", LAST_VALUE("Distance") FROM "SOURCE_SQL_STREAM_001" AS s
GROUP BY "Name", FLOOR(s.ROWTIME TO MINUTE);
"""
COPY = """
CREATE STREAM OUT (NAME VARCHAR(16));
CREATE PUMP P AS INSERT INTO OUT SELECT STREAM "Name" FROM "SOURCE_SQL_STREAM_001";
"""
COMPATIBLE = {
    "an average instead of a sum": (TUMBLE, 'SUM("Distance")', '2 * AVG("Distance")'),
    "a comment": (TUMBLE, "GROUP BY", "-- by the minute\nGROUP BY"),
    "what a select item is called": (TUMBLE, "AS total", "AS sum_of_all"),
    "what a column of the stream is called": (TUMBLE, "TOTAL DOUBLE", "KILOMETERS DOUBLE"),
    "the type of a column of the stream": (TUMBLE, "TOTAL DOUBLE", "TOTAL INTEGER"),
    "a filter": (TUMBLE, "GROUP BY", 'WHERE "MagicPoints" > 10 GROUP BY'),
    "HAVING": (TUMBLE, "MINUTE);", "MINUTE) HAVING COUNT(*) > 1;"),
    "one more output of what there is": (
        TUMBLE.replace("N BIGINT", "N BIGINT, AGAIN BIGINT"),
        "COUNT(*) AS n",
        "COUNT(*) AS n, COUNT(*) + 1",
    ),
    "the same window in other words": (
        TUMBLE,
        "FLOOR(s.ROWTIME TO MINUTE)",
        "STEP(s.ROWTIME BY INTERVAL '60' SECOND)",
    ),
    "what is made of a sliding sum": (SLIDE, "OVER w AS", "OVER w * 2 AS"),
    "a filter before a sliding sum": (SLIDE, "WINDOW w", 'WHERE "Distance" > 1 WINDOW w'),
}
INCOMPATIBLE = {
    "a window's size": (TUMBLE, "TO MINUTE", "TO HOUR", "windows of 3600 s"),
    "one more key": (TUMBLE, 'GROUP BY "Name"', 'GROUP BY "Name", "MagicPoints"', "MagicPoints"),
    "another key": (
        TUMBLE.replace('"Name", SUM', "'', SUM"),
        'GROUP BY "Name"',
        'GROUP BY LOWER("Name")',
        "LOWER",
    ),
    "one more aggregate": (TUMBLE, "COUNT(*) AS n", 'MAX("MagicPoints") AS n', "MAX"),
    "another aggregate": (TUMBLE, "SUM(", "STDDEV_POP(", "squares"),
    "a type that is summed": (
        TUMBLE,
        'SUM("Distance")',
        'SUM(CAST("Distance" AS DECIMAL(8,2)))',
        "DECIMAL",
    ),
    "another column": (TUMBLE, 'SUM("Distance")', 'SUM("Latitude")', "Latitude"),
    "a frame": (SLIDE, "'1' MINUTE", "'2' MINUTE", "RANGE 120 SECOND"),
    "a partition": (SLIDE, 'PARTITION BY "Name"', 'PARTITION BY "MagicPoints"', "MagicPoints"),
    "a pump's name": (TUMBLE, "PUMP P", "PUMP Q", "pump P is gone"),
    "no window at all": (
        TUMBLE,
        TUMBLE[TUMBLE.index("SELECT") :],
        PLAIN_SELECT := ('SELECT STREAM "Name", "Distance", 1 FROM "SOURCE_SQL_STREAM_001";'),
        "nothing",
    ),
    "rows that wait with fewer columns": (
        LAST,
        'GROUP BY "Name"',
        'WHERE "MagicPoints" > 1 GROUP BY "Name"',
        "MagicPoints",
    ),
}


def changed(text: str, old: str, new: str) -> str:
    """What a select list needs beside the change is the text's own affair."""
    assert text.replace(old, new) != text
    return text.replace(old, new)


@pytest.mark.parametrize("change", COMPATIBLE.values(), ids=COMPATIBLE)
def test_the_state_fits(change: tuple[str, str, str]) -> None:
    text, old, new = change
    before = compiled(text.replace(", AGAIN BIGINT", ""))
    after = compiled(changed(text, old, new))
    first, second = Engine(before), Engine(after)
    assert misfits(first.shape, second.shape) == []
    # A reading of each half: both count, in the window and in the frame.
    assert not list(first.add(batch_of([reading(0, 1_000, 2.5)])).rows)
    state = first.dump()
    if before.fingerprint != after.fingerprint:
        with pytest.raises(SnapshotRefused):
            second.load(state)
    second.load(adopted(state, after.fingerprint))
    second.add(batch_of([reading(1, 2_000, 4.0)]))
    rows = [list(row.values.values()) for row in second.advance(MINUTE_MS).rows]
    straight = Engine(after)
    straight.add(batch_of([reading(0, 1_000, 2.5), reading(1, 2_000, 4.0)]))
    assert rows == [list(row.values.values()) for row in straight.advance(MINUTE_MS).rows]
    assert rows[-1][1] in (
        6.5,
        7,
        13.0,
    )  # the sum, or twice the average; as an INTEGER; twice the sum


@pytest.mark.parametrize("change", INCOMPATIBLE.values(), ids=INCOMPATIBLE)
def test_the_state_does_not_fit_and_why(change: tuple[str, str, str, str]) -> None:
    text, old, new, why = change
    found = misfits(Engine(compiled(text)).shape, Engine(compiled(changed(text, old, new))).shape)
    assert len(found) >= 1
    assert why in " ".join(found)


def test_a_state_by_one_time_does_not_fit_windows_by_another() -> None:
    for text in (TUMBLE, COPY):
        arrival = compiled(text)
        event = with_event_time(arrival, EventTime("StatusTime"))
        patient = with_event_time(arrival, EventTime("StatusTime", lateness_ms=60_000))
        assert misfits(Engine(event).shape, Engine(patient).shape) == []
        for before, after in ((arrival, event), (event, arrival)):
            (found,) = misfits(Engine(before).shape, Engine(after).shape)
            assert 'rows by the time in "StatusTime"' in found


def test_rows_that_were_filtered_out_before_stay_out() -> None:
    """The window goes on with what the old version took in."""
    before = compiled(TUMBLE.replace("GROUP BY", 'WHERE "Distance" > 3 GROUP BY'))
    after = compiled(TUMBLE)
    first, second = Engine(before), Engine(after)
    first.add(batch_of([reading(0, 1_000, 2.5), reading(1, 1_500, 4.0)]))
    second.load(adopted(first.dump(), after.fingerprint))
    second.add(batch_of([reading(2, 2_000, 1.0)]))
    (row,) = second.advance(MINUTE_MS).rows
    assert list(row.values.values()) == ["Bucephalus", 5.0, 2]


def test_a_new_pump_starts_empty_and_the_others_go_on() -> None:
    more = TUMBLE + TUMBLE.replace("OUT", "MORE").replace("PUMP P", "PUMP Q")
    before, after = compiled(TUMBLE), compiled(more)
    first, second = Engine(before), Engine(after)
    assert misfits(first.shape, second.shape) == []
    assert newcomers(first.shape, second.shape) == ["Q"]
    first.add(batch_of([reading(0, 1_000, 2.5)]))
    second.load(adopted(first.dump(), after.fingerprint))
    second.add(batch_of([reading(1, 2_000, 4.0)]))
    rows = {row.stream: list(row.values.values()) for row in second.advance(MINUTE_MS).rows}
    assert rows == {"OUT": ["Bucephalus", 6.5, 2], "MORE": ["Bucephalus", 4.0, 1]}


def reading(number: int, arrival_ms: int, distance: float) -> Record:
    values: dict[str, Any] = {"Name": "Bucephalus", "Distance": distance, "MagicPoints": 100}
    return Record(number, arrival_ms, json.dumps(values).encode())
