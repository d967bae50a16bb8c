"""The promise: read, decode, plan, sinks, one snapshot; in this order, whatever happens.

Rows are durable in every sink before the snapshot that no longer holds their window is saved. A
processor that dies in between makes the same rows again, and sinks that overwrite by row id end up
with the same content as if nothing had happened.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace

from fleet.batch import Batch, later
from fleet.clock import Clock
from fleet.errors import RowRefused
from fleet.race import done_before
from fleet.row import DeadLetter, Row
from processor.engine import Engine
from processor.progress import Progress
from processor.resume import start_positions
from processor.snapshot.base import Snapshot, SnapshotStore
from processor.source.base import Source
from processor.watermark import Watermark
from sinks.base import DeadLetterSink, RecordSink, Sink

SNAPSHOT_INTERVAL_MS = 1000
"""At most this much is processed again after a crash. Rows written ask for a snapshot at once, so
that the summary stream, which cannot overwrite, repeats as little as possible.
"""


SOURCE_PART = "stream"
"""What the progress calls the source when it has to be waited for."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where rows, records and dead letters go."""

    streams: Collection[str]
    """The in-application streams whose rows go out; the others only feed pumps."""
    rows: Sequence[Sink]
    records: Sequence[RecordSink]
    dead_letters: DeadLetterSink
    prepare: Callable[[], Awaitable[None]] | None = None
    """Makes what is missing; awaited once, before the sinks are opened."""


class Pipeline:
    """Runs one application over one source, from a snapshot on. It owns the order of things; all
    its parts are given.
    """

    def __init__(
        self,
        engine: Engine,
        source: Source,
        outputs: Outputs,
        snapshots: SnapshotStore,
        start: Snapshot,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._engine = engine
        self._source = source
        self._outputs = outputs
        self._viewers = [sink for sink in outputs.records if sink.cursor() is None]
        self._keepers = [sink for sink in outputs.records if sink.cursor() is not None]
        self._snapshots = snapshots
        self._snapshot = start
        self._clock = clock
        self._progress = progress
        self._positions = dict(start.positions)
        self._watermark = Watermark((), {})
        self._opening: asyncio.Task[None] | None = None
        self._unsaved = False

    async def run(self, stop: asyncio.Event) -> None:
        """Processes batches until `stop` is set or the source has ended; then what was read is
        processed, the snapshot is saved, and the sinks are closed. Open windows stay open in it.
        """
        start = self._snapshot
        if start.state:
            self._engine.load(start.state)
        await self._open_dead_letters()
        for sink in self._viewers:
            await sink.open({})
        self._opening = asyncio.create_task(self._open(), name="open sinks")
        # A sink that cannot open ends the run at once, not when the first window closes.
        self._opening.add_done_callback(
            lambda opening: stop.set() if not opening.cancelled() and opening.exception() else None
        )
        try:
            cursors = [start.cursors.get(sink.name, {}) for sink in self._keepers]
            shards = await self._source.open(start_positions(self._positions, cursors))
            self._watermark = Watermark(shards, start.clocks_ms)
            self._progress.running = True
            while (batch := await self._next(stop)) is not None:
                await self._step(batch)
            if self._opening.done():
                await self._opened()
            await self._source.close()
            while (batch := self._source.read_now()) is not None:
                await self._step(batch)
            await self._save()
        finally:
            self._progress.running = False
            await self._close()

    async def _step(self, batch: Batch) -> None:
        """The promise, for one batch."""
        self._progress.went_on(SOURCE_PART)
        position = self._positions.get(batch.shard_id)
        fresh = batch.after(position)
        arrived = self._engine.add(fresh)
        self._watermark.observe(batch)
        closed = self._engine.advance(self._watermark.now_ms)
        streams = self._outputs.streams
        rows = [*arrived.rows.of(streams), *closed.rows.of(streams)]
        await self._write_records(batch)
        refused = await self._write_rows(rows)
        await self._write_letters(arrived.letters + closed.letters + refused)
        if batch.position is not None:
            self._positions[batch.shard_id] = later(position, batch.position) or batch.position
        self._count(fresh, rows)
        self._unsaved |= bool(rows) or self._positions.get(batch.shard_id) != position
        # A machine's clock may be set back: then the age is negative, and a save is due too.
        fresh_enough = 0 <= self._clock.now_ms() - self._snapshot.saved_ms < SNAPSHOT_INTERVAL_MS
        if rows or not fresh_enough:
            await self._save()

    async def _next(self, stop: asyncio.Event) -> Batch | None:
        """The next batch, or None when `stop` comes first or the source has ended."""
        if stop.is_set():
            return None
        if (batch := self._source.read_now()) is not None:
            # Lets the readers, the viewers and the status have their turn under load.
            await asyncio.sleep(0)
            return batch
        return await done_before(stop, self._source.read())

    async def _write_records(self, batch: Batch) -> None:
        # What keeps nothing (the live map) sees readings before anything is waited for.
        for sink in self._viewers:
            await sink.write(batch)
        for sink in self._keepers:
            await self._opened()
            await sink.write(batch)
            self._progress.went_on(sink.name)

    async def _write_rows(self, rows: list[Row]) -> list[DeadLetter]:
        """Writes to all sinks at once; returns the rows that a sink refuses for good."""
        if not rows:
            return []
        await self._opened()
        letters: list[DeadLetter] = []
        by_id = {row.id: row for row in rows}

        async def write(sink: Sink) -> None:
            try:
                await sink.write(rows)
            except RowRefused as error:
                letters.extend(_letter(sink, by_id[row_id], why) for row_id, why in error.refused)
            self._progress.went_on(sink.name)

        async with asyncio.TaskGroup() as group:
            for sink in self._outputs.rows:
                group.create_task(write(sink))
        return sorted(letters, key=lambda letter: (letter.stage, letter.data))

    async def _write_letters(self, letters: list[DeadLetter]) -> None:
        if letters:
            await self._outputs.dead_letters.write(letters)
            self._progress.records_dead += len(letters)
            self._unsaved = True

    async def _save(self) -> None:
        """Positions and state in one conditional write."""
        if not self._unsaved:
            return
        await self._opened()
        keepers: list[RecordSink | DeadLetterSink]
        keepers = [*self._keepers, self._outputs.dead_letters]
        cursors = {k.name: cursor for k in keepers if (cursor := k.cursor()) is not None}
        self._snapshot = replace(
            self._snapshot,
            saved_ms=self._clock.now_ms(),
            positions=dict(self._positions),
            clocks_ms=self._watermark.clocks_ms,
            state=self._engine.dump(),
            cursors=cursors,
        )
        await self._snapshots.save(self._snapshot)
        self._unsaved = False
        self._progress.snapshots += 1
        self._progress.snapshot_bytes = len(self._snapshot.state)
        self._progress.saved_ms = self._snapshot.saved_ms

    async def _open(self) -> None:
        """Opens everything at once. Runs beside the reading, so that viewers need not wait for a
        table; whoever writes waits for it.
        """
        cursors = self._snapshot.cursors
        if self._outputs.prepare is not None:
            await self._outputs.prepare()
        async with asyncio.TaskGroup() as group:
            for sink in self._outputs.rows:
                group.create_task(sink.open())
            for keeper in self._keepers:
                group.create_task(keeper.open(cursors.get(keeper.name, {})))

    async def _open_dead_letters(self) -> None:
        """Before anything is read: a letter written before the first snapshot knows how long the
        file was would be written twice after a crash.
        """
        keeper = self._outputs.dead_letters
        await keeper.open(self._snapshot.cursors.get(keeper.name, {}))
        cursors = {**self._snapshot.cursors, keeper.name: keeper.cursor()}
        self._snapshot = replace(self._snapshot, cursors=cursors)
        await self._snapshots.save(self._snapshot)

    async def _opened(self) -> None:
        """Waits until everything is open; raises what kept it from opening."""
        assert self._opening is not None
        await asyncio.shield(self._opening)

    async def _close(self) -> None:
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        await self._source.close()
        for sink in self._outputs.rows:
            await sink.close()
        for record_sink in self._outputs.records:
            await record_sink.close()
        await self._outputs.dead_letters.close()

    def _count(self, batch: Batch, rows: list[Row]) -> None:
        progress = self._progress
        progress.records_in += len(batch)
        progress.bytes_in += sum(map(len, batch.records))
        progress.rows_out += len(rows)
        progress.windows_closed += len({(row.stream, row.rowtime_ms) for row in rows})
        if len(batch):
            progress.lag_ms = max(0, self._clock.now_ms() - int(batch.arrival_ms[-1]))
        progress.watermark_ms = self._watermark.now_ms


def _letter(sink: Sink, row: Row, why: str) -> DeadLetter:
    return DeadLetter(
        shard_id="",
        sequence_number="",
        arrival_ms=row.rowtime_ms,
        partition_key="",
        stage=f"sink {sink.name}",
        reason=why,
        data=json.dumps(dict(row.values)).encode(),
    )
