"""What could not be used, as JSON lines in a file on this machine.

The cursor is the file and its length: see sinks/cut_back_file.py.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from awsio.retry import OnWait, retry_blocking
from fleet.row import DeadLetter
from fleet.timestamp import timestamp_text
from sinks.base import Cursor
from sinks.cut_back_file import CutBackFile
from sinks.epoch_file import EpochFile

FILE_NAME: Final = "dead-letter.jsonl"
"""In the folder of an application."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


class DeadLetterFile:
    """Of several writers the one of the newest epoch; the others get Superseded."""

    name = "dead_letter"

    def __init__(
        self, path: Path, stream: str = "", *, epoch: int = 0, on_wait: OnWait | None = None
    ) -> None:
        """`stream`: what the letters say of where their records came from."""
        self._stream = stream
        self._on_wait = on_wait
        self._what = f"dead letters: {path}"
        holder = EpochFile(
            path.with_suffix(".epoch"),
            epoch,
            self._what,
            "free some space or give another --data folder; nothing is lost, the records are "
            "read again",
        )
        self._file = CutBackFile(path, holder)

    async def open(self, cursor: Cursor) -> None:
        """Without a cursor of this file (a first start, one on another machine, or state that was
        discarded) everything in it is kept and letters are added after it.
        """
        await retry_blocking(lambda: self._file.open(cursor), self._what, on_wait=self._on_wait)

    async def write(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            lines = b"".join(letter_line(letter, self._stream) for letter in letters)
            await retry_blocking(
                lambda: self._file.append(lines), self._what, on_wait=self._on_wait
            )

    def cursor(self) -> Cursor:
        return self._file.cursor()

    async def close(self) -> None:
        self._file.close()


def letter_line(letter: DeadLetter, stream: str = "") -> bytes:
    """The letter as one JSON line; data that is not UTF-8 stands there in base64."""
    line: dict[str, str | bytes | bool] = {} if not stream else {"stream": stream}
    line |= {
        "shard_id": letter.shard_id,
        "sequence_number": letter.sequence_number,
        "arrival": timestamp_text(letter.arrival_ms),
        "partition_key": letter.partition_key,
        "stage": letter.stage,
        "reason": letter.reason,
    }
    if letter.partial:
        line["partial"] = True
    try:
        line["data"] = letter.data.decode()
    except UnicodeDecodeError:
        line["data_base64"] = letter.data
    return _encode(line) + b"\n"
