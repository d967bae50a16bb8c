"""A stream's registered consumer: what SubscribeToShard pushes records to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from awsio.retry import OnWait, error_code, retry
from awsio.streams import summarize_stream
from fleet.errors import FleetError, ResourceMissing

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

POLL_S: Final = 0.3
"""Between two looks at a consumer that is being made; the service allows 20 a second."""
ATTEMPTS: Final = 8
"""LimitExceededException is both too many calls at a time, which passes, and too many consumers of
the stream, which does not."""
_GOODBYE_S: Final = 5.0
"""How long a clean end may wait for the service."""


@asynccontextmanager
async def registered_consumer(
    client: "KinesisClient", stream: str, name: str, *, on_wait: OnWait | None = None
) -> AsyncIterator[str]:
    """The ARN of a consumer that can subscribe. One that was not there is made, and deregistered
    at the end. Raises ResourceMissing without the stream, FleetError when the service refuses."""
    arn = (await summarize_stream(client, stream, on_wait=on_wait)).arn
    is_ours = await _register(client, arn, name, on_wait)
    try:
        yield await _active(client, arn, name, on_wait)
    finally:
        if is_ours:
            await _deregister(client, arn, name, on_wait)


async def _register(client: "KinesisClient", arn: str, name: str, on_wait: OnWait | None) -> bool:
    """Whether it was made."""
    try:
        await retry(
            lambda: client.register_stream_consumer(StreamARN=arn, ConsumerName=name),
            f"consumer {name}",
            on_wait=on_wait,
            attempts=ATTEMPTS,
        )
    except ClientError as error:
        if error_code(error) == "ResourceInUseException":
            return False
        raise FleetError(f"consumer {name}: {error}") from error
    return True


async def _active(client: "KinesisClient", arn: str, name: str, on_wait: OnWait | None) -> str:
    while True:
        answer = await retry(
            lambda: client.describe_stream_consumer(StreamARN=arn, ConsumerName=name),
            f"consumer {name}",
            on_wait=on_wait,
        )
        consumer = answer["ConsumerDescription"]
        if consumer["ConsumerStatus"] == "ACTIVE":
            return consumer["ConsumerARN"]
        if consumer["ConsumerStatus"] == "DELETING":
            raise FleetError(f"consumer {name} is being deleted", remedy="try again in a minute")
        if on_wait is not None:
            on_wait(f"consumer {name} is {consumer['ConsumerStatus']}", POLL_S)
        await asyncio.sleep(POLL_S)


async def _deregister(client: "KinesisClient", arn: str, name: str, on_wait: OnWait | None) -> None:
    """One that cannot be reached in time stays: it is used again by the next start."""
    try:
        async with asyncio.timeout(_GOODBYE_S):
            await retry(
                lambda: client.deregister_stream_consumer(StreamARN=arn, ConsumerName=name),
                f"consumer {name}",
                on_wait=on_wait,
            )
    except (ClientError, FleetError, TimeoutError) as error:
        if on_wait is not None and not isinstance(error, ResourceMissing):
            on_wait(f"consumer {name} stays registered: {str(error) or 'no answer'}", 0.0)
