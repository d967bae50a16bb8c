"""ListShards to its last page."""

from typing import TYPE_CHECKING, Any

from awsio.lineage import Shard
from awsio.retry import OnWait, retry

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import HashKeyRangeTypeDef


async def list_shards(
    client: "KinesisClient", stream: str, *, on_wait: OnWait | None = None
) -> list[Shard]:
    """Every shard of the stream, closed ones within retention included.

    Raises ResourceMissing when there is no such stream.
    """
    shards: list[Shard] = []
    request: dict[str, Any] = {"StreamName": stream}
    while True:
        answer = await retry(
            lambda request=request: client.list_shards(**request),  # type: ignore[misc]
            f"stream {stream}",
            on_wait=on_wait,
        )
        for shard in answer["Shards"]:
            parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
            is_closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
            hash_keys = hash_key_range(shard["HashKeyRange"])
            known = tuple(parent for parent in parents if parent)
            shards.append(Shard(shard["ShardId"], known, is_closed, hash_keys))
        token = answer.get("NextToken")
        if token is None:
            return shards
        # The service refuses a stream name beside a token.
        request = {"NextToken": token}


def hash_key_range(described: "HashKeyRangeTypeDef") -> range:
    """The hash keys of a shard, of which the service names the first and the last."""
    return range(int(described["StartingHashKey"]), int(described["EndingHashKey"]) + 1)
