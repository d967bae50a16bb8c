"""Calls of a Lambda function, looked at on the wire: events, answers, failures, limits."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from awsio.clients import AwsClients
from fleet.errors import FleetError, RowRefused
from fleet.row import Row, Value
from fleet.settings import AwsSettings
from sinks.lambda_function import PAYLOAD_BYTES_MAX, RECORDS_MAX, LambdaSink, answer_of
from tests.sinks.functions import FunctionFailed, LambdaEndpoint, running_endpoint

Made = Callable[..., Any]


def row(key: str, **values: Value) -> Row:
    return Row(f"app/OUT/1/{key}", "OUT", 1_767_225_660_000, {"Name": key, **values})


def names(event: dict[str, Any]) -> list[str]:
    return [json.loads(base64.b64decode(r["data"]))["Name"] for r in event["records"]]


def ok(event: dict[str, Any]) -> dict[str, Any]:
    return {"records": [{"recordId": r["recordId"], "result": "Ok"} for r in event["records"]]}


@pytest_asyncio.fixture(loop_scope="session")
async def endpoint() -> AsyncIterator[LambdaEndpoint]:
    async with running_endpoint() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def made(endpoint: LambdaEndpoint) -> AsyncIterator[Made]:
    """Makes a sink, open, whose function is `function`; `told` is what it waited for."""
    async with AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws:

        async def make(function: Callable[..., Any], told: list[str] | None = None) -> LambdaSink:
            endpoint.functions["f"] = function
            reasons = [] if told is None else told
            sink = LambdaSink(
                aws, "f", application="rides", on_wait=lambda why, _s: reasons.append(why)
            )
            await sink.open()
            return sink

        yield make


async def test_the_event_is_the_services(endpoint: LambdaEndpoint, made: Made) -> None:
    sink = await made(ok)
    await sink.write([row("Bucephalus", Distance=1800, Note=None), row("Shadowfax")])
    [event] = endpoint.events
    assert set(event) == {"invocationId", "applicationArn", "records"}
    assert event["applicationArn"] == (
        "arn:aws:kinesisanalytics:us-east-1:123456789012:application/rides"
    )
    first, second = event["records"]
    assert set(first) == {"recordId", "lambdaDeliveryRecordMetadata", "data"}
    assert first["lambdaDeliveryRecordMetadata"] == {"retryHint": 0}
    assert base64.b64decode(first["data"]) == b'{"Name":"Bucephalus","Distance":1800,"Note":null}'
    assert first["recordId"] != second["recordId"]
    await sink.write([row("Bucephalus", Distance=1801)])
    again = endpoint.events[1]
    assert again["records"][0]["recordId"] == first["recordId"], "a row keeps its recordId"
    assert again["invocationId"] != event["invocationId"]


async def test_only_what_failed_comes_again_with_a_higher_hint(
    endpoint: LambdaEndpoint, made: Made
) -> None:
    def choosy(event: dict[str, Any]) -> dict[str, Any]:
        answer = ok(event)
        for record, name in zip(answer["records"], names(event), strict=True):
            if name in {"b", "d"} and event["records"][0]["lambdaDeliveryRecordMetadata"] == {
                "retryHint": 0
            }:
                record["result"] = "DeliveryFailed"
        if len(endpoint.events) == 2:
            del answer["records"][0]
        return answer

    told: list[str] = []
    sink = await made(choosy, told)
    await sink.write([row(key) for key in "abcd"])
    assert [names(event) for event in endpoint.events] == [list("abcd"), ["b", "d"], ["b"]]
    hints = [
        record["lambdaDeliveryRecordMetadata"]["retryHint"]
        for event in endpoint.events
        for record in event["records"]
    ]
    assert hints == [0, 0, 0, 0, 1, 1, 2]
    assert told == [
        "function f: 2 of 4 rows failed: DeliveryFailed",
        "function f: 1 of 2 rows failed: no answer for its recordId",
    ]


async def test_what_fails_as_a_whole_comes_again(endpoint: LambdaEndpoint, made: Made) -> None:
    answers: list[Any] = [FunctionFailed("no table"), b"not json", {"done": True}, {"records": 7}]

    def unsteady(event: dict[str, Any]) -> Any:
        answer = answers.pop(0) if answers else ok(event)
        if isinstance(answer, Exception):
            raise answer
        return answer

    told: list[str] = []
    sink = await made(unsteady, told)
    await sink.write([row("a"), row("b")])
    assert [names(event) for event in endpoint.events] == [["a", "b"]] * 5
    assert [reason.removeprefix("function f: 2 of 2 rows failed: ") for reason in told] == [
        "Unhandled error: no table",
        "the answer is no JSON",
        "the answer has no records",
        "the answer has no records",
    ]


async def test_throttles_and_outages_are_waited_out(endpoint: LambdaEndpoint, made: Made) -> None:
    endpoint.troubles = [
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
        (502, "ResourceNotReadyException"),
        (409, "ResourceConflictException"),
    ]
    told: list[str] = []
    sink = await made(ok, told)
    await sink.write([row("a")])
    assert len(endpoint.events) == 1
    assert len(told) == 4
    assert told[0].startswith("function f: TooManyRequestsException")


async def test_what_never_passes_is_an_error(endpoint: LambdaEndpoint, made: Made) -> None:
    sink = await made(ok)
    endpoint.troubles = [(400, "InvalidRequestContentException")]
    with pytest.raises(FleetError, match=r"function f: .*InvalidRequestContentException"):
        await sink.write([row("a")])


async def test_a_function_that_is_being_made_is_waited_for(
    endpoint: LambdaEndpoint, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sinks.resource.POLL_S", 0)
    endpoint.states["f"] = ["Pending", "Pending", "Active"]
    told: list[str] = []
    await made(ok, told)
    assert [reason.endswith("is being created") for reason in told] == [True, True]


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_calls_stay_within_the_limits(endpoint: LambdaEndpoint, made: Made) -> None:
    sink = await made(ok)
    await sink.write([row(str(n)) for n in range(RECORDS_MAX + 1)])
    assert [len(event["records"]) for event in endpoint.events] == [RECORDS_MAX, 1]
    del endpoint.events[:], endpoint.payload_bytes[:]
    large = [row(str(n), Text="x" * 1_500_000) for n in range(7)]
    too_large = row("too large", Text="x" * 5_000_000)
    with pytest.raises(RowRefused, match="refuses 1 of 8 rows") as error:
        await sink.write([*large[:3], too_large, *large[3:]])
    assert error.value.refused[0][0] == too_large.id
    assert [name for event in endpoint.events for name in names(event)] == list("0123456")
    assert max(endpoint.payload_bytes) <= PAYLOAD_BYTES_MAX
    assert len(endpoint.events) == 3


def test_an_answer_counts_only_what_it_names() -> None:
    answer = answer_of(b'{"records":[{"recordId":"a","result":"Ok"},{"recordId":7},[],{}]}', None)
    assert answer.results == {"a": "Ok"}
    assert not answer.error
