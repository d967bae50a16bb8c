"""The AWS JSON 1.1 protocol: requests and results to and from bytes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from local_kinesis.errors import ServiceError
from local_kinesis.moment import Moment
from local_kinesis.operations.registry import Operation
from local_kinesis.operations.result import Records, WholeResult
from local_kinesis.put import Put
from local_kinesis.shard import Page
from local_kinesis.subscription import SubscriptionEvent
from local_kinesis.validation import explain

CONTENT_TYPE: Final = "application/x-amz-json-1.1"


def decode(operation: Operation, body: bytes) -> Any:
    """The request in `body`. Raises ServiceError in the service's words."""
    try:
        return operation.decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise explain(body, operation.request, error) from None


def encode(result: WholeResult) -> bytes:
    """What a successful operation answers."""
    if isinstance(result, Records):
        return _records(result)
    if isinstance(result, Put):
        return _put(result)
    return b"" if result is None else msgspec.json.encode(result, enc_hook=_plain)


def encode_event(event: SubscriptionEvent) -> bytes:
    """SubscribeToShardEvent."""
    head = b'{"MillisBehindLatest":%d,' % event.page.behind_ms
    if event.continuation is not None:
        head += b'"ContinuationSequenceNumber":"%s",' % event.continuation.encode("ascii")
    return _with_records(head, event.children, event.page)


def encode_error(error: ServiceError) -> bytes:
    """What a refused request is answered."""
    return msgspec.json.encode({"__type": error.kind, error.message_member: str(error)})


def _plain(value: object) -> object:
    """What msgspec does not know how to write."""
    assert isinstance(value, Moment), value
    return value.seconds


def _put(put: Put) -> bytes:
    entries = [
        f'{{"SequenceNumber":"{sequence_number}","ShardId":"{shard_id}"}}'
        for sequence_number, shard_id in zip(put.sequence_numbers, put.shard_ids, strict=True)
    ]
    for place, refusal in put.refusals.items():
        error = {"ErrorCode": refusal.code, "ErrorMessage": refusal.message}
        entries[place] = msgspec.json.encode(error).decode()
    encryption = '"EncryptionType":"KMS",' if put.encrypted else ""
    return (
        f'{{{encryption}"FailedRecordCount":{len(put.refusals)},"Records":[{",".join(entries)}]}}'
    ).encode()


def _records(records: Records) -> bytes:
    page = records.page
    head = b'{"MillisBehindLatest":%d,' % page.behind_ms
    if records.next_iterator is not None:
        head += b'"NextShardIterator":"%s",' % records.next_iterator.encode("ascii")
    return _with_records(head, records.children, page)


def _with_records(head: bytes, children: Sequence[Mapping[str, object]], page: Page) -> bytes:
    if children:
        head += b'"ChildShards":%s,' % msgspec.json.encode(children)
    head += b'"Records":['
    fragments = page.fragments
    if fragments:
        # Every record ends with a comma; the last one's has nothing to separate.
        fragments[-1] = fragments[-1][:-1]
    return b"".join((head, *fragments, b"]}"))
