"""Rows as lines at the end of a file on this machine: JSON or CSV.

The cursor is the file and its length, so each row stands there once, whatever crashes: see
sinks/cut_back_file.py. A row that is corrected later stands there again, and the later line counts.
"""

from collections.abc import Sequence
from pathlib import Path

from awsio.retry import OnWait, retry_blocking
from fleet.row import Row
from sinks.base import Cursor
from sinks.cut_back_file import CutBackFile
from sinks.epoch_file import EpochFile
from sinks.row_format import LINES, RowFormat


class RowFile:
    """One file, which belongs to one output of one `application`."""

    def __init__(
        self,
        path: Path,
        *,
        application: str = "",
        name: str = "file",
        epoch: int = 0,
        row_format: RowFormat = "json",
        on_wait: OnWait | None = None,
    ) -> None:
        self.name = name
        self._on_wait = on_wait
        self._what = f"rows: {path}"
        self._line = LINES[row_format]
        holder = EpochFile(
            path.with_name(f"{path.name}.epoch"),
            epoch,
            self._what,
            "free some space, or name a file in a folder that may be written; nothing is lost, "
            "the records are read again",
            owner=application,
        )
        self._file = CutBackFile(path, holder)

    async def open(self, cursor: Cursor) -> None:
        """A cursor of another file says nothing about this one, which is then kept whole."""
        await retry_blocking(lambda: self._file.open(cursor), self._what, on_wait=self._on_wait)

    async def write(self, rows: Sequence[Row]) -> None:
        if rows:
            lines = b"".join(self._line(row.values) for row in rows)
            await retry_blocking(
                lambda: self._file.append(lines), self._what, on_wait=self._on_wait
            )

    def cursor(self) -> Cursor:
        return self._file.cursor()

    async def close(self) -> None:
        self._file.close()
