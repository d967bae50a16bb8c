"""A shard by the id a request gives, and as an answer describes it."""

import re
from collections.abc import Callable
from typing import Final

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.errors import ResourceNotFound
from local_kinesis.shard import Shard, shard_id
from local_kinesis.stream import Stream

_SHARD_INDEX_MAX: Final = 2**31 - 1
_SHARD_NUMBER = re.compile(r"(?:.*-)?([0-9]+)\Z")


def find_shard(
    stream: Stream, text: str, absent: Callable[[int, str], ResourceNotFound] | None = None
) -> Shard:
    """As the service does it, only the number after the last hyphen counts: `shardId-2` is a
    shard's id too. Raises ResourceNotFound, that of `absent` for an id that a shard could have.
    """
    number = _SHARD_NUMBER.match(text)
    if number is None or int(number[1]) > _SHARD_INDEX_MAX:
        raise could_not_find(text, stream.name)
    shard = stream.shard(int(number[1]))
    if shard is None:
        raise (absent or no_shard)(int(number[1]), stream.name)
    return shard


def could_not_find(text: str, stream_name: str) -> ResourceNotFound:
    """What is said of an id that no shard can have."""
    return ResourceNotFound(
        f"Could not find shard {text} in stream {stream_name} under account {ACCOUNT_ID}."
    )


def no_shard(index: int, stream_name: str) -> ResourceNotFound:
    """What is said of a shard that does not exist, or no longer."""
    return ResourceNotFound(
        f"Shard {shard_id(index)} in stream {stream_name} under account {ACCOUNT_ID} does not exist"
    )


def shard_members(shard: Shard) -> dict[str, object]:
    """A shard as the wire has it."""
    numbers = {"StartingSequenceNumber": shard.starting_sequence_number}
    ending = shard.ending_sequence_number
    if ending is not None:
        numbers["EndingSequenceNumber"] = ending
    parents = zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False)
    return {
        "ShardId": shard.id,
        **{member: shard_id(index) for member, index in parents},
        "HashKeyRange": _hash_key_range(shard),
        "SequenceNumberRange": numbers,
    }


def child_members(shard: Shard) -> dict[str, object]:
    """A shard as one of ChildShards."""
    return {
        "ShardId": shard.id,
        "ParentShards": [shard_id(index) for index in shard.parents],
        "HashKeyRange": _hash_key_range(shard),
    }


def _hash_key_range(shard: Shard) -> dict[str, str]:
    return {
        "StartingHashKey": str(shard.hash_keys.start),
        "EndingHashKey": str(shard.hash_keys.end),
    }
