"""From a folder that a journal wrote, the streams it was told of, as they were."""

import json
import logging
import os
import shutil
import time
from pathlib import Path
from typing import Final

from fleet.errors import ConfigError
from local_kinesis.journal.disk import DELETED_PREFIX, STREAM_FILE, Floors
from local_kinesis.journal.entry import HEAD_BYTES, Damage, Head, decode_entries, decode_head
from local_kinesis.journal.shard_log import SUFFIX
from local_kinesis.segment import Segment
from local_kinesis.shard import FIRST_ORDINAL, Shard
from local_kinesis.store import Store
from local_kinesis.stream import Stream

logger = logging.getLogger(__name__)

_ASIDE: Final = ".damaged"


def recover(folder: Path, store: Store, floors: Floors, now_ms: int) -> None:
    """Gives a store what its journal's folder holds, as it is by now. Raises ConfigError when a
    file is not what it should be, or cannot be read.
    """
    started_s = time.monotonic()
    try:
        for path in sorted(folder.iterdir()):
            if path.name.startswith(DELETED_PREFIX):
                shutil.rmtree(path)
            elif path.is_dir():
                stream = _recover_stream(path, store.segment_bytes_max)
                if stream is not None:
                    store.adopt(stream)
    except OSError as error:
        raise ConfigError(
            f"{error.filename} cannot be used: {error.strerror}",
            remedy="see to it that its owner is who runs this, and that the disk is well",
        ) from None
    store.resume(floors.created_ms, floors.sequence_created_s, now_ms)
    size = store.size()
    if size.streams:
        logger.info(
            "%d streams with %d records are back after %.1f s",
            size.streams,
            size.records,
            time.monotonic() - started_s,
        )


def _recover_stream(folder: Path, segment_bytes_max: int) -> Stream | None:
    file = folder / STREAM_FILE
    try:
        stream = Stream.restore(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        # Its creation was cut short, and never acknowledged.
        shutil.rmtree(folder)
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{file} is damaged: {error}",
            remedy=f"restore it, or delete {folder}, which deletes the stream",
        ) from None
    shards = {str(shard.index): shard for shard in stream.shards}
    for log in folder.iterdir():
        if log.is_dir():
            shard = shards.get(log.name)
            if shard is None:
                # All its records had expired, and it was forgotten.
                shutil.rmtree(log)
            else:
                _RecoveredLog(log, segment_bytes_max).restore(shard)
    return stream


class _RecoveredLog:
    """One shard's files, read in order as far as they make sense."""

    def __init__(self, folder: Path, segment_bytes_max: int) -> None:
        self._segment_bytes_max = segment_bytes_max
        self._segments: list[Segment] = []
        self._next_ordinal = FIRST_ORDINAL
        self._last_arrival_ms = 0
        self._horizon = FIRST_ORDINAL
        files = sorted(folder.glob(f"*{SUFFIX}"))
        self._begin(files)
        for place, file in enumerate(files):
            damage = self._read(file)
            if damage is not None:
                _repair(file, damage, files[place + 1 :])
                break

    def restore(self, shard: Shard) -> None:
        """Gives the shard its records."""
        shard.restore(
            self._segments,
            self._next_ordinal,
            min(self._horizon, self._next_ordinal),
            self._last_arrival_ms,
        )

    def _begin(self, files: list[Path]) -> None:
        """Starts where the oldest file does, and not before where the newest says."""
        if files:
            self._next_ordinal = self._horizon = int(files[0].stem)
        heads = (_head(file) for file in reversed(files))
        newest = next((head for head in heads if head is not None), None)
        if newest is not None:
            self._horizon = max(self._horizon, newest.horizon)

    def _read(self, file: Path) -> Damage | None:
        data = file.read_bytes()
        head = decode_head(data)
        if head is None or head.first_ordinal != self._next_ordinal:
            return Damage(0, torn=len(data) < HEAD_BYTES)
        self._last_arrival_ms = max(self._last_arrival_ms, head.arrival_floor_ms)
        for entry in decode_entries(data, self._next_ordinal):
            if isinstance(entry, Damage):
                return entry
            if not self._segments or self._segments[-1].memory_bytes >= self._segment_bytes_max:
                if self._segments:
                    self._segments[-1].seal()
                self._segments.append(Segment(entry.first_ordinal))
            self._segments[-1].append(
                entry.chunk, entry.sizes, entry.payload_bytes, entry.arrival_ms
            )
            self._next_ordinal += len(entry.sizes)
            self._last_arrival_ms = entry.arrival_ms
        return None


def _head(file: Path) -> Head | None:
    with file.open("rb") as stream:
        return decode_head(stream.read(HEAD_BYTES))


def _repair(file: Path, damage: Damage, later: list[Path]) -> None:
    """Ends the log where it stops making sense. What a killed writer left unfinished was never
    acknowledged and is cut off; anything else is kept aside, for a person to look at.
    """
    if damage.torn and not later:
        torn_bytes = file.stat().st_size - damage.at
        if damage.at < HEAD_BYTES:
            file.unlink()
        else:
            os.truncate(file, damage.at)
        if torn_bytes:
            logger.warning(
                "%s ended in the middle of a write that was never acknowledged: its last %d bytes "
                "are cut off",
                file,
                torn_bytes,
            )
        return
    whole = file.read_bytes()[: damage.at]
    for lost in (file, *later):
        lost.rename(lost.with_suffix(_ASIDE))
    if damage.at >= HEAD_BYTES:
        file.write_bytes(whole)
    logger.error(
        "%s is damaged at byte %d: the shard ends there, and what followed is kept as *%s in %d %s",
        file,
        damage.at,
        _ASIDE,
        1 + len(later),
        "file" if not later else "files",
    )
