"""Aggregates: a blob worked out by hand, the published Python library as a second opinion, and
bytes that are almost one.
"""

from hashlib import md5
from typing import Any

import pytest
from aws_kinesis_agg.aggregator import AggRecord
from aws_kinesis_agg.deaggregator import iter_deaggregate_records
from hypothesis import given, strategies as st

from awsio.aggregation import MAGIC, read_aggregate

# aggregation-format.md and the protobuf encoding, byte by byte.
BY_HAND = (
    b"\xf3\x89\x9a\xc2"
    b"\x0a\x01a"  # partition_key_table[0] = "a": field 1, of 1 byte
    b"\x0a\x01b"  # partition_key_table[1] = "b"
    b"\x12\x017"  # explicit_hash_key_table[0] = "7": field 2
    b"\x1a\x06"  # records[0]: field 3, of 6 bytes
    b"\x08\x00\x1a\x02{}"  # partition_key_index = 0, data = "{}"
    b"\x1a\x07"  # records[1]
    b"\x08\x01\x10\x00\x1a\x01x"  # partition_key_index = 1, explicit_hash_key_index = 0, data = "x"
    # md5sum of what is between the magic and here
    + bytes.fromhex("25e22e6be88736549ffa258fae79f4a2")
)
MD5_OF_A = 0x0CC175B9C0F1B6A831C399E269772661
"""Of `a`: RFC 1321, A.5."""


def aggregate(message: bytes) -> bytes:
    return MAGIC + message + md5(message, usedforsecurity=False).digest()


def test_a_blob_worked_out_by_hand() -> None:
    found = read_aggregate(BY_HAND)
    assert found is not None
    assert found.records == [b"{}", b"x"]
    assert found.partition_keys == ["a", "b"]
    assert found.explicit_hash_keys == {1: 7}
    assert found.broken == {}


@pytest.mark.parametrize(
    ("hash_keys", "within"),
    [
        (range(2**128), True),
        (range(7, MD5_OF_A + 1), True),
        (range(8, MD5_OF_A + 1), False),
        (range(7, MD5_OF_A), False),
    ],
)
def test_where_its_user_records_were_meant_to_go(hash_keys: range, within: bool) -> None:
    found = read_aggregate(BY_HAND)
    assert found is not None
    assert found.is_within(hash_keys) is within


USER_RECORDS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
        st.binary(max_size=300),
        st.none() | st.integers(0, 2**128 - 1).map(str),
    ),
    min_size=1,
    max_size=60,
)


@given(USER_RECORDS)
def test_what_the_published_library_packs_is_unpacked(
    user_records: list[tuple[str, bytes, str | None]],
) -> None:
    packed = AggRecord()
    for partition_key, data, explicit in user_records:
        assert packed.add_user_record(partition_key, data, explicit)
    found = read_aggregate(packed.get_contents()[2])
    assert found is not None
    assert list(zip(found.partition_keys, found.records, strict=True)) == [
        (partition_key, data) for partition_key, data, _ in user_records
    ]
    assert found.explicit_hash_keys == {
        place: int(explicit)
        for place, (_, _, explicit) in enumerate(user_records)
        if explicit is not None
    }
    assert found.broken == {}


def opinion_of_the_library(data: bytes) -> list[tuple[str, bytes]] | None:
    """None: not an aggregate."""
    import base64

    record: dict[str, Any] = {
        "Data": data,
        "PartitionKey": "outer",
        "SequenceNumber": "1",
        "ApproximateArrivalTimestamp": 0.0,
    }
    found = [one["kinesis"] for one in iter_deaggregate_records([record], data_format="Boto3")]
    if [one["data"] for one in found] == [data]:
        return None
    return [(one["partitionKey"], base64.b64decode(one["data"])) for one in found]


MESSAGES = st.lists(
    # Pieces of a message in any order: tables may be too short for what follows.
    st.sampled_from(
        [
            b"\x0a\x01a",
            b"\x0a\x01b",
            b"\x1a\x06\x08\x00\x1a\x02{}",
            b"\x1a\x06\x08\x01\x1a\x02[]",
            b"\x22\x03tag",
            b"\x1a\x0b\x08\x00\x1a\x02{}\x22\x03\x0a\x01t",
            b"\x1a\x7f",
        ]
    ),
    max_size=8,
).map(b"".join)


@given(MESSAGES, st.booleans())
def test_what_is_an_aggregate_is_judged_as_the_published_library_does(
    message: bytes, is_whole: bool
) -> None:
    data = aggregate(message) if is_whole else MAGIC + message + bytes(16)
    ours, theirs = read_aggregate(data), opinion_of_the_library(data)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        pairs = list(zip(ours.partition_keys, ours.records, strict=True))
        # It drops what follows a user record that is broken.
        whole = min(ours.broken, default=len(pairs))
        assert pairs[:whole] == theirs


@given(st.binary(max_size=80), st.binary(max_size=8))
def test_whatever_the_bytes_nothing_is_raised(message: bytes, rest: bytes) -> None:
    for data in (message, MAGIC + message, aggregate(message), aggregate(message) + rest):
        found = read_aggregate(data)
        if found is not None:
            assert len(found.records) == len(found.partition_keys)
            found.is_within(range(2**127))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MAGIC,
        MAGIC[:3] + b"\xc3" + BY_HAND[4:],
        BY_HAND[:-1],
        BY_HAND[:-1] + b"\x00",
        BY_HAND + b"\x00",
        aggregate(b""),
        # No data, no key: the format requires both, and the Java client library insists.
        aggregate(b"\x0a\x01a\x1a\x02\x08\x00"),
        aggregate(b"\x0a\x01a\x1a\x04\x1a\x02{}"),
    ],
)
def test_what_is_almost_an_aggregate_is_a_record(data: bytes) -> None:
    assert read_aggregate(data) is None


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (b"\x08\x05\x1a\x01x", "it names partition key 5 of 1 in its aggregate"),
        (b"\x08\x00\x10\x02\x1a\x01x", "it names explicit hash key 2 of 2 in its aggregate"),
        (b"\x08\x00\x10\x00\x1a\x01x", "its explicit hash key '-1' is not a number below 2**128"),
        (b"\x08\x00\x10\x01\x1a\x01x", "its explicit hash key '\\xb2' is not a number"),
    ],
)
def test_a_broken_user_record_leaves_the_others_alone(inner: bytes, reason: str) -> None:
    tables = b"\x0a\x01a\x12\x02-1\x12\x01\xb2"
    sound = b"\x1a\x06\x08\x00\x1a\x02{}"
    found = read_aggregate(
        aggregate(tables + sound + b"\x1a" + bytes([len(inner)]) + inner + sound)
    )
    assert found is not None
    assert found.records == [b"{}", b"x", b"{}"]
    assert found.partition_keys == ["a", "", "a"]
    assert list(found.broken) == [1]
    assert found.broken[1].startswith(reason)


def test_a_partition_key_that_is_not_utf_8_is_replaced() -> None:
    found = read_aggregate(aggregate(b"\x0a\x02\xffa\x1a\x06\x08\x00\x1a\x02{}"))
    assert found is not None
    assert found.partition_keys == ["\N{REPLACEMENT CHARACTER}a"]
