"""A Kinesis stream of setup's."""

from typing import TYPE_CHECKING

from awsio.retry import OnWait, retry
from awsio.streams import create_stream, describe_stream
from fleet.errors import ResourceMissing
from wildrydes.setup.resource import TAG, State

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient


class StreamResource:
    """A stream of `shards` shards."""

    kind = "stream"

    def __init__(self, client: "KinesisClient", name: str, shards: int, on_wait: OnWait) -> None:
        self._client = client
        self._shards = shards
        self._on_wait = on_wait
        self.name = name

    async def state(self) -> State:
        try:
            await describe_stream(self._client, self.name, on_wait=self._on_wait)
        except ResourceMissing:
            return State.ABSENT
        answer = await retry(
            lambda: self._client.list_tags_for_stream(StreamName=self.name),
            f"stream {self.name}",
            on_wait=self._on_wait,
        )
        tags = {tag["Key"]: tag.get("Value") for tag in answer["Tags"]}
        return State.OURS if tags.get(TAG[0]) == TAG[1] else State.FOREIGN

    async def make(self) -> None:
        await create_stream(self._client, self.name, self._shards, on_wait=self._on_wait)
        await retry(
            lambda: self._client.add_tags_to_stream(StreamName=self.name, Tags=dict([TAG])),
            f"stream {self.name}",
            on_wait=self._on_wait,
        )

    async def content(self) -> str:
        return "its records"

    async def destroy(self) -> None:
        await retry(
            lambda: self._client.delete_stream(StreamName=self.name, EnforceConsumerDeletion=True),
            f"stream {self.name}",
            on_wait=self._on_wait,
        )
