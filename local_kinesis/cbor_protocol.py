"""AWS JSON 1.1's twin in CBOR: requests and results to and from bytes. The Java SDK, and so the
KCL, the KPL and Flink, speaks it unless told otherwise.

It differs from JSON in two kinds of members: data is a byte string, and a time is an integer number
of milliseconds under tag 1. Source: SdkCborGenerator of the Java SDK 2, which writes them so and
reads them with the tag or without.
"""

from typing import Any, Final

import cbor2
import msgspec

from local_kinesis.errors import SerializationError, ServiceError
from local_kinesis.moment import Moment
from local_kinesis.operations.registry import Operation
from local_kinesis.operations.result import Records, WholeResult
from local_kinesis.put import Put
from local_kinesis.shard import Page
from local_kinesis.subscription import SubscriptionEvent
from local_kinesis.validation import explain

CONTENT_TYPE: Final = "application/x-amz-cbor-1.1"

_TIME_TAG: Final = 1
_DEPTH_MAX: Final = 32
_TIMES: Final = ("Timestamp", "StreamCreationTimestamp")
_NESTED: Final = ("ShardFilter", "StartingPosition")
"""Where else than at the top of a request there are times."""


_BYTES: Final = 2 << 5
_TEXT: Final = 3 << 5
_ARRAY: Final = 4 << 5
_MAP: Final = 5 << 5
_FOUR_MEMBERS: Final = bytes((_MAP | 4,))
_FIVE_MEMBERS: Final = bytes((_MAP | 5,))
_NUMBER: Final = cbor2.dumps("SequenceNumber")
_ARRIVAL: Final = cbor2.dumps("ApproximateArrivalTimestamp")
_DATA: Final = cbor2.dumps("Data")
_KEY: Final = cbor2.dumps("PartitionKey")
_ENCRYPTION: Final = cbor2.dumps("EncryptionType")


class _RecordMembers(msgspec.Struct, gc=False):
    """A record as its JSON has it."""

    SequenceNumber: str
    ApproximateArrivalTimestamp: float
    Data: bytes
    PartitionKey: str
    EncryptionType: str | None = None


_RECORDS: Final = msgspec.json.Decoder(list[_RecordMembers])


def decode(operation: Operation, body: bytes) -> Any:
    """The request in `body`. Raises ServiceError in the service's words."""
    document = _document(body)
    try:
        return msgspec.convert(document, operation.request, builtin_types=(bytes,))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _explain(document, operation, error) from None


def encode(result: WholeResult) -> bytes:
    """What a successful operation answers."""
    if isinstance(result, Records):
        return _records(result)
    if isinstance(result, Put):
        return _dump(_put(result))
    return b"" if result is None else _dump(result)


def encode_event(event: SubscriptionEvent) -> bytes:
    """SubscribeToShardEvent."""
    members: dict[str, object] = {"MillisBehindLatest": event.page.behind_ms}
    if event.continuation is not None:
        members["ContinuationSequenceNumber"] = event.continuation
    if event.children:
        members["ChildShards"] = event.children
    return _with_records(members, event.page)


def encode_error(error: ServiceError) -> bytes:
    """What a refused request is answered."""
    return _dump({"__type": error.kind, error.message_member: str(error)})


def _records(result: Records) -> bytes:
    members: dict[str, object] = {"MillisBehindLatest": result.page.behind_ms}
    if result.next_iterator is not None:
        members["NextShardIterator"] = result.next_iterator
    if result.children:
        members["ChildShards"] = result.children
    return _with_records(members, result.page)


def _with_records(members: dict[str, object], page: Page) -> bytes:
    """`members` and Records."""
    parts = [_head(_MAP, len(members) + 1)]
    parts += [_dump(item) for member in members.items() for item in member]
    parts.append(_dump("Records"))
    _add_records(parts, page)
    return b"".join(parts)


def _add_records(parts: list[bytes], page: Page) -> None:
    """The records of a page, taken out of their JSON. Written by hand, which takes half the time of
    ten thousand dictionaries.
    """
    fragments = page.fragments
    # Every record ends with a comma; the last one's has nothing to separate.
    last = [fragments[-1][:-1]] if fragments else []
    records = _RECORDS.decode(b"".join((b"[", *fragments[:-1], *last, b"]")))
    parts.append(_head(_ARRAY, len(records)))
    texts, blobs = _Heads(_TEXT), _Heads(_BYTES)
    arrival_s, arrival = -1.0, b""
    for record in records:
        if record.ApproximateArrivalTimestamp != arrival_s:
            arrival_s = record.ApproximateArrivalTimestamp
            arrival = _dump(cbor2.CBORTag(_TIME_TAG, round(arrival_s * 1000)))
        number = record.SequenceNumber.encode()
        key = record.PartitionKey.encode()
        encryption = record.EncryptionType
        parts += (_FIVE_MEMBERS if encryption else _FOUR_MEMBERS, _NUMBER, texts[len(number)])
        parts += (number, _ARRIVAL, arrival, _DATA, blobs[len(record.Data)], record.Data)
        parts += (_KEY, texts[len(key)], key)
        if encryption:
            parts += (_ENCRYPTION, _dump(encryption))


class _Heads(dict[int, bytes]):
    """Heads of one major type by length, those that were asked for."""

    def __init__(self, major: int) -> None:
        self._major = major

    def __missing__(self, length: int) -> bytes:
        head = self[length] = _head(self._major, length)
        return head


def _head(major: int, length: int) -> bytes:
    """What comes before a text, a byte string, an array or a map. Source: RFC 8949, 3."""
    if length < 24:
        return bytes((major | length,))
    for place, size in enumerate((1, 2, 4)):
        if length < 1 << 8 * size:
            return bytes((major | 24 + place,)) + length.to_bytes(size, "big")
    raise OverflowError(length)


def _put(put: Put) -> dict[str, object]:
    entries: list[dict[str, str]] = [
        {"SequenceNumber": sequence_number, "ShardId": shard_id}
        for sequence_number, shard_id in zip(put.sequence_numbers, put.shard_ids, strict=True)
    ]
    for place, refusal in put.refusals.items():
        entries[place] = {"ErrorCode": refusal.code, "ErrorMessage": refusal.message}
    members: dict[str, object] = {"FailedRecordCount": len(put.refusals), "Records": entries}
    if put.encrypted:
        members["EncryptionType"] = "KMS"
    return members


def _dump(members: object) -> bytes:
    return cbor2.dumps(members, default=_moment)


def _moment(encoder: cbor2.CBOREncoder, value: object) -> None:
    assert isinstance(value, Moment), value
    encoder.encode(cbor2.CBORTag(_TIME_TAG, value.ms))


def _document(body: bytes) -> Any:
    """The body as plain Python, times in seconds. Raises SerializationError."""
    try:
        document = cbor2.loads(
            body,
            semantic_decoders=_NO_MEANING,
            max_depth=_DEPTH_MAX,
            strict_hashable_types=True,
        )
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise SerializationError(f"The body is not valid CBOR: {error}") from None
    if isinstance(document, dict):
        for members in (document, *map(document.get, _NESTED)):
            if isinstance(members, dict):
                _times_to_seconds(members)
    return document


def _explain(document: Any, operation: Operation, fault: Exception) -> ServiceError:
    """The service's words are found by way of JSON, where data is Base64."""
    try:
        text = msgspec.json.encode(document)
    except (TypeError, ValueError, msgspec.MsgspecError, RecursionError):
        return SerializationError(str(fault))
    return explain(text, operation.request, fault)


def _bare(value: Any, immutable: bool) -> Any:
    return value


_MEANINGFUL_TAGS: Final = (
    *(0, _TIME_TAG, 2, 3, 4, 5, 30, 35, 36, 37, 52, 54),
    *(100, 258, 260, 261, 1004, 43000, 55799),
)
_NO_MEANING: Final = dict.fromkeys(_MEANINGFUL_TAGS, _bare)
"""A tag would have the library make a date, a big number or a regular expression. Nothing in a
request is one; what it is stays as it was sent.
"""


def _times_to_seconds(members: dict[Any, Any]) -> None:
    for name in _TIMES:
        time_ms = members.get(name)
        if isinstance(time_ms, int | float) and not isinstance(time_ms, bool):
            members[name] = time_ms / 1000
