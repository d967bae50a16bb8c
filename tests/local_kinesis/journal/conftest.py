"""A store over a directory that can be closed, or left as a killed process leaves it, and opened
again.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local_kinesis.journal.directory import DataDirectory
from local_kinesis.journal.disk import DiskJournal
from local_kinesis.journal.recovery import recover
from local_kinesis.put import prepare
from local_kinesis.request import PutRecordsRequestEntry
from local_kinesis.shard import Shard
from local_kinesis.store import MEMORY_MAX_BYTES, Store
from local_kinesis.stream import Stream

NOW_MS = 1_767_225_600_000


class Kept:
    """A store and its directory."""

    def __init__(self, path: Path, memory_max_bytes: int = MEMORY_MAX_BYTES) -> None:
        self.path = path
        self.now_ms = NOW_MS
        self._memory_max_bytes = memory_max_bytes
        self._opened = ExitStack()
        self._open()

    def _open(self) -> None:
        directory = self._opened.enter_context(DataDirectory.open(self.path))
        journal = DiskJournal(directory.kinesis)
        self._opened.callback(journal.close)
        self.store = Store(
            region="us-east-1", memory_max_bytes=self._memory_max_bytes, journal=journal
        )
        recover(directory.kinesis, self.store, journal.floors, self.now_ms)

    def close(self) -> None:
        self._opened.close()

    def reopen(self) -> None:
        """Another process, with other objects."""
        self.close()
        self._open()

    def create(self, name: str = "readings", shards: int = 1) -> Stream:
        return self.store.create(
            name,
            shard_count=shards,
            mode="PROVISIONED",
            record_bytes_max=1 << 20,
            tags={"team": "fleet"},
            now_ms=self.now_ms,
        )

    def put(self, *data: bytes, name: str = "readings") -> list[str]:
        """One request, a record for each of `data`, which is its partition key too."""
        return put(self.store, name, self.now_ms, *data)

    @property
    def shard(self) -> Shard:
        return self.store.streams["readings"].shards[0]


def put(store: Store, name: str, now_ms: int, *data: bytes) -> list[str]:
    entries = [PutRecordsRequestEntry(Data=one, PartitionKey=one[:256].hex()) for one in data]
    stream = store.streams[name]
    prepared = prepare(stream, entries, now_ms)
    store.commit(stream, prepared, now_ms)
    return prepared.sequence_numbers


def text(shard: Shard, now_ms: int = NOW_MS) -> bytes:
    """All that can be read of a shard."""
    return b"".join(shard.read(1, 1_000_000, 1 << 40, now_ms).fragments)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "data")
    yield kept
    kept.close()
