"""Which letters have been put back on a stream: a file beside theirs that only grows.

A call's letters are entered twice: before it as `sent`, after it as `replayed` with where each
landed. So what an interrupted replay leaves is known to be in doubt: it may be on the stream or
not, and only a person can say.
"""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from awsio.put_records import Ack
from fleet.errors import FleetError
from sinks.dead_letter_log import StoredLetter

Identity = tuple[str, str]
"""Shard id and sequence number of the record: a restart may move letters to other lines."""


class _Mark(msgspec.Struct, omit_defaults=True):
    shard_id: str
    sequence_number: str
    state: str
    stream: str = ""
    to_shard: str = ""
    to_sequence_number: str = ""


_decode = msgspec.json.Decoder(_Mark).decode
_encode = msgspec.json.Encoder().encode


def identity(stored: StoredLetter) -> Identity:
    """What a mark says of a letter."""
    return stored.letter.shard_id, stored.letter.sequence_number


class Marks:
    """`with Marks(letters) as marks:` to write; reading needs no `with`."""

    def __init__(self, letters: Path) -> None:
        self._path = letters.with_name(f"{letters.name}.replayed")
        self._states: dict[Identity, str] = {}
        self._file = -1
        self._read()

    def is_replayed(self, stored: StoredLetter) -> bool:
        """Whether its record is on a stream again."""
        return self._states.get(identity(stored)) == "replayed"

    def is_in_doubt(self, stored: StoredLetter) -> bool:
        """Whether an earlier replay ended while it put the record."""
        return self._states.get(identity(stored)) == "sent"

    def send(self, letters: Sequence[StoredLetter], stream: str) -> None:
        """Enters that their call comes next."""
        self._write([_Mark(*identity(each), "sent", stream) for each in letters])

    def acknowledge(self, landed: Sequence[tuple[StoredLetter, Ack]], stream: str) -> None:
        """Enters where records landed."""
        self._write(
            [
                _Mark(*identity(each), "replayed", stream, ack.shard_id, ack.sequence_number)
                for each, ack in landed
            ]
        )

    def __enter__(self) -> Self:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(self._path, flags, 0o666)
        except OSError as error:
            raise self._failure(error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise FleetError(
                f"{self._path} is being written by another replay", remedy="wait for it to end"
            ) from None
        self._read()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def _read(self) -> None:
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._failure(error) from error
        for line in lines:
            try:
                mark = _decode(line)
            except msgspec.MsgspecError:
                continue  # half a line that a crash left; the next one began a new line
            self._states[mark.shard_id, mark.sequence_number] = mark.state

    def _write(self, marks: Sequence[_Mark]) -> None:
        if not marks:
            return
        # A line end first: a crash may have left half a line.
        data = memoryview(b"\n" + b"".join(_encode(mark) + b"\n" for mark in marks))
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as error:
            raise self._failure(error) from error
        for mark in marks:
            self._states[mark.shard_id, mark.sequence_number] = mark.state

    def _failure(self, error: OSError) -> FleetError:
        return FleetError(
            f"replayed letters: {self._path}: {error.strerror}",
            remedy="nothing more is put on the stream: what was put must be entered there",
        )
