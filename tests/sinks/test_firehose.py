"""What moto never does: fail some records of a call, throttle. A stand-in for the AWS client does
it here. Raw records are looked at through moto.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.put_record_batch import BYTES_MAX, RECORD_BYTES_MAX, RECORDS_MAX, put_record_batch
from fleet.batch import Batch
from fleet.errors import ConfigError, FleetError
from sinks.firehose import FirehoseRecords, FirehoseSink
from tests.sinks.delivered import delivered, make_delivery_stream


class DeliveryClient:
    """Keeps what it is sent; `troubles` are had one a call, in order, then none."""

    meta = SimpleNamespace(endpoint_url="http://stand-in")

    def __init__(self, troubles: Sequence[str] = ()) -> None:
        self.troubles = list(troubles)
        self.kept: list[bytes] = []
        self.calls: list[int] = []

    async def put_record_batch(
        self, DeliveryStreamName: str, Records: list[dict[str, bytes]]
    ) -> dict[str, Any]:
        assert 1 <= len(Records) <= RECORDS_MAX
        assert sum(len(record["Data"]) for record in Records) <= BYTES_MAX
        self.calls.append(len(Records))
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "throttled":
            answer = {"Error": {"Code": "ServiceUnavailableException", "Message": "slow down"}}
            raise ClientError(answer | {"ResponseMetadata": {}}, "PutRecordBatch")  # type: ignore[arg-type]
        results = []
        for number, record in enumerate(Records):
            if trouble and number % 2:
                results.append({"ErrorCode": trouble, "ErrorMessage": "not now"})
            else:
                self.kept.append(record["Data"])
                results.append({"RecordId": str(number)})
        return {"FailedPutCount": 0, "RequestResponses": results}


async def test_only_what_failed_is_sent_again() -> None:
    client, told = DeliveryClient(["ServiceUnavailableException", "throttled"]), []
    records = [b"%d" % n for n in range(10)]
    await put_record_batch(client, "d", records, on_wait=lambda reason, _s: told.append(reason))
    assert sorted(client.kept) == sorted(records)
    assert client.calls == [10, 5, 5]
    assert told == [
        "delivery stream d: ServiceUnavailableException: not now",
        "delivery stream d: ServiceUnavailableException: An error occurred "
        "(ServiceUnavailableException) when calling the PutRecordBatch operation: slow down",
    ]


async def test_calls_stay_within_the_limits() -> None:
    client = DeliveryClient()
    await put_record_batch(client, "d", [b"x"] * (2 * RECORDS_MAX + 1))
    assert client.calls == [RECORDS_MAX, RECORDS_MAX, 1]
    client = DeliveryClient()
    await put_record_batch(client, "d", [b"x" * RECORD_BYTES_MAX] * 9)
    assert client.calls == [4, 4, 1]
    client = DeliveryClient()
    await put_record_batch(client, "d", [])
    assert client.calls == []


async def test_what_never_passes_is_an_error() -> None:
    with pytest.raises(FleetError, match="delivery stream d: InvalidKMSResourceException: not now"):
        await put_record_batch(DeliveryClient(["InvalidKMSResourceException"]), "d", [b"a", b"b"])


async def test_one_that_reads_by_itself_takes_nothing_from_us(
    aws: AwsClients,
    reader: Callable[[str, str], Any],
    moto_url: str,
    fresh_name: Callable[[str], str],
) -> None:
    name = fresh_name("delivery")
    make_delivery_stream(
        reader,
        moto_url,
        name,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/wildrydes",
            "RoleARN": "arn:aws:iam::123456789012:role/firehose",
        },
    )
    with pytest.raises(ConfigError, match="reads from a stream by itself") as error:
        await FirehoseSink(aws, name).open()
    assert "DirectPut" in str(error.value.remedy)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_any_bytes_are_lines_and_come_back(
    aws: AwsClients,
    reader: Callable[[str, str], Any],
    moto_url: str,
    fresh_name: Callable[[str], str],
) -> None:
    name = fresh_name("delivery")
    make_delivery_stream(reader, moto_url, name)
    records = [b'{"Name":"A"}', b'{"Name":\n"B"}\n', b"", b"\xff\n\n", b"\xfe" * (1024 * 1024)]
    long = b'{"Text":"%s"}' % (b"x" * (1024 * 1024 - 11))
    batch = Batch(
        shard_id="shardId-0",
        records=[*records, long],
        arrival_ms=np.full(6, 1_767_225_600_000, np.int64),
        sequence_numbers=[str(n) for n in range(100, 106)],
        partition_keys=["key"] * 6,
        position="105",
    )
    sink = FirehoseRecords(aws, name)
    await sink.open({})
    await sink.write(batch)
    lines = await asyncio.to_thread(delivered, reader, moto_url, name)
    assert all(len(line) < RECORD_BYTES_MAX for line in lines)
    assert lines[:2] == [b'{"Name":"A"}', b'{"Name": "B"}']
    parts: dict[str, bytes] = {}
    for line in lines[2:]:
        error = json.loads(line)
        number = error["sequence_number"]
        parts[number] = parts.get(number, b"") + base64.b64decode(error["data_base64"])
    assert parts == {"102": records[2], "103": records[3], "104": records[4], "105": long}
    assert sink.cursor() == {"shardId-0": "105"}
