"""Rows wait here until none with an earlier ROWTIME can come, and leave in one order: by ROWTIME,
then by shard, then as they stand in the shard.

It goes before every operator whose result depends on the order of its rows. Shards interleave by
chance; behind a hold nothing does.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from analytics_sql.plan import Column
from fleet.row import DeadLetter
from processor.columns import Columns, Dictionary, Ids, Origin, Vector, vector_of
from processor.operators.lineage import KeptLineage, OrderedLineage
from processor.operators.merged_lineage import MergedLineage
from processor.watermark import END_MS

ROW_BYTES: Final = 300
"""About what a row that waits takes, with the record it was made of."""


class HoldOperator:
    """See Operator."""

    windows = 0

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._waiting: list[Columns] = []
        self._first_ms = END_MS

    def add(self, columns: Columns, letters: list[DeadLetter]) -> None:
        """See Operator: rows go on only when the watermark has passed them."""
        if not _rises(columns):
            # By event time. It is stable: rows of one time stay as they came.
            columns = columns.take(np.argsort(columns.rowtime_ms, kind="stable"))
        self._waiting.append(columns)
        self._first_ms = min(self._first_ms, int(columns.rowtime_ms[0]))

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator."""
        if not self._waiting or (self._first_ms >= watermark_ms and watermark_ms < END_MS):
            return []
        due: list[Columns] = []
        kept: list[Columns] = []
        for columns in self._waiting:
            count = len(columns)
            if watermark_ms < END_MS:
                count = int(np.searchsorted(columns.rowtime_ms, watermark_ms, "left"))
            if count == len(columns):
                due.append(columns)
            elif count == 0:
                kept.append(columns)
            else:
                due.append(columns.take(np.arange(count)))
                kept.append(columns.take(np.arange(count, len(columns))))
        self._waiting = kept
        self._first_ms = min((int(c.rowtime_ms[0]) for c in kept), default=END_MS)
        if not due:
            return []
        rows = merged(due, self._columns)
        return [Columns(rows.vectors, rows.rowtime_ms, OrderedLineage(rows.lineage))]

    def passes(self, watermark_ms: int) -> int:
        """See Operator."""
        return watermark_ms

    @property
    def groups(self) -> int:
        """See Operator."""
        return 0

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return ROW_BYTES * self.waiting

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{self.waiting} rows that wait for the shards that are behind"

    @property
    def shape(self) -> str:
        """See Operator."""
        columns = ", ".join(f"{column.name} {column.type}" for column in self._columns)
        return f"rows that wait, of {columns}"

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return sum(map(len, self._waiting))

    def dump(self) -> Any:
        """See Operator. Strand by strand, so that it does not matter how they came."""
        if not self._waiting:
            return None
        strands: dict[tuple[str, ...], list[Columns]] = {}
        for columns in self._waiting:
            strands.setdefault(columns.lineage.strand, []).append(columns)
        out = []
        for strand, parts in sorted(strands.items()):
            rows = merged(parts, self._columns)
            out.append(
                (
                    strand,
                    rows.rowtime_ms.tolist(),
                    rows.lineage.identities(""),
                    rows.lineage.origins(),
                    [rows.vectors[column.name].to_list() for column in self._columns],
                )
            )
        return msgspec.msgpack.encode(out)

    def load(self, state: Any) -> None:
        """See Operator."""
        self.restore(state)

    def restore(self, state: bytes) -> None:
        """Takes back the rows of a dump, whatever else a subclass does with rows that come in."""
        for strand, times, names, origins, lists in msgspec.msgpack.decode(state):
            vectors = {
                column.name: vector_of(values, column.type)
                for column, values in zip(self._columns, lists, strict=True)
            }
            lineage = KeptLineage(names, [Origin(*origin) for origin in origins], tuple(strand))
            HoldOperator.add(self, Columns(vectors, np.array(times, np.int64), lineage), [])


def merged(parts: Sequence[Columns], columns: Sequence[Column], *, sort: bool = True) -> Columns:
    """All rows in one, in the order that a hold promises; or as they come."""
    if len(parts) == 1 and (not sort or _rises(parts[0])):
        return parts[0]
    times = np.concatenate([part.rowtime_ms for part in parts])
    order: Ids = np.arange(len(times))
    if sort:
        strands = sorted({part.lineage.strand for part in parts})
        rank = {strand: i for i, strand in enumerate(strands)}
        ranks = [np.full(len(part), rank[part.lineage.strand]) for part in parts]
        # It is stable: within a strand rows stay as they came.
        order = np.lexsort((np.concatenate(ranks), times))
    vectors = {
        column.name: joined([part.vectors[column.name] for part in parts]).take(order)
        for column in columns
    }
    starts = np.cumsum([0, *map(len, parts[:-1])])
    lineage = MergedLineage([part.lineage for part in parts], starts, order)
    return Columns(vectors, times[order], lineage)


def _rises(columns: Columns) -> bool:
    times = columns.rowtime_ms
    return bool((times[1:] >= times[:-1]).all())


def joined(vectors: Sequence[Vector]) -> Vector:
    """Vectors of one type, end to end."""
    if len(vectors) == 1:
        return vectors[0]
    words = vectors[0].words
    if words is not None:
        if any(vector.words is not words for vector in vectors):
            words = Dictionary()
            texts = [text for vector in vectors for text in vector.to_list()]
            return Vector(words.ids(texts, len(texts)), words=words)
        return Vector(np.concatenate([vector.values for vector in vectors]), words=words)
    null = None
    if any(vector.null is not None for vector in vectors):
        nulls = [np.zeros(len(v), np.bool_) if v.null is None else v.null for v in vectors]
        null = np.concatenate(nulls)
    return Vector(np.concatenate([vector.values for vector in vectors]), null)
