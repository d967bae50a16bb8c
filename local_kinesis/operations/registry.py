"""The operations by name. A new one is a function in this folder, a request in request.py, and a
line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from local_kinesis.operations import records, shards, streams
from local_kinesis.operations.result import Result
from local_kinesis.request import (
    CreateStream,
    DeleteStream,
    DescribeStream,
    DescribeStreamSummary,
    GetRecords,
    GetShardIterator,
    ListShards,
    ListStreams,
    PutRecord,
    PutRecords,
    Request,
)
from local_kinesis.store import Store

Run = Callable[[Store, Any, int], Result]
"""(store, a request of the operation's type, now in milliseconds) -> result. Raises ServiceError.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation is decoded and run."""

    request: type[Request]
    run: Run
    decoder: "msgspec.json.Decoder[Any]"


def _operation(asked: type[Request], run: Run) -> Operation:
    return Operation(asked, run, msgspec.json.Decoder(asked))


OPERATIONS: Final[Mapping[str, Operation]] = {
    "CreateStream": _operation(CreateStream, streams.create_stream),
    "DeleteStream": _operation(DeleteStream, streams.delete_stream),
    "DescribeStream": _operation(DescribeStream, streams.describe_stream),
    "DescribeStreamSummary": _operation(DescribeStreamSummary, streams.describe_stream_summary),
    "GetRecords": _operation(GetRecords, records.get_records),
    "GetShardIterator": _operation(GetShardIterator, records.get_shard_iterator),
    "ListShards": _operation(ListShards, shards.list_shards),
    "ListStreams": _operation(ListStreams, streams.list_streams),
    "PutRecord": _operation(PutRecord, records.put_record),
    "PutRecords": _operation(PutRecords, records.put_records),
}
