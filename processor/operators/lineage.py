"""Where rows come from: a record, a window, or a row of an earlier pump."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring as json_text

from fleet.batch import Batch
from processor.columns import Ids, Lineage, Origin, Vector


@dataclass(frozen=True, slots=True)
class RecordLineage:
    """Rows made of one record each: (shard id, sequence number) tells them apart."""

    batch: Batch
    records: Ids | None = None
    """The record of each row, as its position in the batch; None: row i is record i."""

    def take(self, rows: Ids) -> "RecordLineage":
        """See Lineage."""
        return RecordLineage(self.batch, rows if self.records is None else self.records[rows])

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        numbers: Sequence[str] = self.batch.sequence_numbers
        if self.records is not None:
            numbers = [numbers[i] for i in self.records.tolist()]
        prefix += json_text(self.batch.shard_id)
        return [f"{prefix},{json_text(number)}" for number in numbers]

    def origin(self, row: int) -> Origin:
        """See Lineage."""
        record = row if self.records is None else int(self.records[row])
        batch = self.batch
        return Origin(
            batch.shard_id,
            batch.sequence_numbers[record],
            batch.partition_keys[record],
            int(batch.arrival_ms[record]),
        )


@dataclass(frozen=True, slots=True)
class WindowLineage:
    """Rows that a window put out: (start, keys) tells them apart."""

    start_ms: int
    end_ms: int
    keys: Sequence[Vector]

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

    def origin(self, row: int) -> Origin:
        """Many records; its time is the window's end."""
        return Origin("", "", "", self.end_ms)


@dataclass(frozen=True, slots=True)
class PumpLineage:
    """Rows that a pump put into a stream: its name goes before what told them apart in the pump, as
    other pumps may feed the stream with rows of the same records.
    """

    pump: str
    inner: Lineage

    def take(self, rows: Ids) -> "PumpLineage":
        """See Lineage."""
        return PumpLineage(self.pump, self.inner.take(rows))

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        return self.inner.identities(f"{prefix}{json_text(self.pump)},")

    def origin(self, row: int) -> Origin:
        """See Lineage."""
        return self.inner.origin(row)


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
