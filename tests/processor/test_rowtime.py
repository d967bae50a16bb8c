"""The clock of a shard on event time, by hand-worked histories; the fast way against the rule."""

import random

import numpy as np
import pytest

from analytics_sql.plan import EventTime
from analytics_sql.types import TIMESTAMP
from fleet.batch import SHARD_END, Batch
from processor.columns import Columns, vector_of
from processor.operators.lineage import RecordLineage
from processor.rowtime import LATE, WRONG, EventTimes
from processor.watermark import BEGINNING_MS

# Event times of the years 1970 on: a reason shows them as text.
T = EventTime("T", lateness_ms=10, idle_ms=100, future_ms=50)


def batch(shard: str, *arrivals_ms: int, tip_ms: int | None = None, children: str = "") -> Batch:
    n = len(arrivals_ms)
    return Batch(
        shard_id=shard,
        records=[b"{}"] * n,
        arrival_ms=np.array(arrivals_ms, np.int64),
        sequence_numbers=[str(i) for i in range(n)],
        partition_keys=[""] * n,
        position=SHARD_END if children else None,
        tip_ms=tip_ms,
        children=tuple(children),
    )


def rows(*pairs: tuple[int, int | None]) -> Columns:
    """(arrival, event time) of each."""
    arrivals = np.array([arrival for arrival, _ in pairs], np.int64)
    events = vector_of([event for _, event in pairs], TIMESTAMP)
    return Columns({"T": events}, arrivals, RecordLineage(batch("a", *arrivals.tolist())))


def late(times: EventTimes, shard: str, *pairs: tuple[int, int | None]) -> list[int]:
    """Which of the rows are late."""
    return sorted(times.stamp(shard, rows(*pairs), BEGINNING_MS).failed.get(LATE, {}))


def test_a_row_is_late_behind_the_latest_less_the_lateness() -> None:
    times = EventTimes(T)
    stamped = times.stamp("a", rows((500, 500), (501, 495), (502, 490), (503, 489)), BEGINNING_MS)
    assert stamped.columns.rowtime_ms.tolist() == [500, 495, 490]
    assert list(stamped.failed[LATE]) == [3]
    assert stamped.failed[LATE][3].startswith(
        "late by 1 ms: its event time 1970-01-01 00:00:00.489"
    )
    assert times.clock_ms(batch("a")) == 490


def test_what_is_ahead_of_its_arrival_counts_as_its_arrival() -> None:
    times = EventTimes(T)
    assert late(times, "a", (500, 550), (501, 490), (502, 489)) == [2]
    stamped = times.stamp("a", rows((510, 561), (511, None)), BEGINNING_MS)
    assert stamped.failed[WRONG] == {
        0: "its event time 1970-01-01 00:00:00.561 is 51 ms after its arrival",
        1: 'column "T", its event time, is NULL',
    }
    assert not len(stamped.columns)


def test_silence() -> None:
    times = EventTimes(T)
    assert late(times, "a", (500, 500)) == []
    assert times.clock_ms(batch("a", tip_ms=600)) == 490
    assert times.clock_ms(batch("a", tip_ms=630)) == 520
    # The tip told nothing that the next row's own arrival does not say.
    assert late(times, "a", (640, 529)) == [0]
    assert late(times, "a", (640, 530)) == []
    assert times.clock_ms(batch("a", tip_ms=740)) == 530


def test_a_shard_without_rows() -> None:
    assert EventTimes(T).clock_ms(batch("a")) == BEGINNING_MS
    assert EventTimes(T).clock_ms(batch("a", tip_ms=1000)) == 890
    assert late(EventTimes(T), "a", (1000, 889), (1001, 890), (1002, 892), (1003, 892)) == [0, 1]
    patient = EventTimes(EventTime("T", 10, None, None))
    assert patient.clock_ms(batch("a", tip_ms=1000)) == BEGINNING_MS
    assert late(patient, "a", (1000, 5), (1001, 9_000_000)) == []


def test_children_go_on_where_their_parents_ended() -> None:
    times = EventTimes(T)
    late(times, "a", (500, 400))
    times.end(batch("a", children="cd"))
    assert times.clock_ms(batch("c")) == times.clock_ms(batch("d")) == 390
    late(times, "b", (300, 300))
    assert times.clock_ms(batch("b", tip_ms=550)) == 440
    for parent in "cb":
        times.end(batch(parent, children="e"))
    # Until c's silence is over b's clock is ahead, which has been silent for longer.
    assert times.clock_ms(batch("e", tip_ms=450)) == 390
    assert times.clock_ms(batch("e", tip_ms=550)) == 440
    assert times.clock_ms(batch("e", tip_ms=600)) == 490


def test_the_watermark_is_never_behind_what_is_late() -> None:
    """A source that said that nothing was to come is held to its word."""
    times = EventTimes(T)
    stamped = times.stamp("a", rows((500, 480), (501, 500)), 490)
    assert list(stamped.failed[LATE]) == [0]


class Slow(EventTimes):
    def _judge(self, shard_id: str, event_ms: object, arrival_ms: object) -> object:  # type: ignore[override]
        return self._judge_slowly(shard_id, event_ms, arrival_ms)  # type: ignore[arg-type]


@pytest.mark.parametrize("idle_ms", [None, 30])
@pytest.mark.parametrize("seed", range(30))
def test_any_cut_and_any_way_give_the_same(seed: int, idle_ms: int | None) -> None:
    rng = random.Random(seed)
    settings = EventTime("T", 10, idle_ms, 20)
    arrival_ms, pairs = 1000, []
    for _ in range(60):
        arrival_ms += rng.choice([0, 1, 5, 5, 40])
        event_ms = None if rng.random() < 0.1 else arrival_ms - rng.randrange(-25, 60)
        pairs.append((arrival_ms, event_ms))
    ways: list[tuple[EventTimes, int]] = [(EventTimes(settings), 60), (EventTimes(settings), 7)]
    found = []
    for times, size in [*ways, (Slow(settings), 60), (Slow(settings), 1)]:
        failed: list[tuple[str, int, str]] = []
        for start in range(0, len(pairs), size):
            stamped = times.stamp("a", rows(*pairs[start : start + size]), BEGINNING_MS)
            for stage, reasons in stamped.failed.items():
                failed += [(stage, start + row, why) for row, why in reasons.items()]
            fresh = type(times)(settings)
            fresh.load(times.dump())
            times = fresh
        found.append((sorted(failed), times.dump()))
    assert all(each == found[0] for each in found)
    assert found[0][0]
