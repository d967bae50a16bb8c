"""Whatever is put, in whatever pieces, is read once and in order, in whatever pieces."""

import base64
import hashlib
from collections import defaultdict
from typing import Any

import msgspec
from hypothesis import given, settings, strategies as st

from fleet.clock import ManualClock
from local_kinesis.service import Service
from local_kinesis.store import Store

KEYS = st.text(min_size=1, max_size=5) | st.sampled_from(["Shadowfax", '"\\/', "\x00", "é", "🦄"])
PUTS = st.lists(
    st.lists(st.tuples(KEYS, st.binary(max_size=40)), min_size=1, max_size=12), max_size=10
)
LIMITS = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(shards=st.integers(1, 6), puts=PUTS, limits=LIMITS, between=st.booleans())
def test_nothing_is_lost_doubled_or_out_of_order(
    shards: int, puts: list[list[tuple[str, bytes]]], limits: list[int], between: bool
) -> None:
    clock = ManualClock()
    # Segments of 4 KiB, so that a few hundred bytes of records already fill several.
    service = Service(Store(region="us-east-1", memory_max_bytes=1 << 20), clock)

    def call(operation: str, **members: Any) -> Any:
        answer = service.answer(operation, "", msgspec.json.encode(members))
        assert answer.status == 200, answer
        return msgspec.json.decode(answer.body) if answer.body else None

    call("CreateStream", StreamName="s", ShardCount=shards)
    places = {
        number: call(
            "GetShardIterator",
            StreamName="s",
            ShardId=str(number),
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        for number in range(shards)
    }
    found: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
    sizes = iter(limits * 1000)

    def read(number: int) -> bool:
        answer = call("GetRecords", ShardIterator=places[number], Limit=next(sizes))
        places[number] = answer["NextShardIterator"]
        for record in answer["Records"]:
            data = base64.b64decode(record["Data"], validate=True)
            found[number].append((record["PartitionKey"], data))
        assert (answer["MillisBehindLatest"] > 0) == more(number)
        return more(number)

    def more(number: int) -> bool:
        return len(found[number]) < len(expected[number])

    expected: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
    for entries in puts:
        clock.advance(1)
        call(
            "PutRecords",
            StreamName="s",
            Records=[{"PartitionKey": key, "Data": data} for key, data in entries],
        )
        for key, data in entries:
            hash_key = int.from_bytes(hashlib.md5(key.encode()).digest(), "big")
            owner = min(hash_key // (2**128 // shards), shards - 1)
            expected[owner].append((key, data))
        if between:
            read(len(entries) % shards)
    for number in range(shards):
        while read(number):
            pass
    assert found == {number: expected[number] for number in range(shards)}
