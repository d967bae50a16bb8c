"""Reads the file of dead letters, while a processor may be writing it."""

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from fleet.errors import FleetError
from fleet.row import DeadLetter
from fleet.timestamp import timestamp_ms

LINE_BYTES_MAX: Final = 64 * 1024 * 1024
"""A record has at most 10 MiB, and a character of it takes at most six in JSON."""


class _Line(msgspec.Struct):
    shard_id: str
    sequence_number: str
    arrival: str
    partition_key: str
    stage: str
    reason: str
    stream: str = ""
    data: str | None = None
    data_base64: str = ""
    partial: bool = False


_decode = msgspec.json.Decoder(_Line).decode


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A letter of the file."""

    number: int
    """Its line, from 1."""
    stream: str
    """Where its record came from; empty in files of older versions."""
    letter: DeadLetter

    @property
    def is_record(self) -> bool:
        """Whether it holds a record as it came, and not a row that a pump or a sink refused."""
        return not self.letter.stage.startswith(("pump ", "sink "))


def read_letters(path: Path) -> Iterator[StoredLetter]:
    """The letters that a file has now, from first to last; none when there is no file. What is
    written meanwhile is left out: a record put back may fail again, and must not be put back for
    ever. So is a last line without its end. Raises FleetError for a line that is no letter.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    except OSError as error:
        raise FleetError(f"dead letters: {path}: {error.strerror}") from error
    with file:
        for number, line in enumerate(_whole_lines(file), start=1):
            yield _stored(number, line, path)


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    left = os.fstat(file.fileno()).st_size
    while (line := file.readline(LINE_BYTES_MAX)).endswith(b"\n"):
        left -= len(line)
        if left < 0:
            return
        yield line


def _stored(number: int, text: bytes, path: Path) -> StoredLetter:
    try:
        line = _decode(text)
        encoded = line.data_base64
        data = base64.b64decode(encoded) if line.data is None else line.data.encode()
        arrival_ms = timestamp_ms(line.arrival)
    except (msgspec.MsgspecError, ValueError) as error:
        raise FleetError(
            f"dead letters: {path}:{number}: not a letter: {error}",
            remedy="the processor writes one JSON object a line; take out what was put there since",
        ) from None
    letter = DeadLetter(
        shard_id=line.shard_id,
        sequence_number=line.sequence_number,
        arrival_ms=arrival_ms,
        partition_key=line.partition_key,
        stage=line.stage,
        reason=line.reason,
        data=data,
        partial=line.partial,
    )
    return StoredLetter(number, line.stream, letter)
