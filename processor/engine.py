"""The engine: record bytes in, rows out, by the plan. Pure, synchronous, columnar.

No I/O, no clock, no threads: what comes out depends on the records and on the watermarks it is
told, and on nothing else. So one record of a shard more or less in a batch, another interleaving of
the shards, or a restart from `dump` never changes a row, its id, or the last bit of a sum.

Time. ROWTIME of a record is the later of its arrival and the watermark (it is assigned at ingest
and never decreases, DG:timestamps-rowtime-concepts.md), so no record is ever late. A window closes
when the watermark reaches its end. Rows that a pump puts into a stream keep their ROWTIME for the
pumps that read it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from analytics_sql.plan import Application, Source, SourceColumn, scan_of
from fleet.batch import Batch
from fleet.errors import ConfigError, SnapshotCorrupt, SnapshotRefused
from fleet.row import DeadLetter, Row
from processor.columns import Columns
from processor.decode.base import Decoded, Decoder
from processor.decode.choice import choose_decoder
from processor.operators.failure import sound_rows
from processor.operators.lineage import RecordLineage
from processor.operators.pump import RunningPump
from processor.watermark import BEGINNING_MS

STATE_VERSION: Final = 1
WORDS_MIN: Final = 16_384
"""The dictionaries of the decoder may hold so many words beyond twice those of live groups."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """What one step put out."""

    rows: list[Row]
    """Of all in-application streams: windows in the order of their ends, the pumps of one end in
    the order of the plan, the groups of a window in the order of their keys (NULL first).
    """
    letters: list[DeadLetter]


class Engine:
    """Runs one application. Raises ConfigError when the plan asks for what is not run."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._pumps = [RunningPump(application, pump) for pump in application.pumps]
        self._source = _source_of(application)
        self._decoder: Decoder = choose_decoder(_columns_read(application, self._source))
        self._watermark_ms = BEGINNING_MS
        self._records_in = 0
        self._records_dead = 0

    def add(self, batch: Batch) -> Emitted:
        """Takes the records of a batch; returns the rows of plain projections, and dead letters for
        the records and rows that fail. Never raises for what is in a record.
        """
        emitted = Emitted([], [])
        if len(batch) == 0:
            return emitted
        self._records_in += len(batch)
        self._decoder.forget(WORDS_MIN + 2 * max(pump.groups for pump in self._pumps))
        decoded = self._decoder.decode(batch.records)
        rowtime_ms = np.maximum(batch.arrival_ms, self._watermark_ms)
        columns = Columns(decoded.vectors, rowtime_ms, RecordLineage(batch))
        if decoded.errors:
            self._records_dead += len(decoded.errors)
            emitted.letters.extend(_undecoded(batch, decoded))
            columns = columns.take(sound_rows(len(batch), dict(decoded.errors)))
        if len(columns):
            self._feed(self._source.name, columns, emitted)
        return emitted

    def advance(self, watermark_ms: int) -> Emitted:
        """Tells that no record with an earlier arrival is to come; returns the rows of the windows
        that ended by then, first to end first. A watermark below the last one changes nothing.
        """
        emitted = Emitted([], [])
        while (end_ms := self._next_end_ms()) is not None and end_ms <= watermark_ms:
            # A window fed by the rows of another ends later than that one, as they carry its end.
            for pump in self._pumps:
                for columns in pump.close(end_ms, emitted.letters):
                    self._put(pump, columns, emitted)
        self._watermark_ms = max(self._watermark_ms, watermark_ms)
        return emitted

    def _next_end_ms(self) -> int | None:
        ends = [end for pump in self._pumps if (end := pump.closes_ms) is not None]
        return min(ends, default=None)

    def _feed(self, stream: str, columns: Columns, emitted: Emitted) -> None:
        """Gives rows of a stream to the pumps that read it."""
        for pump in self._pumps:
            if pump.source == stream:
                passed = pump.add(columns, emitted.letters)
                if passed is not None:
                    self._put(pump, passed, emitted)

    def _put(self, pump: RunningPump, columns: Columns, emitted: Emitted) -> None:
        """Puts rows into the stream of a pump: out, and on to whoever reads it."""
        emitted.rows.extend(pump.rows(columns))
        self._feed(pump.stream, columns, emitted)

    @property
    def watermark_ms(self) -> int:
        """The latest watermark; BEGINNING_MS at first."""
        return self._watermark_ms

    @property
    def open_windows(self) -> int:
        """Windows that have rows and have not ended, over all pumps."""
        return sum(pump.windows for pump in self._pumps)

    @property
    def groups(self) -> int:
        """Groups held, those included that are about to be forgotten."""
        return sum(pump.groups for pump in self._pumps)

    @property
    def records_in(self) -> int:
        """Records taken in by this object."""
        return self._records_in

    @property
    def records_dead(self) -> int:
        """Of these, records that could not become a row."""
        return self._records_dead

    @property
    def records_slow(self) -> int:
        """Of these, records that the fast decoder handed over to the slow one."""
        return self._decoder.handed_over

    def dump(self) -> bytes:
        """The whole state: open windows and watermark."""
        states = [pump.dump() for pump in self._pumps]
        fingerprint = self._application.fingerprint
        return msgspec.msgpack.encode((STATE_VERSION, fingerprint, self._watermark_ms, states))

    def load(self, state: bytes) -> None:
        """The inverse of dump, into a fresh engine of the same plan.

        Raises SnapshotRefused for the state of another plan or version, and SnapshotCorrupt for
        bytes that are no state.
        """
        try:
            version, fingerprint, watermark_ms, states = msgspec.msgpack.decode(state)
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            raise SnapshotCorrupt(f"these {len(state)} bytes are no state: {error}") from error
        if version != STATE_VERSION:
            raise SnapshotRefused(
                f"the state has version {version}, this engine reads version {STATE_VERSION}",
                remedy="run the version that wrote it, or discard the state",
            )
        if fingerprint != self._application.fingerprint:
            raise SnapshotRefused(
                "the state was made by another plan: its windows do not fit",
                remedy="restore the SQL, or discard the state",
            )
        self._watermark_ms = watermark_ms
        for pump, pump_states in zip(self._pumps, states, strict=True):
            pump.load(pump_states)


def _source_of(application: Application) -> Source:
    """The one source that the pumps read."""
    names = {scan_of(pump.query).stream for pump in application.pumps}
    read = [source for source in application.sources if source.name in names]
    if len(read) != 1:
        raise ConfigError(
            f"application {application.name} reads {len(read)} sources; one is run",
            remedy="let one pump at least read the source, and all pumps the same one",
        )
    return read[0]


def _columns_read(application: Application, source: Source) -> Sequence[SourceColumn]:
    """The columns of the source that any pump reads: the decoder leaves out the others."""
    scans = [scan_of(pump.query) for pump in application.pumps]
    names = {column.name for scan in scans if scan.stream == source.name for column in scan.columns}
    return [column for column in source.columns if column.name in names]


def _undecoded(batch: Batch, decoded: Decoded) -> Iterable[DeadLetter]:
    for i, reason in decoded.errors:
        yield DeadLetter(
            shard_id=batch.shard_id,
            sequence_number=batch.sequence_numbers[i],
            arrival_ms=int(batch.arrival_ms[i]),
            partition_key=batch.partition_keys[i],
            stage="decode",
            reason=reason,
            data=batch.records[i],
        )
