"""Faults over HTTP."""

import json

import pytest

from local_kinesis import LocalEndpoint
from tests.local_kinesis.wire import RawConnection, Reply, raw_connection


async def ask(
    endpoint: LocalEndpoint, method: str, path: str, body: str = "", kind: str = "application/json"
) -> Reply:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\n"
    async with raw_connection(endpoint.port) as raw:
        return await said(raw, f"{head}Content-Length: {len(body)}\r\n\r\n{body}")


async def said(raw: RawConnection, request: str) -> Reply:
    await raw.send(request.encode())
    return await raw.reply()


async def test_a_fault_is_set_listed_and_lifted(endpoint: LocalEndpoint) -> None:
    wanted = {"kind": "throttle", "operation": "PutRecords", "probability": 0.25, "seed": 9}
    added = await ask(endpoint, "POST", "/_local/faults", json.dumps(wanted))
    assert (added.status, added.json) == (201, {"ids": [1]})
    (listed,) = (await ask(endpoint, "GET", "/_local/faults")).json["faults"]
    assert wanted.items() <= listed.items()
    assert (listed["id"], listed["matched"], listed["struck"]) == (1, 0, 0)
    assert (await ask(endpoint, "DELETE", "/_local/faults/1")).json == {"faults": []}
    assert (await ask(endpoint, "DELETE", "/_local/faults/1")).status == 404


async def test_several_are_set_at_once_and_all_lifted(endpoint: LocalEndpoint) -> None:
    body = '[{"kind":"delay","delay_ms":5},{"kind":"stall"}]'
    assert (await ask(endpoint, "POST", "/_local/faults", body)).json == {"ids": [1, 2]}
    assert (await ask(endpoint, "DELETE", "/_local/faults")).json == {"faults": []}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('{"kind":"sabotage"}', "sabotage"),
        ('{"operation":"PutRecords"}', "kind"),
        ('{"kind":"delay","delay":5}', "delay"),
        ('{"kind":"delay","probability":2}', "probability"),
        ('{"kind":"delay","delay_ms":0}', "delay_ms"),
        ("[[]]", "array"),
        ("{", "JSON"),
        ("", "JSON"),
    ],
)
async def test_what_is_no_fault_is_refused_in_words(
    endpoint: LocalEndpoint, body: str, named: str
) -> None:
    answer = await ask(endpoint, "POST", "/_local/faults", body)
    assert answer.status == 400
    assert "this is no fault" in answer.json["message"]
    assert named in answer.json["message"] or named == "JSON"
    assert (await ask(endpoint, "GET", "/_local/faults")).json["faults"] == []


async def test_a_foreign_page_cannot_set_a_fault(endpoint: LocalEndpoint) -> None:
    answer = await ask(endpoint, "POST", "/_local/faults", '{"kind":"delay"}', "text/plain")
    assert answer.status == 415


async def test_other_ways_are_refused(endpoint: LocalEndpoint) -> None:
    assert (await ask(endpoint, "PUT", "/_local/faults", "{}")).status == 405
    assert (await ask(endpoint, "GET", "/_local/faults/1")).status == 405
    assert (await ask(endpoint, "DELETE", "/_local/faults/all")).status == 404


async def test_an_endpoint_that_others_can_reach_takes_none() -> None:
    async with LocalEndpoint(kinesis_only=True, host="0.0.0.0") as endpoint:
        answer = await ask(endpoint, "POST", "/_local/faults", '{"kind":"delay"}')
        assert answer.status == 403
