"""Refusals against messages that the service itself has given, as other emulators' suites record
them, and against anything that hypothesis thinks of.
"""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fleet.clock import ManualClock
from local_kinesis.operations.registry import OPERATIONS
from local_kinesis.service import Service
from local_kinesis.store import Store

NULL = "failed to satisfy constraint: Member must not be null"
LONG = "a" * 129


def answer(operation: str, body: bytes) -> tuple[int, Any]:
    service = Service(Store(region="us-east-1"), ManualClock())
    found = service.answer(operation, "application/x-amz-json-1.1", body)
    return found.status, msgspec.json.decode(found.body)


@pytest.mark.parametrize(
    ("operation", "members", "violations"),
    [
        ("GetRecords", {}, [f"Value null at 'shardIterator' {NULL}"]),
        ("PutRecords", {}, [f"Value null at 'records' {NULL}"]),
        (
            "GetShardIterator",
            {"StreamName": None},
            [f"Value null at 'shardId' {NULL}", f"Value null at 'shardIteratorType' {NULL}"],
        ),
        (
            "GetRecords",
            {"ShardIterator": "", "Limit": 0},
            [
                "Value '' at 'shardIterator' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1",
                "Value '0' at 'limit' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1",
            ],
        ),
        (
            "GetRecords",
            {"ShardIterator": "a" * 513, "Limit": 100_000},
            [
                f"Value '{'a' * 513}' at 'shardIterator' failed to satisfy constraint: "
                "Member must have length less than or equal to 512",
                "Value '100000' at 'limit' failed to satisfy constraint: "
                "Member must have value less than or equal to 10000",
            ],
        ),
        (
            "CreateStream",
            {"StreamName": LONG, "ShardCount": 1},
            [
                f"Value '{LONG}' at 'streamName' failed to satisfy constraint: "
                "Member must have length less than or equal to 128"
            ],
        ),
        (
            "CreateStream",
            {"StreamName": "", "ShardCount": 1},
            [
                "Value '' at 'streamName' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
                "Value '' at 'streamName' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1",
            ],
        ),
        (
            "GetShardIterator",
            {"StreamName": "s", "ShardId": "0", "ShardIteratorType": "OLDEST"},
            [
                "Value 'OLDEST' at 'shardIteratorType' failed to satisfy constraint: Member must "
                "satisfy enum value set: [AFTER_SEQUENCE_NUMBER, AT_SEQUENCE_NUMBER, AT_TIMESTAMP, "
                "LATEST, TRIM_HORIZON]"
            ],
        ),
        (
            "PutRecords",
            {"StreamName": "s", "Records": [{"Data": "", "PartitionKey": "k"}, {"Data": ""}]},
            [f"Value null at 'records.2.member.partitionKey' {NULL}"],
        ),
        (
            "PutRecords",
            {"StreamName": "s", "Records": []},
            [
                "Value '[]' at 'records' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1"
            ],
        ),
        (
            "PutRecord",
            {
                "StreamName": "s",
                "Data": "",
                "PartitionKey": "k" * 257,
                "ExplicitHashKey": "-1",
            },
            [
                f"Value '{'k' * 257}' at 'partitionKey' failed to satisfy constraint: "
                "Member must have length less than or equal to 256",
                "Value '-1' at 'explicitHashKey' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: (0|([1-9]\d{0,38}))",
            ],
        ),
    ],
)
def test_broken_constraints(operation: str, members: Any, violations: list[str]) -> None:
    status, found = answer(operation, msgspec.json.encode(members))
    noun = "error" if len(violations) == 1 else "errors"
    assert status == 400
    assert found["__type"] == "ValidationException"
    head, _, rest = found["message"].partition(": ")
    assert head == f"{len(violations)} validation {noun} detected"
    # The service itself lists them in no order that one could rely on.
    assert sorted(rest.split("; ")) == sorted(violations)


NUMBER = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        (
            "ListStreams",
            b'{"Limit":"3"}',
            "class java.lang.String can not be converted to an Integer",
        ),
        (
            "ListStreams",
            b'{"Limit":true}',
            "class java.lang.Boolean can not be converted to an Integer",
        ),
        ("ListStreams", b'{"Limit":[]}', "Start of list found where not expected"),
        ("ListStreams", b'{"Limit":{}}', "Start of structure or map found where not expected."),
        ("ListStreams", b"[]", "Start of list found where not expected"),
        ("DescribeStream", b'{"StreamName":3}', f"{NUMBER} can not be converted to an String"),
        ("PutRecords", b'{"Records":"x"}', "Expected list or null"),
        ("PutRecords", b'{"Records":[3]}', "Expected null"),
        (
            "PutRecord",
            b'{"StreamName":"s","PartitionKey":"k","Data":7}',
            f"{NUMBER} can not be converted to a Blob",
        ),
    ],
)
def test_wrong_types(operation: str, body: bytes, message: str) -> None:
    assert answer(operation, body) == (
        400,
        {"__type": "SerializationException", "Message": message},
    )


@pytest.mark.parametrize("text", ["23456", "=+/=", "YW Jj", "a-_b", "é"])
def test_data_that_is_not_base64(text: str) -> None:
    body = msgspec.json.encode({"StreamName": "s", "PartitionKey": "k", "Data": text})
    status, found = answer("PutRecord", body)
    assert (status, found["__type"]) == (400, "SerializationException")
    assert found["Message"].startswith(f"'{text}' can not be converted to a Blob: ")


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"{", b'{"Limit":1}x', b"\xff\xfe", b'{"NextToken":"\xff"}', b'{"a":"\\ud800"}',
     b"[" * 100_000, b'{"Limit":1e999}', b'{"Limit":NaN}'],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_bodies_that_are_not_json(body: bytes) -> None:
    status, found = answer("ListStreams", body)
    assert (status, found["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize("operation", ["", "ListStream", "CreateChannel", "é", "__class__"])
def test_operations_that_are_none(operation: str) -> None:
    status, found = answer(operation, b"{}")
    assert (status, found["__type"]) == (400, "UnknownOperationException")
    assert repr(operation) in found["message"]


def test_a_fault_of_ours_costs_one_request(caplog: pytest.LogCaptureFixture) -> None:
    class BrokenClock(ManualClock):
        def now_ms(self) -> int:
            raise RuntimeError("the clock is broken")

    service = Service(Store(region="us-east-1"), BrokenClock())
    found = service.answer("ListStreams", "", b"{}")
    assert (found.status, found.body) == (500, b'{"__type":"InternalFailure"}')
    assert "the clock is broken" in caplog.text


TEXTS = st.sampled_from(["", "s", "a" * 600, "é", "0", "5" * 56, "LATEST", "AT_TIMESTAMP", "YQ=="])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, width=64), TEXTS, st.text()
)
MEMBERS = st.sampled_from(
    sorted({name for one in OPERATIONS.values() for name in one.request.__struct_fields__})
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | MEMBERS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(OPERATIONS)), st.dictionaries(MEMBERS, VALUES, max_size=8))
def test_no_request_finds_a_fault_of_ours(operation: str, members: dict[str, Any]) -> None:
    service = Service(Store(region="us-east-1"), ManualClock())
    service.answer("CreateStream", "", b'{"StreamName":"s","ShardCount":1}')
    try:
        body = msgspec.json.encode(members)
    except UnicodeEncodeError:
        return
    assert service.answer(operation, "", body).status in (200, 400)
