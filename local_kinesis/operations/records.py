"""PutRecord, PutRecords, GetShardIterator, GetRecords."""

from collections.abc import Sequence
from typing import Final

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.errors import InvalidArgument, NotOffered, ResourceNotFound, ThroughputExceeded
from local_kinesis.operations.result import Records, Result
from local_kinesis.operations.shard_lookup import child_members, find_shard, no_shard
from local_kinesis.put import Entry, Put, prepare, prepare_within, rate_exceeded
from local_kinesis.request import GetRecords, GetShardIterator, PutRecord, PutRecords, milliseconds
from local_kinesis.sequence_number import parse
from local_kinesis.shard import FIRST_ORDINAL, Page, Shard
from local_kinesis.shard_iterator import ShardIterator
from local_kinesis.store import Store
from local_kinesis.stream import Stream

_READ_COUNT_MAX: Final = 10_000
_READ_BYTES_MAX: Final = 10 * 1024 * 1024


def put_record(store: Store, asked: PutRecord, now_ms: int) -> Result:
    """One record; sequence numbers of a shard always increase, so SequenceNumberForOrdering asks
    for nothing more.
    """
    if asked.DryRun:
        raise NotOffered("DryRun")
    stream = store.find_serving(asked.StreamName, asked.StreamARN, now_ms)
    floor = asked.SequenceNumberForOrdering
    if floor is not None and parse(floor) is None:
        raise InvalidArgument(
            f"ExclusiveMinimumSequenceNumber {floor} used in PutRecord on stream {stream.name} "
            f"under account {ACCOUNT_ID} is invalid."
        )
    put = _put(store, stream, [asked], now_ms)
    for refusal in put.refusals.values():
        raise ThroughputExceeded(refusal.message)
    members = {"ShardId": put.shard_ids[0], "SequenceNumber": put.sequence_numbers[0]}
    return {**members, "EncryptionType": "KMS"} if put.encrypted else members


def put_records(store: Store, asked: PutRecords, now_ms: int) -> Put:
    """All records of the request, which share one arrival time; without those that are more than
    their shard takes, when that is limited.
    """
    if asked.DryRun:
        raise NotOffered("DryRun")
    stream = store.find_serving(asked.StreamName, asked.StreamARN, now_ms)
    return _put(store, stream, asked.Records, now_ms)


def get_shard_iterator(store: Store, asked: GetShardIterator, now_ms: int) -> Result:
    """A place in a shard, of any of the five types."""
    if asked.DryRun:
        raise NotOffered("DryRun")
    stream = store.find_serving(asked.StreamName, asked.StreamARN, now_ms)
    shard = find_shard(stream, asked.ShardId)
    store.expire(stream, shard, now_ms)
    position = starting_position(stream, shard, asked, now_ms)
    place = ShardIterator(now_ms, stream.name, shard.index, shard.created_s, position)
    return {"ShardIterator": place.seal()}


def get_records(store: Store, asked: GetRecords, now_ms: int) -> Result:
    """The records from an iterator on, and the next iterator, or the children of a closed shard
    whose end this is.
    """
    if asked.DryRun:
        raise NotOffered("DryRun")
    place = ShardIterator.unseal(asked.ShardIterator, now_ms)
    try:
        stream = store.find_serving(place.stream_name, None, now_ms)
    except ResourceNotFound:
        raise no_shard(place.shard_index, place.stream_name) from None
    shard = stream.shard(place.shard_index)
    if shard is None:
        raise no_shard(place.shard_index, place.stream_name)
    if asked.StreamARN is not None and asked.StreamARN != stream.arn:
        raise InvalidArgument("The ShardIterator is not one of the stream that StreamARN names.")
    store.expire(stream, shard, now_ms)
    # An iterator of the stream's former incarnation is before everything that is in this one.
    ours = place.created_s == shard.created_s and place.position <= shard.next_ordinal
    position = place.position if ours else shard.horizon
    page = _read(store, stream, shard, position, asked.Limit or _READ_COUNT_MAX, now_ms)
    if shard.ends_at(page.next_ordinal):
        return Records(page, None, [child_members(child) for child in shard.children])
    following = ShardIterator(now_ms, stream.name, shard.index, shard.created_s, page.next_ordinal)
    return Records(page, following.seal())


def _put(store: Store, stream: Stream, entries: Sequence[Entry], now_ms: int) -> Put:
    if store.limits is None:
        put = prepare(stream, entries, now_ms)
    else:
        put = prepare_within(store.limits, stream, entries, now_ms)
    store.commit(stream, put, now_ms)
    return put


def _read(
    store: Store, stream: Stream, shard: Shard, position: int, count_max: int, now_ms: int
) -> Page:
    """Raises ThroughputExceeded when reads are limited and the shard has given enough for now."""
    if store.limits is None:
        return shard.read(position, count_max, _READ_BYTES_MAX, now_ms)
    meter = shard.metered(store.limits, now_ms)
    if not meter.begin_read(now_ms):
        raise ThroughputExceeded(rate_exceeded(stream, shard))
    page = shard.read(position, count_max, _READ_BYTES_MAX, now_ms)
    meter.end_read(page.payload_bytes, now_ms)
    return page


def starting_position(stream: Stream, shard: Shard, asked: GetShardIterator, now_ms: int) -> int:
    """Where an iterator of that type starts. Raises InvalidArgument."""
    kind = asked.ShardIteratorType
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        if asked.StartingSequenceNumber is None:
            raise _mismatch(f"{kind} and no StartingSequenceNumber")
        if asked.StartingSequenceNumber == shard.ending_sequence_number:
            return shard.next_ordinal
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
