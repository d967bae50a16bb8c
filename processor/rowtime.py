"""ROWTIME: the time of each row that comes in, and how far the time of each shard has come.

ArrivalTime   when the stream took the record in, never behind the watermark: no row is ever late
EventTimes    what a column of the row says; a row may be late, and that is decided here

Which rows are late is a function of the records of their shard alone. Per shard, in the order of
records, the clock is

    the latest min(event time, arrival) of an on-time row, less the lateness,
    and after a silence of more than `idle`, as much later as the silence is longer than that.

A row is late when its event time is before the clock at its arrival; only on-time rows move the
clock. The watermark is the minimum over the clocks of the shards, each at a time up to which the
shard is known to be read, so it is never ahead of the clock by which a row that is still to come
will be judged: a row that is not late always finds its window open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from analytics_sql.plan import EventTime
from fleet.batch import SHARD_END, Batch
from fleet.timestamp import timestamp_text
from processor.columns import Columns, Ids
from processor.operators.failure import sound_rows
from processor.watermark import BEGINNING_MS

LATE = "late"
"""The stage of a dead letter: its row came too late for its window."""
WRONG = "event time"
"""The stage of a dead letter: its row has no event time, or one far in the future."""

Failed = Mapping[int, str]
"""Row -> why it has no ROWTIME."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """Rows with their ROWTIME; those left out, by stage, with their positions among all rows."""

    columns: Columns
    failed: Mapping[str, Failed] = field(default_factory=dict)


class RowTimes(Protocol):
    """Gives rows their ROWTIME."""

    def stamp(self, shard_id: str, columns: Columns, watermark_ms: int) -> Stamped:
        """The rows of a run of records of one shard, whose `rowtime_ms` is their arrival."""
        ...

    def clock_ms(self, batch: Batch) -> int | None:
        """How far the time of the shard has come once the batch is taken in; None: as far as its
        arrivals.
        """
        ...

    def end(self, batch: Batch) -> None:
        """Lets go of a shard that ends with the batch: its children go on where it ended."""
        ...

    def dump(self) -> Any:
        """What a restart needs to know."""
        ...

    def load(self, state: Any) -> None:
        """The inverse of dump."""
        ...


class ArrivalTime:
    """ROWTIME is assigned at ingest and never decreases (DG:timestamps-rowtime-concepts.md)."""

    def stamp(self, shard_id: str, columns: Columns, watermark_ms: int) -> Stamped:
        """See RowTimes."""
        rowtime_ms = np.maximum(columns.rowtime_ms, watermark_ms)
        return Stamped(Columns(columns.vectors, rowtime_ms, columns.lineage))

    def clock_ms(self, batch: Batch) -> int | None:
        """See RowTimes."""
        return None

    def end(self, batch: Batch) -> None:
        """Nothing is kept of a shard."""

    def dump(self) -> Any:
        """Nothing is kept."""
        return None

    def load(self, state: Any) -> None:
        """Nothing was kept."""


@dataclass(frozen=True, slots=True)
class ShardTime:
    """The clock of a shard as its last on-time row left it."""

    clock_ms: int
    arrival_ms: int
    """Of that row."""

    def at(self, time_ms: int, idle_ms: int | None) -> int:
        """The clock at a time of the source: the arrival of a row, or a tip."""
        if idle_ms is None:
            return self.clock_ms
        return self.clock_ms + max(0, time_ms - self.arrival_ms - idle_ms)

    def later(self, other: "ShardTime") -> "ShardTime":
        """What is at any time the later of the two."""
        clock_ms = max(self.clock_ms, other.clock_ms)
        lead_ms = max(self.clock_ms - self.arrival_ms, other.clock_ms - other.arrival_ms)
        return ShardTime(clock_ms, clock_ms - lead_ms)


class EventTimes:
    """ROWTIME is the value of a column."""

    def __init__(self, settings: EventTime) -> None:
        self._settings = settings
        self._kept_ms = settings.correct_ms or 0
        # A shard that had no on-time row yet is taken to have had one, in time and long ago. So it
        # does not hold up the others, and its clock is the source's, less idle and lateness.
        self._never = ShardTime(BEGINNING_MS, BEGINNING_MS + settings.lateness_ms)
        self._shards: dict[str, ShardTime] = {}

    def stamp(self, shard_id: str, columns: Columns, watermark_ms: int) -> Stamped:
        """See RowTimes."""
        if not len(columns):
            return Stamped(columns)
        wrong = self._wrong(columns)
        rows = np.arange(len(columns)) if not wrong else sound_rows(len(columns), wrong)
        event_ms = columns.vectors[self._settings.column].values[rows]
        arrival_ms = columns.rowtime_ms[rows]
        is_new = shard_id not in self._shards
        clocks_ms = self._judge(shard_id, event_ms, arrival_ms)
        on_time = event_ms >= clocks_ms
        new = (int(on_time.argmax()) if on_time.any() else len(on_time)) if is_new else 0
        # The second cannot be, unless the source told a time at which records were still to come.
        clocks_ms = np.maximum(clocks_ms, watermark_ms)
        late = {
            int(rows[i]): self._reason(int(event_ms[i]), int(clocks_ms[i]), is_new=i < new)
            for i in np.flatnonzero(event_ms < clocks_ms - self._kept_ms).tolist()
        }
        stamped = replace(columns, rowtime_ms=columns.vectors[self._settings.column].values)
        if not wrong and not late:
            return Stamped(stamped)
        kept = sound_rows(len(columns), {**wrong, **late})
        return Stamped(stamped.take(kept), {WRONG: wrong, LATE: late})

    def _wrong(self, columns: Columns) -> dict[int, str]:
        vector = columns.vectors[self._settings.column]
        wrong: dict[int, str] = {}
        if (null := vector.nulls()) is not None:
            reason = f'column "{self._settings.column}", its event time, is NULL'
            wrong = dict.fromkeys(np.flatnonzero(null).tolist(), reason)
        if self._settings.future_ms is not None:
            ahead_ms = vector.values - columns.rowtime_ms
            for row in np.flatnonzero(ahead_ms > self._settings.future_ms).tolist():
                time = timestamp_text(int(vector.values[row]))
                reason = f"its event time {time} is {ahead_ms[row]:,} ms after its arrival"
                wrong.setdefault(row, reason)
        return wrong

    def _reason(self, event_ms: int, clock_ms: int, *, is_new: bool) -> str:
        times = f"its event time {timestamp_text(event_ms)}, its shard's {timestamp_text(clock_ms)}"
        beyond = f", more than the {self._kept_ms:,} for corrections" if self._kept_ms else ""
        silent = ", which counts as silent before its first row (--idle)" if is_new else ""
        return f"late by {clock_ms - event_ms:,} ms{beyond}: {times}{silent}"

    def _judge(self, shard_id: str, event_ms: Ids, arrival_ms: Ids) -> Ids:
        """The clock of the shard before each row; moves it on by those that are on time."""
        if not len(event_ms):
            return event_ms
        start = self._shards.get(shard_id, self._never)
        counted_ms = np.minimum(event_ms, arrival_ms) - self._settings.lateness_ms
        clocks_ms = np.maximum.accumulate(np.append(start.clock_ms, counted_ms))
        on_time = event_ms >= clocks_ms[:-1]
        lives_ms = np.where(on_time, arrival_ms, start.arrival_ms)
        lives_ms = np.maximum.accumulate(np.append(start.arrival_ms, lives_ms))
        idle_ms = self._settings.idle_ms
        if idle_ms is not None and (arrival_ms - lives_ms[:-1] > idle_ms).any():
            return self._judge_slowly(shard_id, event_ms, arrival_ms)
        if on_time.any():
            self._shards[shard_id] = ShardTime(int(clocks_ms[-1]), int(lives_ms[-1]))
        before_ms: Ids = clocks_ms[:-1]
        return before_ms

    def _judge_slowly(self, shard_id: str, event_ms: Ids, arrival_ms: Ids) -> Ids:
        """The same by the letter of the rule: for rows among which there is a silence."""
        clocks_ms: list[int] = []
        time = self._shards.get(shard_id, self._never)
        for event, arrival in zip(event_ms.tolist(), arrival_ms.tolist(), strict=True):
            clock_ms = time.at(arrival, self._settings.idle_ms)
            clocks_ms.append(clock_ms)
            if event >= clock_ms:
                counted_ms = min(event, arrival) - self._settings.lateness_ms
                time = self._shards[shard_id] = ShardTime(max(clock_ms, counted_ms), arrival)
        return np.array(clocks_ms, np.int64)

    def clock_ms(self, batch: Batch) -> int:
        """See RowTimes."""
        time = self._shards.get(batch.shard_id, self._never)
        times_ms = [int(batch.arrival_ms[-1])] if len(batch) else []
        if batch.tip_ms is not None:
            times_ms.append(batch.tip_ms)
        return time.at(max(times_ms), self._settings.idle_ms) if times_ms else time.clock_ms

    def end(self, batch: Batch) -> None:
        """See RowTimes. A merged child goes on from the later of its parents' clocks, so never from
        one that the watermark has passed.
        """
        if batch.position == SHARD_END:
            ended = self._shards.pop(batch.shard_id, self._never)
            for child in batch.children:
                self._shards[child] = ended.later(self._shards.get(child, ended))

    def dump(self) -> Any:
        """See RowTimes."""
        return {s: (time.clock_ms, time.arrival_ms) for s, time in sorted(self._shards.items())}

    def load(self, state: Any) -> None:
        """See RowTimes."""
        self._shards = {shard: ShardTime(*times) for shard, times in state.items()}


def row_times(settings: EventTime | None) -> RowTimes:
    """What gives the rows of an application their ROWTIME."""
    return ArrivalTime() if settings is None else EventTimes(settings)
