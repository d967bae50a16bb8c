"""Sinks in memory: for tests, and for running an application over given records.

Each keeps its content in a collection that the caller may hand in: that is what outlives the sink,
as a table outlives the process that writes to it.
"""

from collections.abc import Sequence

from fleet.batch import Batch, later
from fleet.errors import Superseded
from fleet.row import DeadLetter, Row
from sinks.base import Cursor


class MemorySink:
    """Rows by id, and which epoch wrote each."""

    name = "memory"

    def __init__(
        self,
        rows: dict[str, Row] | None = None,
        *,
        epochs: dict[str, int] | None = None,
        epoch: int = 0,
    ) -> None:
        self.rows = {} if rows is None else rows
        self.epochs = {} if epochs is None else epochs
        self._epoch = epoch

    async def open(self) -> None:
        """Always ready."""

    async def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self.epochs.get(row.id, self._epoch) > self._epoch:
                raise Superseded(f"{row.id} was written by epoch {self.epochs[row.id]}")
            self.rows[row.id] = row
            self.epochs[row.id] = self._epoch

    async def close(self) -> None:
        """Nothing to let go of."""


class MemoryRecords:
    """Record data by (shard id, Batch.record_ids); holds nothing back."""

    name = "memory_records"

    def __init__(self, records: dict[tuple[str, str], bytes] | None = None) -> None:
        self.records = {} if records is None else records
        self._cursor: dict[str, str] = {}

    async def open(self, cursor: Cursor) -> None:
        self._cursor = {shard_id: str(position) for shard_id, position in cursor.items()}

    async def write(self, batch: Batch) -> None:
        before = self._cursor.get(batch.shard_id)
        fresh = batch.after(before)
        for record_id, data in zip(fresh.record_ids, fresh.records, strict=True):
            self.records[batch.shard_id, record_id] = data
        # After a restart a batch may end before the cursor, which never moves back.
        position = later(before, batch.position)
        if position is not None:
            self._cursor[batch.shard_id] = position

    def cursor(self) -> Cursor:
        return dict(self._cursor)

    async def close(self) -> None:
        """Nothing to let go of."""


class MemoryDeadLetters:
    """Letters in the order in which they were written."""

    name = "memory_dead_letters"

    def __init__(self, letters: list[DeadLetter] | None = None) -> None:
        self.letters = [] if letters is None else letters

    async def open(self, cursor: Cursor) -> None:
        """Without a cursor the letters of the past are kept."""
        del self.letters[int(cursor.get("letters", len(self.letters))) :]

    async def write(self, letters: Sequence[DeadLetter]) -> None:
        self.letters.extend(letters)

    def cursor(self) -> Cursor:
        return {"letters": len(self.letters)}

    async def close(self) -> None:
        """Nothing to let go of."""
