"""A table that changes while records are read, and a processor that dies around that place: every
record was looked up in the rows that it saw first, as long as what is stored stays what it is.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, ReferenceTable
from fleet.timestamp import timestamp_text
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.reference_tables.content import TableContent, decode_table
from processor.reference_tables.memory import MemoryPlace
from processor.reference_tables.tables import ReferenceTables
from processor.resume import resume
from processor.source.memory import MemoryRecord, MemoryShard, MemorySource
from tests.processor.lives import (
    Crash,
    FragileLetters,
    FragileSink,
    Fuse,
    Outside,
    TickingClock,
)
from tests.processor.reference_tables.conftest import SCHEMA, ZONES
from tests.processor.world import MINUTE_MS, START_MS, STREAM

SQL = """
CREATE STREAM LOAD (ZONE VARCHAR(16), READINGS BIGINT);
CREATE PUMP P AS INSERT INTO LOAD
SELECT STREAM z.ZONE, COUNT(*) FROM "SOURCE_SQL_STREAM_001" AS s JOIN ZONES AS z ON s.K = z.K
GROUP BY z.ZONE, FLOOR(s.ROWTIME TO MINUTE);
"""
OLD, NEW = b"1,North\n", b"1,South\n"
CHANGED_AT = 9
"""The batch before which the table changes."""


def compiled() -> tuple[Application, ReferenceTable]:
    zones = InputSchema.from_json(json.loads(ZONES), where="here")
    table = ReferenceTable("ZONES", zones.columns, "zones.csv", zones.format)
    schema = InputSchema.from_json(json.loads(SCHEMA), where="here")
    return compile_application(SQL, name="world", schema=schema, tables=[table]), table


APPLICATION, TABLE = compiled()
ARRIVALS_MS = [START_MS + 4_000 * i for i in range(80)]
SHARDS = [
    MemoryShard(
        "shard",
        [MemoryRecord(b'{"K": 1, "N": 1}', arrival_ms) for arrival_ms in ARRIVALS_MS],
        tip_ms=ARRIVALS_MS[-1] + 2 * MINUTE_MS,
    )
]


class Changing(ReferenceTables):
    """The table changes at one place of the first life, in which it had its old rows."""

    def __init__(self, place: MemoryPlace) -> None:
        self.progress = Progress()
        super().__init__([TABLE], {"ZONES": place}, self.progress)
        self._place = place
        self._batches = 0

    def fill(self, engine: Engine) -> None:
        super().fill(engine)
        self._batches = 0

    def take(self) -> dict[str, TableContent]:
        self._batches += 1
        if self._batches == CHANGED_AT and self._place.data == OLD:
            self._place.data = NEW
            self._fresh["ZONES"] = decode_table(TABLE, NEW)
        return super().take()


async def life(
    outside: Outside, place: MemoryPlace, fuse: Fuse, pipeline: type[Pipeline] = Pipeline
) -> Changing:
    """From the snapshot that is there to its end or its crash; batches are those of one seed."""
    outside.snapshots.fuse = fuse
    start, _ = await resume(outside.snapshots, APPLICATION, STREAM)
    letters = FragileLetters(outside.letters, fuse)
    outputs = Outputs(APPLICATION.outputs, [FragileSink(outside.rows, fuse)], [], letters)
    tables, engine = Changing(place), Engine(APPLICATION)
    await tables.load(lambda reason, _: pytest.fail(reason))
    tables.fill(engine)
    source, snapshots = MemorySource(SHARDS, seed=3), outside.snapshots
    clock, progress = TickingClock(), tables.progress
    await pipeline(
        engine, source, outputs, snapshots, start, clock, progress, tables
    ).run(asyncio.Event())  # fmt: skip
    return tables


async def straight() -> tuple[Outside, int, int]:
    """What comes without a crash, the steps of it, and the step at which the table changes."""
    outside, place, fuse = Outside(), MemoryPlace(OLD), Fuse()
    changed: list[int] = []

    class Noticing(Pipeline):
        async def _exchange_tables(self) -> None:
            was_old = place.data == OLD
            await super()._exchange_tables()
            if was_old and place.data == NEW:
                changed.append(fuse.steps)

    await life(outside, place, fuse, Noticing)
    return outside, fuse.steps, changed[0]


def counted(outside: Outside) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in outside.rows.values():
        found[str(row.values["ZONE"])] += int(str(row.values["READINGS"]))
    return found


async def test_each_record_sees_the_rows_of_its_time() -> None:
    outside, _, _ = await straight()
    batches, source = 0, MemorySource(SHARDS, seed=3)
    await source.open({})
    old = 0
    while (batch := source.read_now()) is not None:
        batches += 1
        old += len(batch) if batches < CHANGED_AT else 0
    assert 0 < old < len(ARRIVALS_MS)
    assert counted(outside) == {"North": old, "South": len(ARRIVALS_MS) - old}
    # And the minute in which the table changed has rows of both.
    minute = timestamp_text((ARRIVALS_MS[old] // MINUTE_MS + 1) * MINUTE_MS)
    ends = [(timestamp_text(r.rowtime_ms), r.values["ZONE"]) for r in outside.rows.values()]
    assert {zone for end, zone in ends if end == minute} == {"North", "South"}


def stays(_place: MemoryPlace) -> None:
    """What is stored is what it was when the processor died."""


async def dying(
    at: int,
    pipeline: type[Pipeline] = Pipeline,
    after: Callable[[MemoryPlace], None] = stays,
    table: bytes = OLD,
) -> Outside:
    outside, place = Outside(), MemoryPlace(table)
    try:
        await life(outside, place, Fuse(at), pipeline)
    except* Crash:
        after(place)
        await life(outside, place, Fuse())
    return outside


async def test_dying_after_the_change_changes_nothing() -> None:
    expected, steps, changed = await straight()
    assert steps - changed > 10
    for at in range(changed + 1, steps + 1):
        assert (await dying(at)).content() == expected.content(), f"died at step {at}"


async def test_dying_with_a_table_that_stays_changes_nothing() -> None:
    expected, fuse = Outside(), Fuse()
    await life(expected, MemoryPlace(NEW), fuse)
    assert counted(expected) == {"South": len(ARRIVALS_MS)}
    for at in range(1, fuse.steps + 1):
        assert (await dying(at, table=NEW)).content() == expected.content(), f"died at step {at}"


async def test_the_snapshot_knows_which_rows_come_next() -> None:
    _, steps, changed = await straight()
    for at in (changed, changed + 1, steps):
        outside = await dying(at)
        saved = await outside.snapshots.load()
        assert saved is not None
        assert saved.tables == {"ZONES": decode_table(TABLE, NEW).digest}


class ExchangeFirst(Pipeline):
    """Wrong: the records before the place of the change may be read again, with the new rows."""

    async def _exchange_tables(self) -> None:
        fresh = {} if self._tables is None else self._tables.take()
        for name, content in fresh.items():
            self._engine.tables[name].replace(content.vectors, content.count)


async def test_control_an_exchange_without_a_snapshot_is_caught() -> None:
    expected, steps, changed = await straight()
    for at in range(changed - 2, steps + 1):
        if (await dying(at, ExchangeFirst)).content() != expected.content():
            return
    pytest.fail("no crash showed it")


async def test_control_a_table_that_changes_behind_a_crash_is_another_answer() -> None:
    """What is not promised: docs/semantics.md."""

    def change(place: MemoryPlace) -> None:
        place.data = b"1,East\n"

    expected, steps, changed = await straight()
    found = [(await dying(at, after=change)).content() for at in range(changed + 1, steps)]
    assert any(content != expected.content() for content in found)
