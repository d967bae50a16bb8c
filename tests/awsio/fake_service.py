"""The service's side of PutRecords, in memory: it fails what the test chooses."""

from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

THROTTLED = "ProvisionedThroughputExceededException"

CALL_FAULTS: dict[str, Exception] = {
    "throttled": ClientError(
        {"Error": {"Code": "LimitExceededException", "Message": "slow down"}}, "PutRecords"
    ),
    "broken": ClientError(
        {"Error": {"Code": "", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 502}},  # type: ignore[typeddict-item]
        "PutRecords",
    ),
    "unreachable": EndpointConnectionError(endpoint_url="http://127.0.0.1:1/"),
}


class FakeService:
    """Keeps what landed. `call_faults` names what becomes of each call ("" is an answer),
    `record_faults` gives each record's error code ("" is success); when they run out, all is well.
    """

    def __init__(self, call_faults: Sequence[str] = (), record_faults: Sequence[str] = ()) -> None:
        self._call_faults: Iterator[str] = iter(call_faults)
        self._record_faults: Iterator[str] = iter(record_faults)
        self.calls: list[list[dict[str, Any]]] = []
        self.landed: list[tuple[str, bytes]] = []

    async def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        assert StreamName == "wildrydes"
        self.calls.append(Records)
        if fault := next(self._call_faults, ""):
            raise CALL_FAULTS[fault]
        return {"Records": [self._put(record) for record in Records]}

    def _put(self, record: dict[str, Any]) -> dict[str, str]:
        if code := next(self._record_faults, ""):
            return {"ErrorCode": code, "ErrorMessage": "not now"}
        self.landed.append((record["PartitionKey"], record["Data"]))
        return {"ShardId": "shardId-000000000000", "SequenceNumber": str(len(self.landed))}
