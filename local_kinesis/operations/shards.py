"""ListShards, and how a shard is described."""

from typing import Final

from local_kinesis.errors import InvalidArgument, ResourceNotFound
from local_kinesis.operations.result import Result
from local_kinesis.page_token import PageToken
from local_kinesis.request import ListShards, milliseconds
from local_kinesis.shard import Shard
from local_kinesis.store import ACCOUNT_ID, Store
from local_kinesis.stream import Stream

_SHARDS_PAGE: Final = 1000


def list_shards(store: Store, asked: ListShards, now_ms: int) -> Result:
    """The shards of a stream in the order of their ids, at most 1,000 a page.

    Every shard here is open and has been since its stream was made, so each filter on time selects
    all of them; AFTER_SHARD_ID is ExclusiveStartShardId by another name.
    """
    if asked.NextToken is None:
        stream = store.find(asked.StreamName, asked.StreamARN)
        _check_creation(stream, asked.StreamCreationTimestamp)
        after = _first_after(asked)
    else:
        stream, after = _continued(store, asked, asked.NextToken, now_ms)
    shards = [shard for shard in stream.shards if shard.id > after]
    count = min(asked.MaxResults or _SHARDS_PAGE, _SHARDS_PAGE)
    page = shards[:count]
    answer: dict[str, object] = {"Shards": [shard_members(shard) for shard in page]}
    if len(shards) > count:
        answer["NextToken"] = PageToken(now_ms, _listing(stream), page[-1].id).seal()
    return answer


def shard_members(shard: Shard) -> dict[str, object]:
    """A shard as the wire has it."""
    return {
        "ShardId": shard.id,
        "HashKeyRange": {
            "StartingHashKey": str(shard.hash_keys.start),
            "EndingHashKey": str(shard.hash_keys.end),
        },
        "SequenceNumberRange": {"StartingSequenceNumber": shard.starting_sequence_number},
    }


def _first_after(asked: ListShards) -> str:
    wanted = asked.ShardFilter
    if wanted is None:
        return asked.ExclusiveStartShardId or ""
    if wanted.Type == "AFTER_SHARD_ID":
        if wanted.ShardId is None:
            raise InvalidArgument("A ShardFilter of type AFTER_SHARD_ID must have a ShardId.")
        return wanted.ShardId
    if wanted.Type in ("AT_TIMESTAMP", "FROM_TIMESTAMP") and wanted.Timestamp is None:
        raise InvalidArgument(f"A ShardFilter of type {wanted.Type} must have a Timestamp.")
    return asked.ExclusiveStartShardId or ""


def _continued(store: Store, asked: ListShards, next_token: str, now_ms: int) -> tuple[Stream, str]:
    for member in ("StreamName", "StreamARN", "StreamCreationTimestamp", "ExclusiveStartShardId"):
        if getattr(asked, member) is not None:
            raise InvalidArgument(f"NextToken and {member} cannot be provided together.")
    token = PageToken.unseal(next_token, now_ms)
    name = token.listing.rpartition("/")[0]
    stream = store.streams.get(name)
    if stream is None or _listing(stream) != token.listing:
        raise ResourceNotFound(f"Stream {name} under account {ACCOUNT_ID} not found.")
    return stream, token.after


def _check_creation(stream: Stream, created: float | None) -> None:
    """A client whose clock knows no fractions sends whole seconds: those match any moment within
    them.
    """
    if created is None:
        return
    created_ms = milliseconds(created)
    exact = created_ms == stream.created_ms
    if not exact and not (
        created_ms % 1000 == 0 and created_ms // 1000 == stream.created_ms // 1000
    ):
        raise ResourceNotFound(
            f"Stream {stream.name} under account {ACCOUNT_ID} with creation timestamp {created_ms} "
            "not found."
        )


def _listing(stream: Stream) -> str:
    return f"{stream.name}/{stream.created_ms}"
