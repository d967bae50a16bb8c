"""The contract of every sink.

The processor's promise rests on it: rows are written, then the snapshot is saved. A processor that
dies between the two writes the same rows again, so writing a row id twice must count once (the
summary stream is the documented exception: a Kinesis stream cannot overwrite, so it is at least
once, as it was in the service).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from fleet.batch import Batch
from fleet.row import DeadLetter, Row

Cursor = Mapping[str, str | int]
"""How far a sink's durable output reaches, as it is kept in the snapshot. Its keys are the sink's
own affair.
"""


@runtime_checkable
class Sink(Protocol):
    """Takes output rows."""

    name: str

    async def open(self) -> None:
        """Gets ready; called once. Raises ResourceMissing when what it writes to is not there."""
        ...

    async def write(self, rows: Sequence[Row]) -> None:
        """Returns only when every row is durable; a row id seen twice counts once.

        Waits out throttling and outages (TransientError is handled inside, visibly); raises
        RowRefused for rows that can never be taken, after the others are durable, and Superseded
        when a newer processor has written one of these rows.
        """
        ...

    async def close(self) -> None:
        """Lets go of what it holds; writes nothing more."""
        ...


@runtime_checkable
class AppendingSink(Protocol):
    """Takes output rows where none can be overwritten, but the end can be cut off again: what came
    after the snapshot is, when it opens, and is written again by the replay.
    """

    name: str

    async def open(self, cursor: Cursor) -> None:
        """Gets ready, from the cursor of the snapshot (empty: all that is there stays). Never waits
        for anything but this machine: it is opened before anything is read.
        """
        ...

    async def write(self, rows: Sequence[Row]) -> None:
        """As a Sink's, but a row that is written twice between two openings is there twice."""
        ...

    def cursor(self) -> Cursor:
        """What is durable now."""
        ...

    async def close(self) -> None:
        """Lets go of what it holds."""
        ...


RowSink = Sink | AppendingSink
"""Whatever takes output rows."""


@runtime_checkable
class RecordSink(Protocol):
    """Takes the raw records as they were read. It may hold records back (to make objects of a
    useful size) as long as its cursor says so: after a restart the source reads again from where
    the cursor ends.
    """

    name: str

    async def open(self, cursor: Cursor) -> None:
        """Gets ready, from the cursor of the snapshot (empty on a first start); called once."""
        ...

    async def write(self, batch: Batch) -> None:
        """Takes a batch. Batches of one shard come in order; after a restart a batch may begin
        before the cursor, and records up to it are skipped.
        """
        ...

    def cursor(self) -> Cursor | None:
        """What is durable now: shard id -> sequence number (or SHARD_END) up to which nothing is
        held back; a shard that is missing has nothing durable yet. None: this sink keeps nothing
        durable (the live map), and nothing is read again for its sake.
        """
        ...

    async def close(self) -> None:
        """Lets go of what it holds; what is held back stays unwritten and is read again after a
        restart.
        """
        ...


@runtime_checkable
class DeadLetterSink(Protocol):
    """Takes what could not be used."""

    name: str

    async def open(self, cursor: Cursor) -> None:
        """Gets ready, from the cursor of the snapshot; what was written after it is written again
        by the replay, so it is taken back here.
        """
        ...

    async def write(self, letters: Sequence[DeadLetter]) -> None:
        """Returns only when every letter is durable."""
        ...

    def cursor(self) -> Cursor:
        """What is durable now."""
        ...

    async def close(self) -> None:
        """Lets go of what it holds."""
        ...
