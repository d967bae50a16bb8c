"""A file of records: as GetRecords returns them, or bare.

The first line decides. It is a record as GetRecords returns it when it is a JSON object with both
ApproximateArrivalTimestamp and Data (or Text); then every line has to be one. Otherwise each line
is the data of a record, which arrives a fixed time after the one before it.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from fleet.errors import ConfigError
from fleet.timestamp import LAST_MS, timestamp_ms

SHARD = "shardId-000000000000"
"""The shard of records that name none."""
START_MS = 1_767_225_600_000
"""2026-01-01 00:00:00: when the first bare record arrives, unless told otherwise."""
INTERVAL_MS = 1000
_SECONDS_MAX = 1e11
"""Times beyond this are no seconds: somebody gave milliseconds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One record and the line it stands on, from 1."""

    line: int
    shard_id: str
    sequence_number: str
    partition_key: str
    arrival_ms: int
    data: bytes
    names_shard: bool = False
    """Whether its line says of which shard it is: all lines of a file do, or none."""


NOTHING = msgspec.Raw()


class _Line(msgspec.Struct):
    """A record as GetRecords returns it; Text and ShardId are ours."""

    arrival: str | float = msgspec.field(name="ApproximateArrivalTimestamp")
    partition_key: str = msgspec.field(name="PartitionKey", default="")
    sequence_number: str | None = msgspec.field(name="SequenceNumber", default=None)
    shard_id: str | None = msgspec.field(name="ShardId", default=None)
    data: msgspec.Raw = msgspec.field(name="Data", default=NOTHING)
    text: str | None = msgspec.field(name="Text", default=None)


_decode = msgspec.json.Decoder(_Line).decode


def read_records(
    lines: Iterable[bytes],
    name: str,
    *,
    start_ms: int = START_MS,
    interval_ms: int = INTERVAL_MS,
) -> Iterator[FileRecord]:
    """The records of a file; empty lines are passed over.

    `start_ms` and `interval_ms` time bare records. Raises ConfigError, with the line's number, for
    a line that is no record, and for one that arrived before an earlier one of its shard.
    """
    reader: _Bare | _Kinesis | None = None
    latest: dict[str, FileRecord] = {}
    for number, line in enumerate(lines, start=1):
        content = line.strip(b"\r\n")
        if not content.strip():
            continue
        if reader is None:
            is_kinesis = _is_kinesis(content)
            reader = _Kinesis(name) if is_kinesis else _Bare(start_ms, interval_ms)
        record = reader.read(number, content)
        if record.arrival_ms > LAST_MS:
            raise ConfigError(f"{name}:{number}: this record arrives after the year 9999")
        before = latest.get(record.shard_id)
        if before is not None and record.arrival_ms < before.arrival_ms:
            raise ConfigError(
                f"{name}:{number}: this record arrived before that of line {before.line}, of the "
                "same shard",
                remedy="a shard's records are in the order of their arrival: sort the file, or "
                "name each record's ShardId",
            )
        latest[record.shard_id] = record
        yield record


def _is_kinesis(content: bytes) -> bool:
    try:
        first = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return "ApproximateArrivalTimestamp" in first and ("Data" in first or "Text" in first)


class _Bare:
    """Lines that are the data itself."""

    def __init__(self, start_ms: int, interval_ms: int) -> None:
        self._next_ms = start_ms
        self._interval_ms = interval_ms

    def read(self, number: int, content: bytes) -> FileRecord:
        arrival_ms = self._next_ms
        self._next_ms += self._interval_ms
        return FileRecord(number, SHARD, str(number), "", arrival_ms, content)


class _Kinesis:
    """Lines that are records as GetRecords returns them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._names_shard: bool | None = None

    def read(self, number: int, content: bytes) -> FileRecord:
        try:
            line = _decode(content)
            arrival_ms = _arrival_ms(line.arrival)
            data = _data(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise ConfigError(
                f"{self._name}:{number}: not a record as GetRecords returns it: {error}",
                remedy='such as {"ApproximateArrivalTimestamp": 1767225600.123, "PartitionKey": '
                '"a", "Data": {"x": 1}}; the first line says that all lines are like it',
            ) from None
        sequence_number = str(number) if line.sequence_number is None else line.sequence_number
        if not sequence_number.isdecimal():
            raise ConfigError(f"{self._name}:{number}: SequenceNumber is {sequence_number!r}")
        names_shard = line.shard_id is not None
        if self._names_shard is None:
            self._names_shard = names_shard
        if names_shard != self._names_shard:
            raise ConfigError(
                f"{self._name}:{number}: some records have a ShardId and some do not",
                remedy="give all of them one, or none",
            )
        return FileRecord(
            line=number,
            shard_id=line.shard_id or SHARD,
            sequence_number=sequence_number,
            partition_key=line.partition_key,
            arrival_ms=arrival_ms,
            data=data,
            names_shard=names_shard,
        )


def _data(line: _Line) -> bytes:
    """Text is the data; Data is base64 as in the API, or the JSON value itself."""
    if line.text is not None:
        return line.text.encode()
    raw = bytes(line.data)
    if not raw:
        raise ValueError("it has neither Data nor Text")
    if not raw.startswith(b'"'):
        return raw
    try:
        return base64.b64decode(msgspec.json.decode(raw, type=str), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("Data is text but not base64; for plain text, write Text") from None


def _arrival_ms(value: str | float) -> int:
    """Seconds since 1970, as the API has it; ISO 8601, as the AWS CLI prints it; or a timestamp."""
    if not isinstance(value, str):
        if not 0 <= value < _SECONDS_MAX:
            raise ValueError("ApproximateArrivalTimestamp has to be seconds since 1970")
        return round(value * 1000)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return timestamp_ms(value)
    delta = moment - _EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000
