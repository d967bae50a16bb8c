"""The journal of `--data`: a folder for each stream, with a small file that says what the stream is
and a log for each shard.

    readings.1767225600000/           the name, and when it was created: a stream made anew under
        stream.json                   its old name never meets what its namesake left
        0/00000000000000000001.log    shard 0, from its first record on
    deleted.json                      what streams to come must be later than

What is acknowledged has reached the kernel: the death of the process, SIGKILL too, loses none of
it. The disk has it a second later, so a power cut or the death of the kernel can take the records
of the last second. What a stream is, its shards and settings, is on the disk at once.
"""

import json
import logging
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from fleet.errors import ConfigError
from local_kinesis.journal.base import JournalFailure
from local_kinesis.journal.directory import replace_json
from local_kinesis.journal.entry import Entry
from local_kinesis.journal.flusher import Flusher
from local_kinesis.journal.shard_log import ShardLog

if TYPE_CHECKING:
    from local_kinesis.shard import Shard, ShardWrite
    from local_kinesis.stream import Stream

logger = logging.getLogger(__name__)

STREAM_FILE: Final = "stream.json"
DELETED_PREFIX: Final = ".deleted."
_FLOORS_FILE: Final = "deleted.json"
_OPEN_FILES_MAX: Final = 256
"""A process may have 1,024 files unless told otherwise, and connections are files too."""


@dataclass(slots=True)
class Floors:
    """What streams to come must be later than, so that they are never taken for deleted ones."""

    created_ms: int = 0
    """The creation time of the newest stream deleted."""
    sequence_created_s: int = 0
    """The newest time that a deleted shard's sequence numbers carry."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads them; zeros when nothing was ever deleted. Raises ConfigError."""
        file = folder / _FLOORS_FILE
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            return cls(int(found["created_ms"]), int(found["sequence_created_s"]))
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError):
            raise ConfigError(
                f"{file} is damaged",
                remedy="delete it: then a stream made anew may pass for one deleted lately",
            ) from None

    def include(self, stream: "Stream") -> None:
        """Rises above a stream."""
        newest_s = max(shard.created_s for shard in stream.shards)
        self.created_ms = max(self.created_ms, stream.created_ms)
        self.sequence_created_s = max(self.sequence_created_s, newest_s)

    def save(self, folder: Path) -> None:
        """Keeps them. Raises OSError."""
        value = {"created_ms": self.created_ms, "sequence_created_s": self.sequence_created_s}
        replace_json(folder / _FLOORS_FILE, value)


class DiskJournal:
    """Keeps a store's streams in a folder. See Journal for what each call promises."""

    def __init__(self, folder: Path) -> None:
        self.floors = Floors.load(folder)
        self._folder = folder
        self._flusher = Flusher()
        self._logs: dict[Shard, ShardLog] = {}
        self._in_use: OrderedDict[ShardLog, None] = OrderedDict()
        """Logs that may hold a file open, the one used longest ago first."""
        self._failing = False

    def append(self, stream: "Stream", writes: "Mapping[Shard, ShardWrite]") -> None:
        done: list[tuple[ShardLog, int]] = []
        try:
            for shard, write in writes.items():
                chunk, sizes = write.encoded()
                if not sizes:
                    continue
                entry = Entry(
                    first_ordinal=shard.next_ordinal,
                    arrival_ms=write.arrival_ms,
                    chunk=chunk,
                    sizes=sizes,
                    payload_bytes=array("I", write.payload_bytes),
                )
                log = self._log(stream, shard)
                done.append((log, log.append(entry, shard.last_arrival_ms, shard.horizon)))
        except OSError as error:
            for log, size in done:
                log.undo(size)
            raise self._failure(error) from None
        if self._failing:
            self._failing = False
            logger.warning("--data is written to again")

    def stream_changed(self, stream: "Stream") -> None:
        try:
            self._save(stream)
        except OSError as error:
            raise self._failure(error) from None

    def stream_deleted(self, stream: "Stream") -> None:
        for shard in stream.shards:
            log = self._logs.pop(shard, None)
            if log is not None:
                log.close()
                self._in_use.pop(log, None)
        self.floors.include(stream)
        folder = self._stream_folder(stream)
        deleted = folder.with_name(DELETED_PREFIX + folder.name)
        try:
            self.floors.save(self._folder)
            with suppress(FileNotFoundError):
                folder.rename(deleted)
        except OSError as error:
            raise self._failure(error) from None
        self._flusher.gone(deleted)

    def trimmed(self, stream: "Stream", shard: "Shard") -> None:
        # What cannot be let go of now is let go of the next time.
        with suppress(OSError):
            log = self._log(stream, shard)
            for path in log.trim(shard.horizon, shard.next_ordinal, shard.last_arrival_ms):
                self._flusher.gone(path)

    def close(self) -> None:
        """Has the disk keep everything."""
        for log in self._in_use:
            log.close()
        self._in_use.clear()
        self._flusher.close()

    def _log(self, stream: "Stream", shard: "Shard") -> ShardLog:
        log = self._logs.get(shard)
        if log is None:
            folder = self._stream_folder(stream) / str(shard.index)
            log = self._logs[shard] = ShardLog(folder, self._flusher.written)
        in_use = self._in_use
        in_use[log] = None
        in_use.move_to_end(log)
        if len(in_use) > _OPEN_FILES_MAX:
            in_use.popitem(last=False)[0].close()
        return log

    def _save(self, stream: "Stream") -> None:
        folder = self._stream_folder(stream)
        folder.mkdir(exist_ok=True)
        replace_json(folder / STREAM_FILE, stream.snapshot())
        kept = {str(shard.index) for shard in stream.shards}
        for log in folder.iterdir():
            if log.is_dir() and log.name not in kept:
                self._flusher.gone(log)

    def _stream_folder(self, stream: "Stream") -> Path:
        return self._folder / f"{stream.name}.{stream.created_ms}"

    def _failure(self, error: OSError) -> JournalFailure:
        if not self._failing:
            self._failing = True
            logger.error(
                "--data cannot be written to: %s; what needs it is refused until it can",
                error.strerror,
            )
        return JournalFailure(
            f"The local endpoint cannot write to its data directory: {error.strerror}. "
            "Nothing of this request was kept."
        )
