"""The promise: read, decode, plan, sinks, one snapshot; in this order, whatever happens.

Rows are durable in every sink before the snapshot that no longer holds their window is saved. A
processor that dies in between makes the same rows again, and sinks that overwrite by row id end up
with the same content as if nothing had happened.

Before rows are written the snapshot store is asked whether a newer processor has taken over: then
this one stops. A processor that is paused between the question and the write, for however long, is
held off by the sinks, which know the epoch of a row (sinks/base.py).
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from fleet.batch import SHARD_END, Batch, later
from fleet.clock import Clock
from fleet.race import done_before
from fleet.row import DeadLetter, Row
from processor import error_stream
from processor.delivery import Delivery, Outputs
from processor.engine import Engine
from processor.progress import Progress, ShardProgress
from processor.reference_tables.tables import ReferenceTables
from processor.resume import start_positions
from processor.rowtime import LATE
from processor.snapshot.base import Snapshot, SnapshotStore
from processor.source.base import Source
from processor.watermark import BEGINNING_MS, Watermark

log = logging.getLogger(__name__)

SNAPSHOT_INTERVAL_MS = 1000
"""At most this much is processed again after a crash. Rows written ask for a snapshot at once, so
that the summary stream, which cannot overwrite, repeats as little as possible.
"""

HEARTBEAT_S = 5.0
"""A snapshot is saved so often even when nothing has changed: a successor that waits its turn
(processor/standby.py) knows by it that this processor lives.
"""

SOURCE_PART = "stream"
"""What the progress calls the source when it has to be waited for."""

SNAPSHOT_PART = "snapshot"
"""What it calls the store of snapshots then."""


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
        tables: ReferenceTables | None = None,
    ) -> None:
        """`tables` are those that `engine` was filled from; None: it has none."""
        self._engine = engine
        self._source = source
        self._streams = outputs.streams
        self._delivery = Delivery(outputs, progress)
        self._snapshots = snapshots
        self._snapshot = start
        self._clock = clock
        self._progress = progress
        self._tables = tables
        self._positions = dict(start.positions)
        self._watermark = Watermark((), {})
        self._unsaved = False
        self._saved_s = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Processes batches until `stop` is set or the source has ended; then what was read is
        processed, the snapshot is saved, and the sinks are closed. Open windows stay open in it.

        Raises Superseded when a newer processor of the application has taken over.
        """
        start = self._snapshot
        self._progress.epoch = start.epoch
        if start.state:
            self._engine.load(start.state)
        try:
            await self._open_cut_back()
            await self._delivery.open_viewers()
            self._delivery.start_opening(self._snapshot.cursors, stop.set)
            held = self._delivery.held(start.cursors)
            shards = await self._source.open(start_positions(self._positions, held))
            self._watermark = Watermark(shards, start.clocks_ms)
            self._progress.running = True
            while (batch := await self._next(stop)) is not None:
                await self._step(batch)
            if self._delivery.is_open:
                await self._delivery.opened()
            await self._source.close()
            while (batch := self._source.read_now()) is not None:
                await self._step(batch)
            await self._release()
        finally:
            self._progress.running = False
            await self._source.close()
            await self._delivery.close()

    async def _step(self, batch: Batch) -> None:
        """The promise, for one batch."""
        self._progress.went_on(SOURCE_PART)
        await self._exchange_tables()
        position = self._positions.get(batch.shard_id)
        fresh = batch.after(position)
        arrived = self._engine.add(fresh)
        self._watermark.observe(batch, arrived.clock_ms)
        closed = self._engine.advance(self._watermark.now_ms)
        rows = [*arrived.rows.of(self._streams), *closed.rows.of(self._streams)]
        letters = arrived.letters + closed.letters
        if error_stream.NAME in self._streams:
            name = self._snapshot.application
            rows += [error_stream.error_row(name, letter) for letter in letters]
        await self._write_records(batch)
        if rows or letters:
            await self._fence()
        letters += await self._write_rows(rows)
        await self._write_letters(letters)
        if batch.position is not None:
            self._positions[batch.shard_id] = later(position, batch.position) or batch.position
        if batch.position == SHARD_END:
            self._log(f"ended; it goes on in {', '.join(batch.children) or 'no shard'}", batch)
        self._count(batch, fresh, rows)
        self._unsaved |= bool(rows) or self._positions.get(batch.shard_id) != position
        if rows or self._is_save_due():
            await self._save()

    async def _exchange_tables(self) -> None:
        """Reference tables that have changed, between two batches. The snapshot comes first:
        records before this place are never read again, so that they have seen the old rows for
        good, and those after it see the new ones, also after a crash.
        """
        fresh = {} if self._tables is None else self._tables.take()
        if not fresh:
            return
        digests = {name: content.digest for name, content in fresh.items()}
        self._snapshot = replace(self._snapshot, tables={**self._snapshot.tables, **digests})
        await self._save()
        for name, content in fresh.items():
            self._engine.tables[name].replace(content.vectors, content.count)

    async def _next(self, stop: asyncio.Event) -> Batch | None:
        """The next batch, or None when `stop` comes first or the source has ended."""
        if stop.is_set():
            return None
        if (batch := self._source.read_now()) is not None:
            # Lets the readers, the viewers and the status have their turn under load.
            await asyncio.sleep(0)
            return batch
        return await done_before(stop, self._source.read(), beat=self._beat, beat_s=HEARTBEAT_S)

    async def _beat(self) -> None:
        """Nothing comes, because the stream is out of reach: a sign of life all the same. Raises
        Superseded, so that a processor with nothing to read ends too.
        """
        if self._delivery.is_open:
            await self._save()

    async def _fence(self) -> None:
        """Raises Superseded when a newer processor has taken over."""
        await self._snapshots.check(self._snapshot.epoch)

    async def _write_records(self, batch: Batch) -> None:
        await self._delivery.write_records(batch)

    async def _write_rows(self, rows: Sequence[Row]) -> list[DeadLetter]:
        """Returns the rows that a sink refuses for good."""
        return await self._delivery.write_rows(rows) if rows else []

    async def _write_letters(self, letters: list[DeadLetter]) -> None:
        if letters:
            await self._delivery.write_letters(letters)
            self._progress.records_dead += len(letters)
            self._progress.records_late += sum(letter.stage == LATE for letter in letters)
            self._unsaved = True

    def _is_save_due(self) -> bool:
        if not self._unsaved:
            return asyncio.get_running_loop().time() - self._saved_s >= HEARTBEAT_S
        # A machine's clock may be set back: then the age is negative, and a save is due too.
        age_ms = self._clock.now_ms() - self._snapshot.saved_ms
        return not 0 <= age_ms < SNAPSHOT_INTERVAL_MS

    async def _save(self) -> None:
        """Positions and state in one conditional write."""
        await self._delivery.opened()
        await self._store(
            replace(
                self._snapshot,
                positions=self._positions_kept(),
                clocks_ms=self._watermark.clocks_ms,
                state=self._engine.dump(),
                figures=self._engine.figures,
                cursors=self._delivery.cursors(self._source.is_over),
            )
        )
        self._unsaved = False

    def _positions_kept(self) -> dict[str, str]:
        """Without those of shards that are over: a stream that is resharded for years must not make
        its snapshots grow.
        """
        is_over = self._source.is_over
        return {
            shard: position for shard, position in self._positions.items() if not is_over(shard)
        }

    async def _release(self) -> None:
        """The last save: whoever waits its turn need not wait any longer."""
        self._snapshot = replace(self._snapshot, released=True)
        # How far the time has come is not in `unsaved`, and is what finds a gap at the next start.
        if self._unsaved or self._delivery.is_open:
            await self._save()
        else:
            await self._store(self._snapshot)
        epoch = self._snapshot.epoch
        log.info("epoch %d has stopped and is released", epoch, extra={"epoch": epoch})

    async def _open_cut_back(self) -> None:
        """A letter, or a row in a file, that is written before the first snapshot knows how long
        the file was would be there twice after a crash: so that snapshot is saved before anything
        is read.
        """
        await self._delivery.open_cut_back(self._snapshot.cursors)
        cursors = {**self._snapshot.cursors, **self._delivery.cut_back_cursors()}
        await self._store(replace(self._snapshot, cursors=cursors))

    async def _store(self, snapshot: Snapshot) -> None:
        self._snapshot = replace(snapshot, saved_ms=self._clock.now_ms())
        self._saved_s = asyncio.get_running_loop().time()
        started_s = time.perf_counter()
        await self._snapshots.save(self._snapshot)
        progress = self._progress
        progress.went_on(SNAPSHOT_PART)
        progress.snapshots += 1
        progress.snapshot_bytes = len(self._snapshot.state)
        progress.snapshot_ms = (time.perf_counter() - started_s) * 1000
        progress.saved_ms = self._snapshot.saved_ms

    def _log(self, news: str, batch: Batch) -> None:
        where = {"shard": batch.shard_id, "epoch": self._snapshot.epoch}
        log.info("%s %s", batch.shard_id, news, extra=where)

    def _count(self, batch: Batch, fresh: Batch, rows: Sequence[Row]) -> None:
        progress, now_ms = self._progress, self._clock.now_ms()
        progress.records_in += len(fresh)
        progress.bytes_in += sum(map(len, fresh.records))
        progress.rows_out += len(rows)
        progress.windows_closed += len({(row.stream, row.rowtime_ms) for row in rows})
        if self._watermark.now_ms != BEGINNING_MS:
            progress.watermark_ms = self._watermark.now_ms
        progress.state_bytes = self._engine.state_bytes
        before = progress.shards.get(batch.shard_id)
        arrival_ms = before.arrival_ms if before is not None else None
        if len(batch):
            arrival_ms = int(batch.arrival_ms[-1])
        progress.shards[batch.shard_id] = ShardProgress(
            arrival_ms, at_tip=batch.tip_ms is not None, seen_ms=now_ms
        )
        if batch.position == SHARD_END:
            del progress.shards[batch.shard_id]
