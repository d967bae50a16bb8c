"""Rows into a Kinesis stream, as the service wrote them: one flat JSON object a record.

At least once: a stream cannot overwrite, so what is written again after a crash is there twice, as
it was in the service.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from awsio.clients import AwsClients
from awsio.put_records import Entry, put_records
from awsio.retry import OnWait
from awsio.streams import describe_stream
from fleet.errors import RowRefused
from fleet.reading import SUMMARY_STREAM
from fleet.row import Row
from sinks.resource import until_ready

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

RECORD_BYTES_MAX = 1024 * 1024
"""Of data and key: what every stream takes (a stream can be set to take more)."""

KEY_CHARACTERS_MAX = 256

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}")

_encode = msgspec.json.Encoder(decimal_format="number").encode


class KinesisSink:
    """Rows with one partition key keep their order; see `partition_key`."""

    name = "kinesis"

    def __init__(
        self, aws: AwsClients, stream: str = SUMMARY_STREAM, *, on_wait: OnWait | None = None
    ) -> None:
        self._aws = aws
        self._stream = stream
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
        """Columns keep their order, and one that is NULL is `null`."""
        refused: list[tuple[str, str]] = []
        entries: list[Entry] = []
        for row in rows:
            entry = Entry(partition_key(row), _encode(dict(row.values)))
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


def partition_key(row: Row) -> str:
    """The row's first text that is not a TIMESTAMP, else the row's id.

    What the service did is not documented. Text in front is nearly always the group key, so the
    rows of one unicorn stay in one shard and in order; a row without any spreads evenly.
    """
    for value in row.values.values():
        if isinstance(value, str) and value and not _TIMESTAMP.fullmatch(value):
            return value[:KEY_CHARACTERS_MAX]
    return row.id[:KEY_CHARACTERS_MAX]
