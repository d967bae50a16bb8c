"""Event time is exact: which records are late, and what the others make of the windows, does not
depend on batches, shards' turns, tips, restarts or this machine's clock. The controls at the end
are wrong on purpose, and must be caught.
"""

import asyncio
import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analytics_sql.plan import EventTime
from fleet.errors import SnapshotRefused
from fleet.timestamp import timestamp_text
from processor.columns import Columns
from processor.engine import Engine
from processor.operators.correct import CorrectingTumbleOperator
from processor.resume import resume
from processor.rowtime import LATE, WRONG, EventTimes, Stamped
from tests.processor.event_world import (
    CORRECTING,
    DROPPING,
    EventWorld,
    TellingSource,
    asked_of_duckdb,
    make_event_world,
)
from tests.processor.lives import Outside, lives, straight
from tests.processor.world import APPLICATION, START_MS, STREAM, make_world

MODES = pytest.mark.parametrize("time", [DROPPING, CORRECTING], ids=["error-stream", "correct"])


def told(outside: Outside) -> tuple[dict[str, Any], dict[tuple[str, str], int], set[Any]]:
    """Rows by name and time, where they have both; which records were late, and by how much; which
    had no event time.
    """
    rows = {
        f"{r.values['Name']} {r.values['StatusTime']}": dict(r.values)
        for r in outside.rows.values()
        if "StatusTime" in r.values
    }
    assert len(rows) in (0, len(outside.rows))
    late = {}
    for letter in outside.letters:
        if letter.stage == LATE:
            match = re.match(r"late by ([\d,]+) ms", letter.reason)
            assert match is not None
            late[letter.shard_id, letter.sequence_number] = int(match[1].replace(",", ""))
    wrong = {(d.shard_id, d.sequence_number) for d in outside.letters if d.stage == WRONG}
    assert len(outside.letters) == len(late) + len(wrong)
    return rows, late, wrong


def truth(world: EventWorld) -> tuple[dict[str, Any], dict[tuple[str, str], int], set[Any]]:
    return world.rows, world.late, world.wrong


@MODES
@pytest.mark.parametrize("seed", range(3))
async def test_any_interleaving_gives_what_plain_python_and_duckdb_give(
    seed: int, time: EventTime
) -> None:
    world = make_event_world(seed, time)
    assert len(world.late) > 3
    assert len(world.accepted) > 100
    for turn in range(3):
        outside, _ = await straight(world, seed=turn, source=TellingSource)
        assert told(outside) == truth(world)


@MODES
async def test_dying_at_any_step_changes_nothing(time: EventTime) -> None:
    world = make_event_world(1, time, per_shard=25)
    _, steps = await straight(world, source=TellingSource)
    for at in range(1, steps + 1, 17):
        outside = Outside()
        await lives(world, outside, [at], seed=at, source=TellingSource)
        assert told(outside) == truth(world), f"died at step {at}"


@pytest.mark.long
@MODES
@pytest.mark.parametrize("seed", range(40))
async def test_dying_again_and_again(seed: int, time: EventTime) -> None:
    world = make_event_world(seed, time)
    rng = random.Random(seed)
    _, steps = await straight(world, source=TellingSource)
    for _ in range(15):
        outside = Outside()
        fuses = [rng.randrange(1, steps) for _ in range(rng.randint(1, 4))]
        await lives(world, outside, fuses, seed=rng.randrange(1 << 30), source=TellingSource)
        assert told(outside) == truth(world), fuses


SOURCE = 'FROM "SOURCE_SQL_STREAM_001" AS s'
OTHERS = {
    "sliding": (
        f"""CREATE STREAM OUT_ (N VARCHAR(16), T TIMESTAMP, S DOUBLE, LEAST SMALLINT, ROWS_ BIGINT);
        CREATE PUMP P AS INSERT INTO OUT_ SELECT STREAM "Name", s.ROWTIME,
        SUM("Distance") OVER W, MIN("MagicPoints") OVER W, COUNT(*) OVER W {SOURCE}
        WINDOW W AS (PARTITION BY "Name" RANGE INTERVAL '7' SECOND PRECEDING);""",
        """SELECT name, t, sum(x) OVER w, min(m) OVER w, count(*) OVER w FROM r
        WINDOW w AS (PARTITION BY name ORDER BY t RANGE BETWEEN 7000 PRECEDING AND CURRENT ROW)""",
    ),
    "chain": (
        f"""CREATE STREAM TENS (N VARCHAR(16), TOTAL DOUBLE);
        CREATE PUMP P AS INSERT INTO TENS SELECT STREAM "Name", SUM("Distance") {SOURCE}
        GROUP BY "Name", STEP(s.ROWTIME BY INTERVAL '10' SECOND);
        CREATE STREAM OUT_ (N VARCHAR(16), T TIMESTAMP, MOST DOUBLE, ROWS_ BIGINT);
        CREATE PUMP Q AS INSERT INTO OUT_ SELECT STREAM N, ROWTIME, MAX(TOTAL), COUNT(*)
        FROM TENS AS t GROUP BY N, STEP(t.ROWTIME BY INTERVAL '30' SECOND);""",
        """SELECT name, (e // 30000 + 1) * 30000, max(total), count(*) FROM
        (SELECT name, (t // 10000 + 1) * 10000 AS e, sum(x) AS total FROM r GROUP BY ALL)
        GROUP BY ALL""",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("seed", range(3))
async def test_sliding_windows_and_chains_give_what_duckdb_gives(seed: int, name: str) -> None:
    sql, query = OTHERS[name]
    world = make_event_world(seed, DROPPING, per_shard=30, sql=sql)
    wanted = sorted(
        (name, timestamp_text(time_ms), *values)
        for name, time_ms, *values in asked_of_duckdb(world, query)
    )
    _, steps = await straight(world, source=TellingSource)
    for at in (steps // 3, 2 * steps // 3):
        outside = Outside()
        await lives(world, outside, [at], seed=at, source=TellingSource)
        assert sorted(tuple(row.values.values()) for row in outside.rows.values()) == wanted
        assert told(outside)[1:] == truth(world)[1:]


class LyingClock:
    """Hours off, and jumps back and forth each time it is asked."""

    scale = 1.0

    def __init__(self) -> None:
        self._random = random.Random(7)

    def now_ms(self) -> int:
        return START_MS + self._random.randrange(-9 * 3_600_000, 9 * 3_600_000)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(3))
async def test_a_lying_clock_changes_nothing(seed: int) -> None:
    arrivals = make_world(seed)
    expected, steps = await straight(arrivals)
    events = make_event_world(seed, CORRECTING)
    for at in (steps // 3,):
        outside = Outside()
        await lives(arrivals, outside, [at], seed=at, clock=LyingClock)
        assert outside.content() == expected.content()
        outside = Outside()
        await lives(events, outside, [at], seed=at, clock=LyingClock, source=TellingSource)
        assert told(outside) == truth(events)


# -- controls: each is wrong in one place, and the tests above must see it ------------------------


class ByTheWatermark(EventTimes):
    """Judges by the clock of all shards, which depends on who was read first."""

    def stamp(self, shard_id: str, columns: Columns, watermark_ms: int) -> Stamped:
        self._watermark_ms = watermark_ms
        return super().stamp(shard_id, columns, watermark_ms)

    def _judge(self, shard_id: str, event_ms: Any, arrival_ms: Any) -> Any:
        super()._judge(shard_id, event_ms, arrival_ms)
        return np.full(len(event_ms), self._watermark_ms)


class TipsCount(EventTimes):
    """Keeps what a tip said, so that it depends on when the reader looked."""

    def clock_ms(self, batch: Any) -> int:
        clock_ms = super().clock_ms(batch)
        known = self._shards.get(batch.shard_id)
        if known is not None and batch.tip_ms is not None:
            self._shards[batch.shard_id] = type(known)(clock_ms, known.arrival_ms)
        return clock_ms


class ForgetsClocks(EventTimes):
    """A restart does not know how far the shards had come."""

    def load(self, state: Any) -> None:
        super().load({})


def engine_with(kind: type[EventTimes]) -> type[Engine]:
    class Wrong(Engine):
        def __init__(self, application: Any) -> None:
            super().__init__(application)
            assert application.event_time is not None
            self._row_times = kind(application.event_time)

    return Wrong


class KeepsNothing(Engine):
    """Lets go of a window when it closes."""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        for pump in self._pumps:
            for operator in pump.operators:
                if isinstance(operator, CorrectingTumbleOperator):
                    operator._kept_ms = 0


@pytest.mark.parametrize(
    ("engine", "time"),
    [
        (engine_with(ByTheWatermark), DROPPING),
        (engine_with(TipsCount), DROPPING),
        (engine_with(ForgetsClocks), DROPPING),
        (KeepsNothing, CORRECTING),
    ],
    ids=["by the watermark", "tips count", "forgets clocks", "keeps nothing"],
)
async def test_control_a_wrong_engine_is_caught(engine: type[Engine], time: EventTime) -> None:
    for seed in range(3):
        world = make_event_world(seed, time)
        outside = Outside()
        await lives(world, outside, [60], seed=seed, source=TellingSource, engine=engine)
        if told(outside) != truth(world):
            return
    pytest.fail("no seed shows it")


async def test_state_by_another_time_is_refused_whatever_is_asked_for() -> None:
    world = make_event_world(0, DROPPING, per_shard=10)
    outside, _ = await straight(world)
    for other in (CORRECTING, replace(CORRECTING, correct_ms=5)):
        application = make_event_world(0, other, per_shard=10).application
        with pytest.raises(SnapshotRefused, match="do not fit"):
            await resume(outside.snapshots, application, STREAM, policy="keep")
    with pytest.raises(SnapshotRefused, match='rows by the time in "At"'):
        await resume(outside.snapshots, APPLICATION, STREAM, policy="keep")
    patient = make_event_world(0, replace(DROPPING, idle_ms=None), per_shard=10).application
    _, message = await resume(outside.snapshots, patient, STREAM)
    assert message.startswith("going on")
