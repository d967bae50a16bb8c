"""Runs an application over records: each shard in order, the watermark as a processor would have
it, and at the end the end of time, so that every window closes.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from analytics_sql.plan import Application
from fleet.batch import SHARD_END, Batch
from fleet.row import Row
from processor.engine import Emitted, Engine
from processor.error_stream import NAME as ERROR_STREAM, error_row
from processor.reference_tables.engine import ready_engine
from processor.watermark import END_MS, Watermark
from wildrydes.trial.record_file import FileRecord

BATCH_RECORDS = 4096


class Trial:
    """One run of an application; `renew` may replace the engine after each batch, as a restart
    does.
    """

    def __init__(
        self,
        application: Application,
        renew: Callable[[Engine], Engine] | None = None,
        *,
        state_bytes_max: int | None = None,
    ) -> None:
        self._application = application
        self._engine = ready_engine(application, state_bytes_max=state_bytes_max)
        self._renew = renew
        order = [stream.name for stream in application.streams]
        self._places = {name: place for place, name in enumerate([*order, ERROR_STREAM])}
        self._held: list[Row] = []

    def run(self, records: Iterable[FileRecord]) -> Iterator[list[Row]]:
        """The rows of all in-application streams and of error_stream, in the order of ROWTIME,
        then of CREATE STREAM. Raises ConfigError as reading the records does.

        Records that name no shard are taken in as they are read. Of several shards all must be
        known before the first window may close, so those records are held in memory.
        """
        source = iter(records)
        first = next(source, None)
        if first is None:
            return
        records = chain([first], source)
        counts: Counter[str] | None = None
        if first.names_shard:
            records = list(records)
            counts = Counter(record.shard_id for record in records)
        yield from self.run_batches(batches(records, counts), counts or {first.shard_id})

    def run_batches(self, source: Iterable[Batch], shards: Iterable[str]) -> Iterator[list[Row]]:
        """As `run`, for records that are cut into batches already."""
        watermark = Watermark(set(shards), {})
        for batch in source:
            added = self._engine.add(batch)
            self._take(added)
            watermark.observe(batch, added.clock_ms)
            self._take(self._engine.advance(watermark.now_ms))
            if self._renew is not None:
                self._engine = self._renew(self._engine)
            yield self._settled(watermark.now_ms)
        self._take(self._engine.advance(END_MS))
        yield self._settled(END_MS)

    def _take(self, emitted: Emitted) -> None:
        self._held += emitted.rows
        self._held += [error_row(self._application.name, letter) for letter in emitted.letters]

    def _settled(self, watermark_ms: int) -> list[Row]:
        """The rows of which the watermark says that none before them, and no correction of them, is
        still to come, in order; of a row that was corrected the last.
        """
        time = self._application.event_time
        before_ms = watermark_ms
        if time is not None and time.correct_ms is not None and watermark_ms < END_MS:
            before_ms -= time.correct_ms
            self._held = list({row.id: row for row in self._held}.values())
        rows = [row for row in self._held if row.rowtime_ms < before_ms]
        self._held = [row for row in self._held if row.rowtime_ms >= before_ms]
        rows.sort(key=lambda row: (row.rowtime_ms, self._places[row.stream]))
        return rows


def batch_of(records: Sequence[FileRecord], *, is_last: bool = False) -> Batch:
    """Records of one shard as a batch; `is_last`: the shard ends with it."""
    return Batch(
        shard_id=records[0].shard_id,
        records=[record.data for record in records],
        arrival_ms=np.array([record.arrival_ms for record in records], np.int64),
        sequence_numbers=[record.sequence_number for record in records],
        partition_keys=[record.partition_key for record in records],
        position=SHARD_END if is_last else records[-1].sequence_number,
    )


def batches(
    records: Iterable[FileRecord],
    counts: Counter[str] | None = None,
    size: Callable[[], int] = lambda: BATCH_RECORDS,
) -> Iterator[Batch]:
    """Runs of records of one shard, each of at most `size()`. With `counts`, how many records each
    shard has, a shard ends with its last record.
    """
    chunk: list[FileRecord] = []
    left = Counter(counts)
    limit = size()

    def cut() -> Batch:
        left[chunk[0].shard_id] -= len(chunk)
        return batch_of(chunk, is_last=left[chunk[0].shard_id] == 0)

    for record in records:
        if chunk and (len(chunk) >= limit or record.shard_id != chunk[0].shard_id):
            yield cut()
            chunk, limit = [], size()
        chunk.append(record)
    if chunk:
        yield cut()
