"""Where a shard's records are cut into the objects of the archive, and what stands in them. Pure.

The cuts depend on the records and the archive's settings alone, never on how they came in batches:
at each end of a window of arrival time (a minute), after the record with which an object reaches
its size (5 MiB), and at the shard's end. An object is named after its first record. So whoever
reads the records again, in whatever batches, makes the same objects under the same names, and
writing them again changes nothing. The user records of an aggregate have one sequence number, and
stay in one object: cut between them, two objects would have one name.
"""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json import loads
from typing import Any

import msgspec

from fleet.batch import SHARD_END, Batch, later
from fleet.errors import FleetError
from fleet.timestamp import timestamp_text
from sinks.archive_arrivals import Arrivals
from sinks.archive_layout import (
    ARRIVALS,
    ERRORS,
    HOUR_MS,
    JSON_SUFFIX,
    PARQUET_SUFFIX,
    READINGS,
    ObjectName,
)
from sinks.archive_settings import ArchiveSettings

NESTING_MAX = 100
"""DuckDB gives up on a whole file for one value nested deeper than 128."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive records of one shard that belong together: one object of readings, or of errors,
    or one of each.
    """

    shard_id: str
    start_ms: int
    """When its window of arrival time begins, since 1970, UTC."""
    first_sequence_number: str
    readings: Sequence[bytes]
    """Lines, without their line ends."""
    arrivals: Arrivals
    """Of the readings."""
    errors: Sequence[bytes]

    def objects(self, settings: ArchiveSettings) -> list[tuple[str, bytes]]:
        """Key and body of each object, the same bytes every time. When the readings are there, so
        is what the reader of them needs: they come last.
        """
        objects = []
        if self.errors:
            objects.append((self._key(ERRORS, JSON_SUFFIX), compressed(self.errors)))
        if self.readings and settings.format == "parquet":
            from sinks.archive_parquet import parquet_file

            body = parquet_file(settings.columns, [(self.readings, self.arrivals)])
            objects.append((self._key(READINGS, PARQUET_SUFFIX), body))
        elif self.readings:
            objects.append((self._key(ARRIVALS, JSON_SUFFIX), compressed([self.arrivals.line()])))
            objects.append((self._key(READINGS, JSON_SUFFIX), compressed(self.readings)))
        return objects

    def _key(self, prefix: str, suffix: str) -> str:
        hour_ms = self.start_ms // HOUR_MS * HOUR_MS
        return ObjectName(prefix, hour_ms, self.shard_id, self.first_sequence_number, suffix).key


def compressed(lines: Sequence[bytes]) -> bytes:
    """GZIP JSON lines."""
    # The time in a GZIP header would make each replay's bytes differ.
    return gzip.compress(b"\n".join(lines) + b"\n", 6, mtime=0)


def lines_of(body: bytes, key: str) -> list[bytes]:
    """The lines of an object, or of several one after the other. Raises FleetError for what cannot
    be read.
    """
    try:
        return gzip.decompress(body).removesuffix(b"\n").split(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise FleetError(f"{key} cannot be read: {error}") from None


class Cutter:
    """Cuts the records of one shard into runs, from a position on."""

    def __init__(self, shard_id: str, position: str | None, settings: ArchiveSettings) -> None:
        self._shard_id = shard_id
        self._settings = settings
        self._taken = position
        self._cut = position
        self._readings: list[bytes] = []
        self._arrivals = Arrivals.none(shard_id)
        self._errors: list[bytes] = []
        self._first: str | None = None
        self._window = 0
        self._bytes = 0

    @property
    def position(self) -> str | None:
        """The last record that is not held back for a run that is still open, or SHARD_END."""
        return self._taken if self._first is None else self._cut

    def add(self, batch: Batch) -> list[Run]:
        """The runs that end with this batch. Records that were taken before are passed over."""
        fresh = batch.after(self._taken)
        window_ms = self._settings.window_ms
        runs: list[Run] = []
        arrivals_ms: list[int] = fresh.arrival_ms.tolist()
        numbers = fresh.sequence_numbers
        for i, (data, arrival_ms, sequence_number) in enumerate(
            zip(fresh.records, arrivals_ms, numbers, strict=True)
        ):
            window = arrival_ms // window_ms
            if self._first is not None and window != self._window:
                runs.append(self._end_run())
            if self._first is None:
                self._first, self._window = sequence_number, window
            if i not in fresh.broken and (line := json_line(data)) is not None:
                self._readings.append(line)
                self._arrivals.add(sequence_number, arrival_ms, fresh.partition_keys[i])
            else:
                self._add_error(fresh, i)
            self._bytes += len(data)
            self._taken = sequence_number
            # An aggregate is never in two batches, so that its last record shows.
            if self._bytes >= self._settings.object_bytes and (
                list(numbers[i + 1 : i + 2]) != [sequence_number]
            ):
                runs.append(self._end_run())
        window_over = batch.tip_ms is not None and batch.tip_ms >= (self._window + 1) * window_ms
        if self._first is not None and (window_over or batch.position == SHARD_END):
            runs.append(self._end_run())
        self._taken = later(self._taken, batch.position)
        return runs

    def _add_error(self, batch: Batch, record: int) -> None:
        index = len(self._readings) + len(self._errors)
        self._errors.append(error_line(batch, record, batch.records[record], {"index": index}))

    def _end_run(self) -> Run:
        assert self._first is not None
        start_ms = self._window * self._settings.window_ms
        run = Run(
            self._shard_id, start_ms, self._first, self._readings, self._arrivals, self._errors
        )
        self._readings, self._errors, self._first, self._bytes = [], [], None, 0
        self._arrivals = Arrivals.none(self._shard_id)
        self._cut = self._taken
        return run


def error_line(batch: Batch, record: int, data: bytes, more: Mapping[str, int]) -> bytes:
    """A record, or a part of it, that is no JSON line, as a JSON object that says which it is."""
    wrapped = {
        "shard_id": batch.shard_id,
        "sequence_number": batch.record_id(record),
        "arrival": timestamp_text(int(batch.arrival_ms[record])),
        "partition_key": batch.partition_keys[record],
        **more,
        "data_base64": data,
    }
    return _encode(wrapped)


def json_line(data: bytes) -> bytes | None:
    """The record as one line that every JSON reader takes, or None when it is not an object, or one
    that some readers refuse: with a name twice, or nested deeper than NESTING_MAX. One such line
    would make a whole query fail.

    Only line breaks change: outside a string, the one place where JSON allows them, they are
    blanks.
    """
    try:
        value = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # Most records are flat and show it cheaply: as many `":` as names means that no name is doubled
    # or nested, unless a blank stands before a colon; and without a list nothing else is nested.
    unmarked = len(data.translate(None, _MARKS)) == len(data)
    if unmarked and data.count(b'":') == len(value) and b" :" not in data:
        return data
    return data.strip(b"\r\n").translate(_BREAKS_TO_BLANKS) if _readable(data) else None


_MARKS = b"[\t\n\r"
_BREAKS_TO_BLANKS = bytes.maketrans(b"\n\r", b"  ")


def _readable(data: bytes) -> bool:
    """Whether no name stands twice in any object and nothing is nested too deep."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) != len(pairs):
            raise ValueError("a name stands twice")
        return names

    try:
        level = [loads(data, object_pairs_hook=unique)]
    except (ValueError, RecursionError):
        return False
    for _ in range(NESTING_MAX):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return True
    return False
