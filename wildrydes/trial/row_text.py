"""Rows as lines of text: JSON or CSV, of the streams that somebody asked for."""

from collections.abc import Sequence
from typing import Any

import msgspec

from analytics_sql.plan import Application
from fleet.errors import ConfigError
from fleet.row import Row
from fleet.timestamp import LAST_MS, timestamp_text
from processor.error_stream import NAME as ERROR_STREAM, STREAM as ERRORS
from sinks.row_format import csv_line

_encode = msgspec.json.Encoder(decimal_format="number").encode


class RowText:
    """Writes the rows of `outputs`, or of the streams that no pump reads.

    Raises ConfigError for a stream that the application does not have.
    """

    def __init__(
        self, application: Application, outputs: Sequence[str] | None, row_format: str = "json"
    ) -> None:
        known = {stream.name: stream for stream in (*application.streams, ERRORS)}
        self.streams = frozenset(application.outputs)
        if outputs is not None:
            self.streams = frozenset(_stream(name, list(known)) for name in outputs)
        self._only = next(iter(self.streams)) if outputs and len(self.streams) == 1 else None
        self._is_csv = row_format == "csv"
        if self._is_csv and self._only is None:
            raise ConfigError(
                "the rows of several streams make no CSV", remedy="name one stream with --output"
            )
        self.unseen_errors = 0
        """Rows of error_stream that nobody asked for."""
        self.first_error = ""
        """The message of the first of them."""

    def lines(self, rows: Sequence[Row]) -> bytes:
        """The rows of the streams asked for, a line each."""
        if ERROR_STREAM not in self.streams:
            self._count([row for row in rows if row.stream == ERROR_STREAM])
        chosen = [row for row in rows if row.stream in self.streams]
        if self._is_csv:
            return b"".join(csv_line(row.values) for row in chosen)
        if self._only is not None:
            return b"".join(_encode(row.values) + b"\n" for row in chosen)
        return b"".join(_encode(named(row)) + b"\n" for row in chosen)

    def _count(self, errors: Sequence[Row]) -> None:
        if errors and not self.unseen_errors:
            self.first_error = str(errors[0].values["MESSAGE"])
        self.unseen_errors += len(errors)


def named(row: Row) -> dict[str, Any]:
    """The row with its stream and its ROWTIME."""
    return {
        "stream": row.stream,
        "rowtime": timestamp_text(min(row.rowtime_ms, LAST_MS)),
        "row": row.values,
    }


def _stream(name: str, known: list[str]) -> str:
    """The stream of this name; without its quotes it may be written in any case, as in SQL."""
    for candidate in (name, name.upper()):
        if candidate in known:
            return candidate
    raise ConfigError(
        f"the application has no stream {name}", remedy=f"it has {', '.join(sorted(known))}"
    )
