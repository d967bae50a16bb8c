"""Rows into a Kinesis stream, as the service wrote them: a flat JSON object or a line of CSV each.

At least once: a stream cannot overwrite, so what is written again after a crash is there twice, as
it was in the service. The partition key carries the row's mark (fleet/row_mark.py), by which a
reader leaves out what it has seen.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from awsio.clients import AwsClients
from awsio.put_records import Entry, put_records
from awsio.retry import OnWait
from awsio.streams import describe_stream
from fleet.errors import RowRefused
from fleet.reading import SUMMARY_STREAM
from fleet.row import Row
from fleet.row_mark import marked
from sinks.resource import until_ready
from sinks.row_format import RECORDS, RowFormat

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

RECORD_BYTES_MAX = 1024 * 1024
"""Of data and key: what every stream takes (a stream can be set to take more)."""

KEY_CHARACTERS_MAX = 256

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")


class KinesisSink:
    """Rows with one `shard_key` keep their order."""

    def __init__(
        self,
        aws: AwsClients,
        stream: str = SUMMARY_STREAM,
        *,
        name: str = "kinesis",
        row_format: RowFormat = "json",
        on_wait: OnWait | None = None,
    ) -> None:
        self.name = name
        self._aws = aws
        self._stream = stream
        self._text = RECORDS[row_format]
        self._on_wait = on_wait
        self._client: KinesisClient

    async def open(self) -> None:
        """Waits for a stream that is being created. Raises ResourceMissing when there is none."""
        client = self._client = await self._aws.kinesis()
        await until_ready(
            lambda: describe_stream(client, self._stream, on_wait=self._on_wait),
            f"stream {self._stream} at {client.meta.endpoint_url}",
            remedy="`wildrydes processor --create-missing` makes it; --summary-stream names "
            "another, --region and --endpoint-url another place",
            on_wait=self._on_wait,
        )

    async def write(self, rows: Sequence[Row]) -> None:
        """Columns keep their order, and one that is NULL is `null`, or an empty field."""
        refused: list[tuple[str, str]] = []
        entries: list[Entry] = []
        for row in rows:
            entry = _entry(row, self._text(row.values))
            size = len(entry.data) + len(entry.partition_key.encode())
            if size > RECORD_BYTES_MAX:
                refused.append(
                    (row.id, f"the record has {size} bytes; Kinesis takes {RECORD_BYTES_MAX}")
                )
            else:
                entries.append(entry)
        await put_records(self._client, self._stream, entries, on_wait=self._on_wait)
        if refused:
            raise RowRefused(
                f"stream {self._stream} refuses {len(refused)} of {len(rows)} rows, "
                f"the first because {refused[0][1]}",
                refused,
            )

    async def close(self) -> None:
        """The clients are closed by their owner."""


def shard_key(row: Row) -> str:
    """What decides the shard: the row's first text that is not a TIMESTAMP, else the row's id.

    What the service did is not documented. Text in front is nearly always the group key, so the
    rows of one unicorn stay in one shard and in order; a row without any spreads evenly.
    """
    for value in row.values.values():
        if isinstance(value, str) and value and not _TIMESTAMP.fullmatch(value):
            return value
    return row.id


def hash_key(text: str) -> int:
    """Where the service puts a record with this partition key: its MD5 (API reference,
    PutRecord).
    """
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest())


def _entry(row: Row, data: bytes) -> Entry:
    key = shard_key(row)
    # The hash key keeps a unicorn's rows in the shard where its name alone would put them.
    return Entry(
        partition_key=marked(key, row.id, KEY_CHARACTERS_MAX),
        data=data,
        hash_key=hash_key(key[:KEY_CHARACTERS_MAX]),
    )
