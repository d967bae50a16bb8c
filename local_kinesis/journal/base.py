"""What the store tells a journal, and when: always before the answer goes out.

A journal is written ahead. `append` is called with one request's records before any of them is
visible, so that a failure leaves nothing to take back; the other three are called after the change.
Nothing here waits: a journal's calls return when the kernel has what they were given.

What recovery asks of the model in turn: `Stream.snapshot()` and `Stream.restore()` for everything
but records, `Shard.restore()` for those.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from local_kinesis.errors import ServiceError

if TYPE_CHECKING:
    from local_kinesis.shard import Shard, ShardWrite
    from local_kinesis.stream import Stream


class JournalFailure(ServiceError):
    """The disk did not take it; the request has had no effect and may be sent again."""

    kind = "InternalFailure"
    status = 500


class Journal(Protocol):
    """Keeps what the store holds."""

    def append(self, stream: "Stream", writes: "Mapping[Shard, ShardWrite]") -> None:
        """Keeps one request's records, all or none, before they are committed. Raises
        JournalFailure, and then none is kept.
        """
        ...

    def stream_changed(self, stream: "Stream") -> None:
        """Keeps all of a stream but its records: called when it is created, and after every change
        of its shards, consumers, tags, mode, retention or state. Raises JournalFailure; what is
        kept is then the stream as it was.
        """
        ...

    def stream_deleted(self, stream: "Stream") -> None:
        """Forgets a stream and its records."""
        ...

    def trimmed(self, stream: "Stream", shard: "Shard") -> None:
        """Forgets the records before the shard's horizon; called after whole segments went."""
        ...


class NoJournal:
    """All is in memory, and ends with the process."""

    def append(self, stream: "Stream", writes: "Mapping[Shard, ShardWrite]") -> None: ...
    def stream_changed(self, stream: "Stream") -> None: ...
    def stream_deleted(self, stream: "Stream") -> None: ...
    def trimmed(self, stream: "Stream", shard: "Shard") -> None: ...
