"""PutRecord, PutRecords, GetShardIterator, GetRecords."""

import re
from typing import Final

from local_kinesis.errors import InvalidArgument, NotOffered, ResourceNotFound
from local_kinesis.operations.result import Records, Result
from local_kinesis.put import Put, prepare
from local_kinesis.request import GetRecords, GetShardIterator, PutRecord, PutRecords, milliseconds
from local_kinesis.sequence_number import parse
from local_kinesis.shard import FIRST_ORDINAL, Shard
from local_kinesis.shard_iterator import ShardIterator
from local_kinesis.store import ACCOUNT_ID, Store
from local_kinesis.stream import Stream

_READ_COUNT_MAX: Final = 10_000
_READ_BYTES_MAX: Final = 10 * 1024 * 1024
_SHARD_INDEX_MAX: Final = 2**31 - 1
_SHARD_NUMBER = re.compile(r"(?:.*-)?([0-9]+)\Z")


def put_record(store: Store, asked: PutRecord, now_ms: int) -> Result:
    """One record; sequence numbers of a shard always increase, so SequenceNumberForOrdering asks
    for nothing more.
    """
    if asked.DryRun:
        raise NotOffered("DryRun")
    stream = store.find(asked.StreamName, asked.StreamARN)
    floor = asked.SequenceNumberForOrdering
    if floor is not None and parse(floor) is None:
        raise InvalidArgument(
            f"ExclusiveMinimumSequenceNumber {floor} used in PutRecord on stream {stream.name} "
            f"under account {ACCOUNT_ID} is invalid."
        )
    put = prepare(stream, [asked], now_ms)
    store.commit(put, now_ms)
    return {"ShardId": put.shard_ids[0], "SequenceNumber": put.sequence_numbers[0]}


def put_records(store: Store, asked: PutRecords, now_ms: int) -> Put:
    """All records of the request, which share one arrival time."""
    if asked.DryRun:
        raise NotOffered("DryRun")
    put = prepare(store.find(asked.StreamName, asked.StreamARN), asked.Records, now_ms)
    store.commit(put, now_ms)
    return put


def get_shard_iterator(store: Store, asked: GetShardIterator, now_ms: int) -> Result:
    """A place in a shard, of any of the five types."""
    if asked.DryRun:
        raise NotOffered("DryRun")
    stream = store.find(asked.StreamName, asked.StreamARN)
    shard = _shard(stream, asked.ShardId)
    store.expire(stream, shard, now_ms)
    position = _position(stream, shard, asked, now_ms)
    place = ShardIterator(now_ms, stream.name, shard.index, shard.created_s, position)
    return {"ShardIterator": place.seal()}


def get_records(store: Store, asked: GetRecords, now_ms: int) -> Result:
    """The records from an iterator on, and the next iterator."""
    if asked.DryRun:
        raise NotOffered("DryRun")
    place = ShardIterator.unseal(asked.ShardIterator, now_ms)
    stream = store.streams.get(place.stream_name)
    if stream is None or place.shard_index >= len(stream.shards):
        raise _no_shard(place.shard_index, place.stream_name)
    if asked.StreamARN is not None and asked.StreamARN != stream.arn:
        raise InvalidArgument("The ShardIterator is not one of the stream that StreamARN names.")
    shard = stream.shards[place.shard_index]
    store.expire(stream, shard, now_ms)
    # An iterator of the stream's former incarnation is before everything that is in this one.
    ours = place.created_s == shard.created_s and place.position <= shard.next_ordinal
    position = place.position if ours else shard.horizon
    page = shard.read(position, asked.Limit or _READ_COUNT_MAX, _READ_BYTES_MAX, now_ms)
    following = ShardIterator(now_ms, stream.name, shard.index, shard.created_s, page.next_ordinal)
    return Records(page, following.seal())


def _shard(stream: Stream, shard_id: str) -> Shard:
    """As the service does it, only the number after the last hyphen counts: `shardId-2` is a
    shard's id too.
    """
    number = _SHARD_NUMBER.match(shard_id)
    if number is None or int(number[1]) > _SHARD_INDEX_MAX:
        raise ResourceNotFound(
            f"Could not find shard {shard_id} in stream {stream.name} under account {ACCOUNT_ID}."
        )
    index = int(number[1])
    if index >= len(stream.shards):
        raise _no_shard(index, stream.name)
    return stream.shards[index]


def _no_shard(index: int, stream_name: str) -> ResourceNotFound:
    return ResourceNotFound(
        f"Shard shardId-{index:012d} in stream {stream_name} under account {ACCOUNT_ID} "
        "does not exist"
    )


def _position(stream: Stream, shard: Shard, asked: GetShardIterator, now_ms: int) -> int:
    kind = asked.ShardIteratorType
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        if asked.StartingSequenceNumber is None:
            raise _mismatch(f"{kind} and no StartingSequenceNumber")
        ordinal = _ordinal(stream, shard, asked.StartingSequenceNumber)
        return ordinal + 1 if kind == "AFTER_SEQUENCE_NUMBER" else max(ordinal, FIRST_ORDINAL)
    if asked.StartingSequenceNumber is not None:
        raise _mismatch(f"{kind} and also a StartingSequenceNumber")
    if kind == "AT_TIMESTAMP":
        return shard.position_since(_timestamp_ms(asked.Timestamp, now_ms))
    return shard.horizon if kind == "TRIM_HORIZON" else shard.next_ordinal


def _mismatch(specified: str) -> InvalidArgument:
    return InvalidArgument(
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
        "StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. "
        f"Request specified {specified}."
    )


def _ordinal(stream: Stream, shard: Shard, text: str) -> int:
    """The ordinal of a number that this shard gave out. Raises InvalidArgument for any other."""
    number = parse(text)
    if number is not None and number.shard_index != shard.index:
        raise InvalidArgument(
            f"Invalid StartingSequenceNumber. It encodes shardId-{number.shard_index:012d}, "
            f"while it was used in a call to a shard with {shard.id}"
        )
    if (
        number is None
        or number.created_s != shard.created_s
        or number.ordinal >= shard.next_ordinal
    ):
        foreign = number is not None and number.created_s != shard.created_s
        reason = " because it did not come from this stream" if foreign else ""
        raise InvalidArgument(
            f"StartingSequenceNumber {text} used in GetShardIterator on shard {shard.id} in stream "
            f"{stream.name} under account {ACCOUNT_ID} is invalid{reason}."
        )
    return number.ordinal


def _timestamp_ms(timestamp: float | None, now_ms: int) -> int:
    if timestamp is None:
        raise InvalidArgument(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
            "Current request has no timestamp parameter."
        )
    timestamp_ms = milliseconds(timestamp)
    if timestamp_ms > now_ms:
        raise InvalidArgument(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {timestamp_ms}, currentTimestampInMillis: {now_ms}"
        )
    return timestamp_ms
