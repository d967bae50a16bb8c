"""Where rows come from: a record, a window, or a row of an earlier pump."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as json_text
from typing import Final

import numpy as np

from fleet.batch import Batch
from processor.columns import Ids, Lineage, Origin, Vector

KEPT_PART: Final = 4
"""Rows that wait hold the numbers of at most so many times as many records."""


@dataclass(frozen=True, slots=True)
class RecordLineage:
    """Rows made of records: (shard id, sequence number) tells them apart, and for the second row of
    a record and those after it, its place in the record.
    """

    batch: Batch
    records: Ids | None = None
    """The record of each row, as its position in the batch; None: row i is record i."""
    places: Ids | None = None
    """How many rows of its record stand before each row; None: none."""

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: the shard."""
        return (self.batch.shard_id,)

    def take(self, rows: Ids) -> "RecordLineage":
        """See Lineage."""
        records = rows if self.records is None else self.records[rows]
        return RecordLineage(
            self.batch, records, None if self.places is None else self.places[rows]
        )

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        numbers: Sequence[str] = self.batch.record_ids
        if self.records is not None:
            numbers = [numbers[i] for i in self.records.tolist()]
        prefix += json_text(self.batch.shard_id)
        names = [f"{prefix},{json_text(number)}" for number in numbers]
        if self.places is not None:
            for row in np.flatnonzero(self.places).tolist():
                names[row] += f",{self.places[row]}"
        return names

    def origins(self) -> list[Origin]:
        """See Lineage."""
        batch = self.batch
        ids, keys, times = batch.record_ids, batch.partition_keys, batch.arrival_ms.tolist()
        at = range(len(batch)) if self.records is None else self.records.tolist()
        return [Origin(batch.shard_id, ids[i], keys[i], times[i]) for i in at]

    def kept(self) -> "RecordLineage":
        """See Lineage. Numbers and keys of a batch are copied only where few of its rows wait."""
        batch, records = self.batch, self.records
        if records is not None and len(records) * KEPT_PART < len(batch):
            batch, records = batch.take(records.tolist()), None
        return RecordLineage(batch.without_data(), records, self.places)


@dataclass(frozen=True, slots=True)
class WindowLineage:
    """Rows that a window put out: (start, keys) tells them apart."""

    start_ms: int
    end_ms: int
    keys: Sequence[Vector]

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: the windows of an operator follow one another."""
        return ()

    def take(self, rows: Ids) -> "WindowLineage":
        """See Lineage."""
        return WindowLineage(self.start_ms, self.end_ms, [key.take(rows) for key in self.keys])

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        prefix += str(self.start_ms)
        if not self.keys:
            return [prefix]
        first, *others = self.keys
        names = [f"{prefix},{text}" for text in _json_texts(first)]
        for key in others:
            names = [f"{name},{text}" for name, text in zip(names, _json_texts(key), strict=True)]
        return names

    def origins(self) -> list[Origin]:
        """Many records; their time is the window's end."""
        count = len(self.keys[0]) if self.keys else 1
        return [Origin("", "", "", self.end_ms)] * count

    def kept(self) -> "WindowLineage":
        """See Lineage."""
        return self


@dataclass(frozen=True, slots=True)
class PumpLineage:
    """Rows that a pump put into a stream: its name goes before what told them apart in the pump, as
    other pumps may feed the stream with rows of the same records.
    """

    pump: str
    inner: Lineage
    in_order: bool = False
    """Whether the pump itself put its rows in order, whatever strands they came in."""

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: that of the rows in the pump, after which the pump's name."""
        return (self.pump,) if self.in_order else (*self.inner.strand, self.pump)

    def take(self, rows: Ids) -> "PumpLineage":
        """See Lineage."""
        return PumpLineage(self.pump, self.inner.take(rows), self.in_order)

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        return self.inner.identities(f"{prefix}{json_text(self.pump)},")

    def origins(self) -> Sequence[Origin]:
        """See Lineage."""
        return self.inner.origins()

    def kept(self) -> "PumpLineage":
        """See Lineage."""
        return PumpLineage(self.pump, self.inner.kept(), self.in_order)


@dataclass(frozen=True, slots=True)
class OrderedLineage:
    """Rows that were put in one order: they are one strand from there on, whatever came together
    in it.
    """

    inner: Lineage

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage."""
        return ()

    def take(self, rows: Ids) -> "OrderedLineage":
        """See Lineage."""
        return OrderedLineage(self.inner.take(rows))

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        return self.inner.identities(prefix)

    def origins(self) -> Sequence[Origin]:
        """See Lineage."""
        return self.inner.origins()

    def kept(self) -> "OrderedLineage":
        """See Lineage."""
        return OrderedLineage(self.inner.kept())


@dataclass(frozen=True, slots=True)
class MatchLineage:
    """Rows that were found a row of a reference table: its place there stands behind what tells
    them apart, if it is not the first of those that fit.
    """

    inner: Lineage
    ordinals: Ids
    """How many rows of the table came out before each, for the same row."""

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: that of the stream's rows."""
        return self.inner.strand

    def take(self, rows: Ids) -> "MatchLineage":
        """See Lineage."""
        return MatchLineage(self.inner.take(rows), self.ordinals[rows])

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        names = self.inner.identities(prefix)
        for row in np.flatnonzero(self.ordinals).tolist():
            names[row] += f",[{self.ordinals[row]}]"
        return names

    def origins(self) -> Sequence[Origin]:
        """See Lineage."""
        return self.inner.origins()

    def kept(self) -> "MatchLineage":
        """See Lineage."""
        return MatchLineage(self.inner.kept(), self.ordinals)


@dataclass(frozen=True, slots=True)
class KeptLineage:
    """Rows that wait, after a restart: what they come from is gone, this was noted of it."""

    names: Sequence[str]
    """What `identities` of the lineage they had says without a prefix."""
    records: Sequence[Origin]
    strand: tuple[str, ...]

    def take(self, rows: Ids) -> "KeptLineage":
        """See Lineage."""
        at = rows.tolist()
        names, records = [self.names[i] for i in at], [self.records[i] for i in at]
        return KeptLineage(names, records, self.strand)

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        return [prefix + name for name in self.names]

    def origins(self) -> Sequence[Origin]:
        """See Lineage."""
        return self.records

    def kept(self) -> "KeptLineage":
        """See Lineage."""
        return self


def _json_texts(key: Vector) -> Iterable[str]:
    """The keys as JSON values: a text, a number and null never look alike."""
    values = key.to_list()
    if key.words is None:
        return map(_json_number, values)
    if key.nulls() is None:
        return map(json_text, values)
    return ["null" if value is None else json_text(value) for value in values]


def _json_number(value: float | None) -> str:
    """Numbers, truths and null. The text of a DOUBLE is Python's own: an id must not change because
    some library writes another digit.
    """
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else repr(value)
