"""Rows, or raw records, through a Firehose delivery stream: a line each.

At least once: what is written again after a crash is delivered twice. Firehose puts records one
after the other into its objects as they are, so each ends with a line feed.
"""

from collections.abc import Sequence
from typing import Any, Final

from awsio.clients import AwsClients
from awsio.put_record_batch import RECORD_BYTES_MAX, put_record_batch
from awsio.retry import OnWait, retry
from fleet.batch import Batch, later
from fleet.errors import ConfigError, RowRefused
from fleet.row import Row
from sinks.archive_object import error_line, json_line
from sinks.base import Cursor
from sinks.resource import until_ready
from sinks.row_format import LINES, RowFormat

PART_BYTES: Final = 700_000
"""Of a record that is no JSON line: with base64, its names and keys, a part is one that Firehose
takes. A Kinesis record may be larger than a record of Firehose.
"""

_MISSING: Final = (
    "docs/sinks.md says how to make a delivery stream of type DirectPut; --region and "
    "--endpoint-url name another place"
)


class FirehoseSink:
    """Rows as JSON lines or CSV."""

    def __init__(
        self,
        aws: AwsClients,
        delivery_stream: str,
        *,
        name: str = "firehose",
        row_format: RowFormat = "json",
        on_wait: OnWait | None = None,
    ) -> None:
        self.name = name
        self._aws = aws
        self._delivery_stream = delivery_stream
        self._line = LINES[row_format]
        self._on_wait = on_wait
        self._client: Any = None

    async def open(self) -> None:
        """Waits for a delivery stream that is being created. Raises ResourceMissing when there is
        none, ConfigError for one that takes no records from us.
        """
        self._client = await ready_client(self._aws, self._delivery_stream, self._on_wait)

    async def write(self, rows: Sequence[Row]) -> None:
        refused: list[tuple[str, str]] = []
        lines: list[bytes] = []
        for row in rows:
            line = self._line(row.values)
            if len(line) > RECORD_BYTES_MAX:
                reason = f"the record has {len(line)} bytes; Firehose takes {RECORD_BYTES_MAX}"
                refused.append((row.id, reason))
            else:
                lines.append(line)
        await put_record_batch(self._client, self._delivery_stream, lines, on_wait=self._on_wait)
        if refused:
            raise RowRefused(
                f"delivery stream {self._delivery_stream} refuses {len(refused)} of {len(rows)} "
                f"rows, the first because {refused[0][1]}",
                refused,
            )

    async def close(self) -> None:
        """The clients are closed by their owner."""


class FirehoseRecords:
    """The raw archive through a delivery stream, which cuts its own objects: holds nothing back.

    What is no JSON object is a line like those of the archive's errors, since bytes of any kind
    would spoil the lines around them.
    """

    name = "firehose_archive"

    def __init__(
        self, aws: AwsClients, delivery_stream: str, *, on_wait: OnWait | None = None
    ) -> None:
        self._aws = aws
        self._delivery_stream = delivery_stream
        self._on_wait = on_wait
        self._client: Any = None
        self._cursor: dict[str, str] = {}

    async def open(self, cursor: Cursor) -> None:
        """As FirehoseSink.open."""
        self._cursor = {shard_id: str(position) for shard_id, position in cursor.items()}
        self._client = await ready_client(self._aws, self._delivery_stream, self._on_wait)

    async def write(self, batch: Batch) -> None:
        before = self._cursor.get(batch.shard_id)
        fresh = batch.after(before)
        lines = [line for i in range(len(fresh)) for line in _lines(fresh, i)]
        await put_record_batch(self._client, self._delivery_stream, lines, on_wait=self._on_wait)
        if (position := later(before, batch.position)) is not None:
            self._cursor[batch.shard_id] = position

    def cursor(self) -> Cursor:
        return dict(self._cursor)

    async def close(self) -> None:
        """The clients are closed by their owner."""


async def ready_client(aws: AwsClients, delivery_stream: str, on_wait: OnWait | None) -> Any:
    """The client, once the delivery stream can be written to; raises as FirehoseSink.open."""
    client = await aws.firehose()
    what = f"delivery stream {delivery_stream} at {client.meta.endpoint_url}"
    kind = ""

    async def status() -> str:
        nonlocal kind
        answer = await retry(
            lambda: client.describe_delivery_stream(DeliveryStreamName=delivery_stream),
            what,
            on_wait=on_wait,
        )
        description = answer["DeliveryStreamDescription"]
        kind = description["DeliveryStreamType"]
        return str(description["DeliveryStreamStatus"])

    await until_ready(status, what, remedy=_MISSING, on_wait=on_wait)
    if kind != "DirectPut":
        raise ConfigError(
            f"{what} reads from a stream by itself ({kind}) and takes no records from others",
            remedy="name one of type DirectPut: docs/sinks.md says how to make it",
        )
    return client


def _lines(batch: Batch, record: int) -> list[bytes]:
    """The record as one line; what is no such line, or too long for one, in the parts of its bytes
    that Firehose takes.
    """
    data = batch.records[record]
    line = None if record in batch.broken else json_line(data)
    if line is not None and len(line) < RECORD_BYTES_MAX:
        return [line + b"\n"]
    parts = range(0, len(data), PART_BYTES) or range(1)
    return [
        error_line(batch, record, data[at : at + PART_BYTES], {"part": part, "parts": len(parts)})
        + b"\n"
        for part, at in enumerate(parts)
    ]
