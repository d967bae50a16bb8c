"""A sample of records, from a file or a stream."""

import asyncio
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import ConfigError, ResourceMissing

if TYPE_CHECKING:
    from fleet.settings import AwsSettings

WAIT_S = 10.0
"""How long a stream may take to have records."""


def sample_file(path: Path, count: int) -> list[bytes]:
    """The first records of a file; `-` is standard input. Raises ConfigError."""
    from wildrydes.trial.record_file import read_records

    if str(path) == "-":
        records = read_records(sys.stdin.buffer, "standard input")
        return [record.data for record in islice(records, count)]
    with path.open("rb") as lines:
        return [record.data for record in islice(read_records(lines, str(path)), count)]


async def sample_stream(stream: str, count: int, settings: "AwsSettings") -> list[bytes]:
    """Records of every shard of a stream, from its oldest on; fewer when it has no more. Raises
    ConfigError for a stream that is not there.
    """
    from awsio.clients import AwsClients
    from processor.source.kinesis import KinesisSource

    records: list[bytes] = []
    async with AwsClients(settings) as aws:
        source = KinesisSource(aws, stream, start=None)
        try:
            unread = set(await source.open({}))
            async with asyncio.timeout(WAIT_S):
                while unread and len(records) < count:
                    batch = await source.read()
                    unread |= set(batch.children)
                    records += batch.records
                    if batch.tip_ms is not None or batch.children:
                        unread.discard(batch.shard_id)
        except TimeoutError:
            pass
        except ResourceMissing:
            raise ConfigError(
                f"there is no stream {stream}",
                remedy="check --stream, --region and --endpoint-url",
            ) from None
        finally:
            await source.close()
    return records[:count]
