"""What moto never does: leave items unprocessed, throttle, refuse one item of a call. A stand-in
for the AWS client does it here.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from fleet.errors import ResourceMissing, RowRefused, Superseded
from fleet.row import Row
from sinks.dynamodb import DynamoDbSink, TableWrites
from sinks.dynamodb_put import BATCHES_MAX, EPOCH, ITEMS_MAX, PUTS_MAX

TABLE = "Table"


class TableClient:
    """Stores what it is sent; `troubles` are had one a call, in order, then none."""

    meta = SimpleNamespace(endpoint_url="http://stand-in")

    def __init__(self, troubles: Sequence[str] = (), hated: str = "") -> None:
        self.troubles = list(troubles)
        self.hated = hated
        self.stored: dict[str, dict[str, Any]] = {}
        self.calls: list[int] = []
        self.running = self.running_max = 0
        self.statuses = ["ACTIVE"]

    async def describe_table(self, TableName: str) -> dict[str, Any]:
        status = self.statuses.pop(0)
        return {
            "Table": {
                "TableStatus": status,
                "KeySchema": [{"AttributeName": "Name", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "Name", "AttributeType": "S"}],
            }
        }

    async def batch_write_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        [(table, requests)] = RequestItems.items()
        assert table == TABLE
        assert 1 <= len(requests) <= ITEMS_MAX
        items = [request["PutRequest"]["Item"] for request in requests]
        assert max(Counter(item["Name"]["S"] for item in items).values()) == 1
        self.calls.append(len(items))
        self.running += 1
        self.running_max = max(self.running_max, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        trouble = self.troubles.pop(0) if self.troubles else ""
        if trouble == "half":
            half = len(items) // 2
            self.store(items[half:])
            return {"UnprocessedItems": {TABLE: requests[:half]}}
        if trouble == "all":
            return {"UnprocessedItems": {TABLE: requests}}
        if trouble:
            raise client_error(trouble)
        if any(item["Name"]["S"] == self.hated for item in items):
            raise client_error("ValidationException", "one of these is not liked")
        self.store(items)
        return {"UnprocessedItems": {}}

    async def put_item(self, TableName: str, Item: dict[str, Any], **condition: Any) -> None:
        assert TableName == TABLE
        assert condition["ExpressionAttributeValues"] == {":epoch": Item[EPOCH]}
        self.calls.append(1)
        self.running += 1
        self.running_max = max(self.running_max, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        if trouble := self.troubles.pop(0) if self.troubles else "":
            raise client_error(trouble)
        if Item["Name"]["S"] == self.hated:
            raise client_error("ValidationException", "this is not liked")
        self.store([Item])

    def store(self, items: Sequence[dict[str, Any]]) -> None:
        self.stored.update((item["Name"]["S"], item) for item in items)


def client_error(code: str, message: str = "no") -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}}
    return ClientError(cast(Any, answer), "BatchWriteItem")


async def sink_on(
    client: TableClient, waits: list[str], writes: TableWrites = "batched"
) -> DynamoDbSink:
    async def dynamodb() -> TableClient:
        return client

    aws = cast(AwsClients, SimpleNamespace(dynamodb=dynamodb))
    sink = DynamoDbSink(
        aws, TABLE, epoch=7, writes=writes, on_wait=lambda reason, _seconds: waits.append(reason)
    )
    await sink.open()
    return sink


def rows(count: int) -> list[Row]:
    return [Row(f"row {n}", "OUT", 0, {"Name": f"Unicorn {n}", "n": n}) for n in range(count)]


async def test_what_is_left_unprocessed_is_sent_again() -> None:
    client, waits = TableClient(["half", "all", "half"]), list[str]()
    sink = await sink_on(client, waits)
    await sink.write(rows(20))
    assert len(client.stored) == 20
    assert client.calls == [20, 10, 10, 5]
    assert waits == [
        "table Table: 10 of 20 rows left unprocessed",
        "table Table: 10 of 10 rows left unprocessed",
        "table Table: 5 of 10 rows left unprocessed",
    ]


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
async def test_throttling_is_waited_out_and_told(code: str) -> None:
    client, waits = TableClient([code, code]), list[str]()
    sink = await sink_on(client, waits)
    await sink.write(rows(3))
    assert len(client.stored) == 3
    assert [code in reason for reason in waits] == [True, True]


async def test_calls_run_together_but_not_too_many() -> None:
    client = TableClient()
    sink = await sink_on(client, [])
    await sink.write(rows(ITEMS_MAX * 30))
    assert len(client.stored) == ITEMS_MAX * 30
    assert client.running_max == BATCHES_MAX


async def test_an_item_that_only_the_service_refuses_is_found() -> None:
    client = TableClient(hated="Unicorn 13")
    sink = await sink_on(client, [])
    with pytest.raises(RowRefused, match="refuses 1 of 60 rows") as refusal:
        await sink.write(rows(60))
    assert refusal.value.refused == [("row 13", "one of these is not liked")]
    assert set(client.stored) == {f"Unicorn {n}" for n in range(60) if n != 13}


async def test_rows_without_a_key_are_refused_after_the_others_are_stored() -> None:
    client = TableClient()
    sink = await sink_on(client, [])
    keyless = [Row("keyless", "OUT", 0, {"n": 1}), Row("empty", "OUT", 0, {"Name": ""})]
    with pytest.raises(RowRefused) as refusal:
        await sink.write([*keyless, *rows(3)])
    assert dict(refusal.value.refused).keys() == {"keyless", "empty"}
    assert len(client.stored) == 3


async def test_a_table_that_vanishes_ends_the_write() -> None:
    sink = await sink_on(TableClient(["ResourceNotFoundException"]), [])
    with pytest.raises(ResourceMissing, match="table Table"):
        await sink.write(rows(100))


async def test_a_table_that_is_being_made_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sinks.resource.POLL_S", 0)
    client, waits = TableClient(), list[str]()
    client.statuses = ["CREATING", "CREATING", "ACTIVE"]
    await sink_on(client, waits)
    assert waits == ["table Table at http://stand-in is being created"] * 2


async def test_a_table_that_is_being_deleted_is_missing() -> None:
    client = TableClient()
    client.statuses = ["DELETING"]
    with pytest.raises(ResourceMissing, match="table Table at http://stand-in is DELETING"):
        await sink_on(client, [])


async def test_conditional_puts_run_together_but_not_too_many() -> None:
    client, waits = TableClient(["ThrottlingException"] * 3), list[str]()
    sink = await sink_on(client, waits, "conditional")
    await sink.write(rows(500))
    assert len(client.stored) == 500
    assert client.running_max == PUTS_MAX
    assert len(client.calls) == 503
    assert len(waits) == 3
    assert {item[EPOCH]["N"] for item in client.stored.values()} == {"7"}


async def test_a_row_that_the_service_refuses_alone_is_found_at_once() -> None:
    client = TableClient(hated="Unicorn 13")
    sink = await sink_on(client, [], "conditional")
    with pytest.raises(RowRefused, match="refuses 1 of 60 rows") as refusal:
        await sink.write(rows(60))
    assert refusal.value.refused == [("row 13", "this is not liked")]
    assert set(client.stored) == {f"Unicorn {n}" for n in range(60) if n != 13}


async def test_a_newer_processors_row_ends_the_write() -> None:
    sink = await sink_on(TableClient(["ConditionalCheckFailedException"]), [], "conditional")
    with pytest.raises(Superseded, match=r"newer processor than this one \(epoch 7\)"):
        await sink.write(rows(3))
