"""Every entry lands once and each key's order holds, whatever fails in between."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings, strategies as st

from awsio.put_records import BYTES_MAX, Ack, Entry, put_records
from awsio.retry import FIRST_CAP_S
from fleet.errors import FleetError, ResourceMissing
from tests.awsio.fake_service import CALL_FAULTS, THROTTLED, FakeService
from tests.awsio.instant import run

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient


def put(service: FakeService, entries: Sequence[Entry], **options: Any) -> list[Ack]:
    client = cast("KinesisClient", service)
    return run(put_records(client, "wildrydes", entries, **options))


def numbered(*keys: str) -> list[Entry]:
    return [Entry(key, str(i).encode()) for i, key in enumerate(keys)]


def by_key(records: Sequence[tuple[str, bytes]]) -> dict[str, list[bytes]]:
    groups: dict[str, list[bytes]] = defaultdict(list)
    for key, data in records:
        groups[key].append(data)
    return groups


@settings(deadline=None, derandomize=True)
@given(
    keys=st.lists(st.sampled_from("abcd"), max_size=30),
    call_faults=st.lists(st.sampled_from(["", *CALL_FAULTS]), max_size=8),
    record_faults=st.lists(st.sampled_from(["", "", THROTTLED, "InternalFailure"]), max_size=60),
)
def test_everything_lands_once_and_in_the_order_of_its_key(
    keys: list[str], call_faults: list[str], record_faults: list[str]
) -> None:
    service = FakeService(call_faults, record_faults)
    entries = numbered(*keys)
    told: list[tuple[Entry, Ack]] = []

    acks = put(service, entries, on_ack=lambda entry, ack: told.append((entry, ack)))

    asked = [(entry.partition_key, entry.data) for entry in entries]
    assert sorted(service.landed) == sorted(asked)
    assert by_key(service.landed) == by_key(asked)
    # The acks stand in the order of the entries, whenever they came.
    landed = {data: str(number) for number, (_, data) in enumerate(service.landed, 1)}
    assert [ack.sequence_number for ack in acks] == [landed[entry.data] for entry in entries]
    assert sorted(told, key=lambda pair: int(pair[0].data)) == list(zip(entries, acks, strict=True))


def test_only_what_failed_is_sent_again_and_before_what_comes_later() -> None:
    service = FakeService(record_faults=["", THROTTLED, ""])

    put(service, numbered("a", "b", "c", "b"))

    calls = [[record["Data"] for record in call] for call in service.calls]
    assert calls == [[b"0", b"1", b"2"], [b"1"], [b"3"]]


def test_entries_of_one_hash_key_land_in_order_whatever_their_partition_keys() -> None:
    service = FakeService(record_faults=[THROTTLED])
    entries = [Entry(f"a#{i}", str(i).encode(), hash_key=7 if i % 2 else 8) for i in range(6)]

    put(service, entries)

    calls = [[record["Data"] for record in call] for call in service.calls]
    assert calls == [[b"0", b"1"], [b"0", b"3"], [b"2", b"5"], [b"4"]]
    hash_keys = {record["Data"]: record["ExplicitHashKey"] for c in service.calls for record in c}
    assert hash_keys == {str(i).encode(): "7" if i % 2 else "8" for i in range(6)}


def test_a_call_holds_five_hundred_records() -> None:
    service = FakeService()
    put(service, numbered(*(f"unicorn-{i}" for i in range(1201))))
    assert [len(call) for call in service.calls] == [500, 500, 201]


def test_a_call_holds_five_mebibytes_of_data_and_keys() -> None:
    mebibyte = 1024 * 1024
    # Each key has four characters and, in UTF-8, seven bytes: five of these fill a call exactly.
    entries = [Entry(f"ééé{i}", bytes(mebibyte - 7)) for i in range(5)]
    service = FakeService()

    put(service, [*entries, Entry("a", b"")])
    put(service, entries)

    assert [len(call) for call in service.calls] == [5, 1, 5]


def test_a_record_larger_than_a_call_is_left_to_the_service() -> None:
    service = FakeService()
    put(service, [Entry("a", bytes(BYTES_MAX + 1)), Entry("b", b"")])
    assert [len(call) for call in service.calls] == [1, 1]


def test_nothing_to_put_is_no_call() -> None:
    service = FakeService()
    assert put(service, []) == []
    assert service.calls == []


def test_waiting_is_told_with_the_stream_and_the_reason() -> None:
    waits: list[tuple[str, float]] = []
    service = FakeService(["unreachable"], [THROTTLED])

    put(service, numbered("a"), on_wait=lambda reason, seconds: waits.append((reason, seconds)))

    reasons = [reason for reason, _ in waits]
    assert reasons[0].startswith("stream wildrydes: EndpointConnectionError: ")
    assert reasons[1] == f"stream wildrydes: {THROTTLED}: not now"
    assert all(0 <= seconds <= 10 for _, seconds in waits)


def test_waits_do_not_grow_while_a_shard_takes_some() -> None:
    """A shard at its limit takes a part of each call; it must not idle for ten seconds after."""
    waits: list[float] = []
    one_of_each_call = [
        code for left in range(10, 0, -1) for code in ["", *[THROTTLED] * (left - 1)]
    ]
    service = FakeService(record_faults=one_of_each_call)

    put(
        service,
        numbered(*"abcdefghij"),
        on_wait=lambda _, seconds: waits.append(seconds),
    )

    assert len(waits) == 9
    assert max(waits) <= FIRST_CAP_S


@pytest.mark.parametrize("code", ["AccessDeniedException", "SomethingNew"])
def test_a_record_refused_for_good_is_an_error(code: str) -> None:
    acknowledged: list[bytes] = []
    service = FakeService(record_faults=["", code, ""])
    with pytest.raises(FleetError, match=f"stream wildrydes: {code}: not now"):
        put(
            service,
            numbered("a", "b", "c"),
            on_ack=lambda entry, _: acknowledged.append(entry.data),
        )
    assert acknowledged == [b"0", b"2"]


async def test_a_real_service_numbers_what_it_takes(kinesis: "KinesisClient") -> None:
    await kinesis.create_stream(StreamName="wildrydes", ShardCount=2)
    entries = numbered("Shadowfax", "Bucephalus", "Rocinante", "Shadowfax", "Shadowfax")

    acks = await put_records(kinesis, "wildrydes", entries)

    landed: dict[str, bytes] = {}
    for shard in {ack.shard_id for ack in acks}:
        iterator = await kinesis.get_shard_iterator(
            StreamName="wildrydes", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )
        answer = await kinesis.get_records(ShardIterator=iterator["ShardIterator"])
        landed |= {record["SequenceNumber"]: record["Data"] for record in answer["Records"]}
    assert {ack.sequence_number: entry.data for ack, entry in zip(acks, entries, strict=True)} == (
        landed
    )
    numbers = [int(acks[i].sequence_number) for i in (0, 3, 4)]
    assert numbers == sorted(numbers)


async def test_a_missing_stream_and_a_refused_call_are_our_errors(
    kinesis: "KinesisClient",
) -> None:
    with pytest.raises(ResourceMissing, match="stream nowhere: "):
        await put_records(kinesis, "nowhere", numbered("a"))
    await kinesis.create_stream(StreamName="wildrydes", ShardCount=1)
    with pytest.raises(FleetError, match="stream wildrydes: ") as caught:
        await put_records(kinesis, "wildrydes", [Entry("a" * 257, b"")])
    assert isinstance(caught.value.__cause__, ClientError)
    with pytest.raises(FleetError, match="stream wildrydes: "):
        await put_records(kinesis, "wildrydes", [Entry("", b"")])
