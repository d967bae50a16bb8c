"""The engine: record bytes in, rows out, by the plan. Pure, synchronous, columnar.

No I/O, no clock, no threads: what comes out depends on the records and on the watermarks it is
told, and on nothing else. So one record of a shard more or less in a batch, another interleaving of
the shards, or a restart from `dump` never changes a row, its id, or the last bit of a sum.

Time. ROWTIME of a record is the later of its arrival and the watermark, or what a column says: see
processor/rowtime.py. A window closes when the watermark reaches its end. Rows that a pump puts into
a stream keep their ROWTIME for the pumps that read it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from analytics_sql.plan import Application, Source, scans_of
from fleet.batch import Batch
from fleet.errors import ConfigError, SnapshotCorrupt, SnapshotRefused, StateTooLarge
from fleet.row import DeadLetter
from processor.columns import Columns, Ids
from processor.decode.base import Decoder
from processor.decode.choice import choose_decoder
from processor.letters import record_letters
from processor.operators.failure import sound_rows
from processor.operators.lineage import RecordLineage
from processor.operators.lookup import TableRows
from processor.operators.pump import RunningPump
from processor.operators.rows import RowBlock, Rows
from processor.preprocess import STAGE as PREPROCESS, preprocess
from processor.pseudo_columns import PseudoColumns
from processor.rowtime import row_times
from processor.snapshot.base import Figures
from processor.watermark import BEGINNING_MS, END_MS

STATE_VERSION: Final = 4
WORDS_MIN: Final = 16_384
"""The dictionaries of the decoder may hold so many words beyond twice those of live groups."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """What one step put out."""

    rows: Rows
    """Of all in-application streams, made when somebody looks at them. What a watermark makes due
    comes in the order of ROWTIME, the pumps of one ROWTIME in the order of the plan, the groups of
    a window in the order of their keys (NULL first).
    """
    letters: list[DeadLetter]
    clock_ms: int | None = None
    """How far the time of the shard has come; None: as far as its arrivals say."""


class Engine:
    """Runs one application. Raises ConfigError when the plan asks for what is not run.

    `state_bytes_max`: more state than this raises StateTooLarge.
    """

    def __init__(self, application: Application, *, state_bytes_max: int | None = None) -> None:
        self._application = application
        self._state_bytes_max = state_bytes_max
        self._tables = {table.name: TableRows(table) for table in application.tables}
        self._pumps = [RunningPump(application, pump, self._tables) for pump in application.pumps]
        self._sources = _sources_of(application)
        read = _names_read(application, self._sources)
        source = self._sources[0]
        time = application.event_time
        needed = read if time is None else read | {time.column}
        columns = [column for column in source.columns if column.name in needed]
        self._decoder: Decoder = choose_decoder(columns, source.format)
        self._pseudo = PseudoColumns(read - {column.name for column in columns})
        self._row_times = row_times(time)
        self._watermark_ms = BEGINNING_MS
        self._records_in = 0
        self._records_dead = 0

    def add(self, batch: Batch) -> Emitted:
        """Takes the records of a batch; returns the rows of plain projections, and dead letters for
        the records and rows that fail. Never raises for what is in a record; raises StateTooLarge.
        """
        blocks: list[RowBlock] = []
        letters: list[DeadLetter] = []
        self._records_in += len(batch)
        whole = self._whole(batch, letters)
        if len(whole):
            columns = self._stamped(whole, letters)
            if len(columns):
                source = self._application.source_of(batch.shard_id)
                self._feed(source.name, columns, blocks, letters)
        clock_ms = self._row_times.clock_ms(batch)
        self._row_times.end(batch)
        self._check_state()
        return Emitted(Rows(blocks), letters, clock_ms)

    def _whole(self, batch: Batch, letters: list[DeadLetter]) -> Batch:
        """The batch without the records that their aggregates spoilt, which get letters."""
        if not batch.broken:
            return batch
        self._records_dead += len(batch.broken)
        letters += record_letters(batch, None, sorted(batch.broken.items()), "decode")
        return batch.take([i for i in range(len(batch)) if i not in batch.broken])

    def _stamped(self, batch: Batch, letters: list[DeadLetter]) -> Columns:
        """The rows of a batch with their ROWTIME; a letter for each record that has none."""
        words_max = WORDS_MIN + 2 * max(pump.groups for pump in self._pumps)
        self._decoder.forget(words_max)
        self._pseudo.forget(words_max)
        data, passed = self._preprocessed(batch, letters)
        decoded = self._decoder.decode(data)
        records = decoded.records
        if passed is not None:
            records = passed if records is None else passed[records]
        pseudo, arrival_ms = self._pseudo.vectors(batch), batch.arrival_ms
        if records is not None:
            arrival_ms = arrival_ms[records]
            pseudo = {name: vector.take(records) for name, vector in pseudo.items()}
        lineage = RecordLineage(batch, records, decoded.places)
        columns = Columns({**decoded.vectors, **pseudo}, arrival_ms, lineage)
        if decoded.errors:
            self._records_dead += len(decoded.errors)
            letters += record_letters(batch, records, decoded.errors, "decode")
            rows = sound_rows(len(columns), dict(decoded.errors))
            columns, lineage = columns.take(rows), lineage.take(rows)
        stamped = self._row_times.stamp(batch.shard_id, columns, self._watermark_ms)
        for stage, failed in stamped.failed.items():
            self._records_dead += len(failed)
            letters += record_letters(batch, lineage.records, sorted(failed.items()), stage)
        letters.sort(key=lambda letter: letter.arrival_ms)
        return stamped.columns

    def _preprocessed(
        self, batch: Batch, letters: list[DeadLetter]
    ) -> tuple[Sequence[bytes], Ids | None]:
        """The data to decode, and of each its record, None where every record has its own. Letters
        have the record as it came in, so that it can be put back.
        """
        if self._application.preprocessor is None:
            return batch.records, None
        done = preprocess(batch, self._application.preprocessor, self._application.name)
        self._records_dead += len(done.failed)
        letters += record_letters(batch, None, done.failed, PREPROCESS)
        return done.records, done.places

    def advance(self, watermark_ms: int) -> Emitted:
        """Tells that no record with an earlier arrival is to come; returns the rows that this makes
        due, such as those of the windows that ended by then. A watermark below the last one changes
        nothing; END_MS says that no record at all is to come. Raises StateTooLarge.
        """
        blocks: list[RowBlock] = []
        letters: list[DeadLetter] = []
        self._watermark_ms = max(self._watermark_ms, watermark_ms)
        clocks_ms = {source.name: self._watermark_ms for source in self._sources}
        # Every pump comes after those that feed the stream it reads: what they put out on the way
        # is there before the pump is told how far its stream has come.
        for pump in self._pumps:
            due, clock_ms = pump.advance(clocks_ms, letters)
            for columns in due:
                self._put(pump, columns, blocks, letters)
            clocks_ms[pump.stream.name] = min(clocks_ms.get(pump.stream.name, END_MS), clock_ms)
        self._check_state()
        return Emitted(Rows(blocks, sorted=True), letters)

    def _feed(
        self, stream: str, columns: Columns, blocks: list[RowBlock], letters: list[DeadLetter]
    ) -> None:
        """Gives rows of a stream to the pumps that read it."""
        for pump in self._pumps:
            if stream in pump.sources:
                for passed in pump.add(stream, columns, letters):
                    self._put(pump, passed, blocks, letters)

    def _put(
        self,
        pump: RunningPump,
        columns: Columns,
        blocks: list[RowBlock],
        letters: list[DeadLetter],
    ) -> None:
        """Puts rows into the stream of a pump: out, and on to whoever reads it."""
        blocks.append(RowBlock(self._application.name, pump.stream, columns))
        self._feed(pump.stream.name, columns, blocks, letters)

    @property
    def tables(self) -> Mapping[str, TableRows]:
        """The reference tables that the pumps look rows up in; empty until they are filled. They
        are no part of the state: a row sees them as they are when it is taken in.
        """
        return self._tables

    def _check_state(self) -> None:
        if self._state_bytes_max is None or self.state_bytes <= self._state_bytes_max:
            return
        pump, operator = max(
            ((pump, operator) for pump in self._pumps for operator in pump.operators),
            key=lambda found: found[1].state_bytes,
        )
        raise StateTooLarge(
            f"the state takes about {self.state_bytes:,} bytes, more than the "
            f"{self._state_bytes_max:,} that it may; most of it, {operator.state_bytes:,}, "
            f"is in pump {pump.name}: {operator.holds}",
            remedy="shorten the window or group by fewer keys, "
            "or allow more with --state-max if the machine has it",
        )

    @property
    def state_bytes(self) -> int:
        """What the state takes in memory, about: windows, groups, rows that wait."""
        return sum(operator.state_bytes for pump in self._pumps for operator in pump.operators)

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

    @property
    def figures(self) -> Figures:
        """What it holds now."""
        return Figures(self._watermark_ms, self.open_windows, self.groups, self.state_bytes)

    def dump(self) -> bytes:
        """The whole state: open windows and watermark."""
        states = {pump.name: pump.dump() for pump in self._pumps}
        fingerprint = self._application.fingerprint
        state = (self._watermark_ms, self._row_times.dump(), states)
        return msgspec.msgpack.encode((STATE_VERSION, fingerprint, *state))

    def load(self, state: bytes) -> None:
        """The inverse of dump, into a fresh engine of the same plan. A pump of which the state says
        nothing starts empty: see `adopted`.

        Raises SnapshotRefused for the state of another plan or version, and SnapshotCorrupt for
        bytes that are no state.
        """
        try:
            version, fingerprint, *rest = msgspec.msgpack.decode(state)
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
        self._watermark_ms, times, states = rest
        self._row_times.load(times)
        for pump in self._pumps:
            if pump.name in states:
                pump.load(states[pump.name])

    @property
    def shape(self) -> dict[str, list[str]]:
        """Pump -> what it keeps, in words: a state fits where each of its pumps has this shape."""
        return {pump.name: pump.shape for pump in self._pumps}


def adopted(state: bytes, fingerprint: str) -> bytes:
    """A dump as if the plan of this fingerprint had made it. Whoever asks for it has compared the
    shapes.
    """
    version, _, *rest = msgspec.msgpack.decode(state)
    return msgspec.msgpack.encode((version, fingerprint, *rest))


def _sources_of(application: Application) -> Sequence[Source]:
    """The sources that the pumps read. Raises ConfigError when they are not shares of one input."""
    read = application.sources_read
    if not read:
        raise ConfigError(
            f"application {application.name} reads no source",
            remedy="let one pump at least read the input",
        )
    if any((s.columns, s.format) != (read[0].columns, read[0].format) for s in read):
        raise ConfigError(
            f"application {application.name} reads sources with different columns",
            remedy="give all of them one schema: they are shares of one input",
        )
    return read


def _names_read(application: Application, sources: Sequence[Source]) -> frozenset[str]:
    """The columns of the sources that any pump reads: the decoder leaves out the others."""
    names = {source.name for source in sources}
    scans = [scan for pump in application.pumps for scan in scans_of(pump.query)]
    return frozenset(c.name for scan in scans if scan.stream in names for c in scan.columns)
