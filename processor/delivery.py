"""Out to every sink: opening them all at once, writing to them side by side, closing them.

What a sink refuses for good becomes a dead letter; what it cannot take now it waits for, and the
progress says so.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from fleet.batch import Batch
from fleet.errors import RowRefused
from fleet.row import DeadLetter, Row
from processor.progress import Progress
from sinks.base import AppendingSink, Cursor, DeadLetterSink, RecordSink, RowSink, Sink

Cursors = Mapping[str, Cursor]
"""Sink name -> how far its durable output reaches."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where rows, records and dead letters go."""

    streams: Collection[str]
    """The in-application streams whose rows go out; the others only feed pumps."""
    rows: Sequence[RowSink]
    records: Sequence[RecordSink]
    dead_letters: DeadLetterSink
    takes: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By name of a sink of rows, the streams whose rows it takes; one that is not named takes all
    of them.
    """
    prepare: Callable[[], Awaitable[None]] | None = None
    """Makes what is missing; awaited once, before the sinks are opened."""


class Delivery:
    """Owns the sinks of one run. The order of the calls is the pipeline's affair."""

    def __init__(self, outputs: Outputs, progress: Progress) -> None:
        self._outputs = outputs
        self._progress = progress
        self._viewers = [sink for sink in outputs.records if sink.cursor() is None]
        self._keepers = [sink for sink in outputs.records if sink.cursor() is not None]
        self._overwriting: list[Sink] = []
        self._cut_back: list[AppendingSink | DeadLetterSink] = [outputs.dead_letters]
        for sink in outputs.rows:
            if isinstance(sink, AppendingSink):
                self._cut_back.append(sink)
            else:
                self._overwriting.append(sink)
        self._opening: asyncio.Task[None] | None = None

    async def open_cut_back(self, cursors: Cursors) -> None:
        """Whatever is cut back to the snapshot, before anything is read: dead letters, which may
        have to be written at any time, and rows in files.
        """
        for sink in self._cut_back:
            await sink.open(cursors.get(sink.name, {}))

    def cut_back_cursors(self) -> dict[str, Cursor]:
        """How far those reach."""
        return {sink.name: sink.cursor() for sink in self._cut_back}

    async def open_viewers(self) -> None:
        """What shows records and keeps none."""
        for sink in self._viewers:
            await sink.open({})

    def start_opening(self, cursors: Cursors, on_failure: Callable[[], None]) -> None:
        """Opens the others beside the reading, so that viewers need not wait for a table; whoever
        writes waits for it. `on_failure` is told at once, not when the first window closes.
        """
        self._opening = asyncio.create_task(self._open(cursors), name="open sinks")
        self._opening.add_done_callback(
            lambda opening: (
                on_failure() if not opening.cancelled() and opening.exception() else None
            )
        )

    @property
    def is_open(self) -> bool:
        """Whether opening has ended, well or not."""
        return self._opening is not None and self._opening.done()

    async def opened(self) -> None:
        """Waits until everything is open; raises what kept it from opening."""
        assert self._opening is not None
        await asyncio.shield(self._opening)

    async def write_records(self, batch: Batch) -> None:
        """The records as they were read, to whoever wants those."""
        # What keeps nothing (the live map) sees readings before anything is waited for.
        for sink in self._viewers:
            await sink.write(batch)
        for sink in self._keepers:
            await self.opened()
            with self._timed(sink.name):
                await sink.write(batch)

    async def write_rows(self, rows: Sequence[Row]) -> list[DeadLetter]:
        """Writes to all sinks at once, to each the rows of its streams; returns the rows that a
        sink refuses for good.
        """
        await self.opened()
        letters: list[DeadLetter] = []
        by_id = {row.id: row for row in rows}

        async def write(sink: RowSink, wanted: Sequence[Row]) -> None:
            with self._timed(sink.name):
                try:
                    await sink.write(wanted)
                except RowRefused as error:
                    letters.extend(
                        _letter(sink, by_id[row_id], why) for row_id, why in error.refused
                    )

        async with asyncio.TaskGroup() as group:
            for sink in self._outputs.rows:
                if wanted := self._wanted(sink, rows):
                    group.create_task(write(sink, wanted))
        return sorted(letters, key=lambda letter: (letter.stage, letter.data))

    async def write_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Returns when they are durable."""
        with self._timed(self._outputs.dead_letters.name):
            await self._outputs.dead_letters.write(letters)

    def cursors(self, is_over: Callable[[str], bool]) -> dict[str, Cursor]:
        """What is durable now, of every sink that holds something back or may be cut back; without
        the shards that are over.
        """
        kept = {
            keeper.name: {shard: at for shard, at in cursor.items() if not is_over(shard)}
            for keeper in self._keepers
            if (cursor := keeper.cursor()) is not None
        }
        return {**kept, **self.cut_back_cursors()}

    def held(self, cursors: Cursors) -> list[Cursor]:
        """Of `cursors`, those of the sinks that need records again that they have held back."""
        return [cursors.get(sink.name, {}) for sink in self._keepers]

    async def close(self) -> None:
        """Lets go of every sink."""
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        sinks: list[RowSink | RecordSink | DeadLetterSink]
        sinks = [*self._outputs.rows, *self._outputs.records, self._outputs.dead_letters]
        for sink in sinks:
            await sink.close()

    async def _open(self, cursors: Cursors) -> None:
        if self._outputs.prepare is not None:
            await self._outputs.prepare()
        async with asyncio.TaskGroup() as group:
            for sink in self._overwriting:
                group.create_task(sink.open())
            for keeper in self._keepers:
                group.create_task(keeper.open(cursors.get(keeper.name, {})))

    def _wanted(self, sink: RowSink, rows: Sequence[Row]) -> Sequence[Row]:
        streams = self._outputs.takes.get(sink.name)
        return rows if streams is None else [row for row in rows if row.stream in streams]

    @contextmanager
    def _timed(self, sink: str) -> Iterator[None]:
        """Counts a write that returns."""
        started_s = time.perf_counter()
        yield
        self._progress.wrote(sink, (time.perf_counter() - started_s) * 1000)


def _letter(sink: RowSink, row: Row, why: str) -> DeadLetter:
    return DeadLetter(
        shard_id="",
        sequence_number="",
        arrival_ms=row.rowtime_ms,
        partition_key="",
        stage=f"sink {sink.name}",
        reason=why,
        data=json.dumps(dict(row.values)).encode(),
    )
