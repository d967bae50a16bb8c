"""The AWS JSON 1.1 protocol: requests and results to and from bytes."""

from typing import Any, Final

import msgspec

from local_kinesis.errors import ServiceError
from local_kinesis.operations.registry import Operation
from local_kinesis.operations.result import Records, Result
from local_kinesis.put import Put
from local_kinesis.validation import explain

CONTENT_TYPE: Final = "application/x-amz-json-1.1"


def decode(operation: Operation, body: bytes) -> Any:
    """The request in `body`. Raises ServiceError in the service's words."""
    try:
        return operation.decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise explain(body, operation.request, error) from None


def encode(result: Result) -> bytes:
    """What a successful operation answers."""
    if isinstance(result, Records):
        return _records(result)
    if isinstance(result, Put):
        return _put(result)
    return b"" if result is None else msgspec.json.encode(result)


def encode_error(error: ServiceError) -> bytes:
    """What a refused request is answered."""
    return msgspec.json.encode({"__type": error.kind, error.message_member: str(error)})


def _put(put: Put) -> bytes:
    entries = ",".join(
        [
            f'{{"SequenceNumber":"{sequence_number}","ShardId":"{shard_id}"}}'
            for sequence_number, shard_id in zip(put.sequence_numbers, put.shard_ids, strict=True)
        ]
    )
    return f'{{"FailedRecordCount":0,"Records":[{entries}]}}'.encode("ascii")


def _records(records: Records) -> bytes:
    page = records.page
    head = b'{"MillisBehindLatest":%d,"NextShardIterator":"%s","Records":[' % (
        page.behind_ms,
        records.next_iterator.encode("ascii"),
    )
    fragments = page.fragments
    if fragments:
        # Every record ends with a comma; the last one's has nothing to separate.
        fragments[-1] = fragments[-1][:-1]
    return b"".join((head, *fragments, b"]}"))
