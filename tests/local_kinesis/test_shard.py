"""The shard against a plain list that does the same, record by record."""

from dataclasses import dataclass

import msgspec
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from local_kinesis.hash_key import HashKeyRange
from local_kinesis.shard import Page, Shard, ShardWrite

SEGMENT_BYTES_MAX = 2000
"""A few records, so that every case of a read over segments comes up."""


@dataclass(frozen=True, slots=True)
class Kept:
    ordinal: int
    sequence_number: str
    arrival_ms: int
    payload_bytes: int


def decoded(page: Page) -> list[str]:
    text = b"".join(page.fragments)
    return [record["SequenceNumber"] for record in msgspec.json.decode(b"[%s]" % text[:-1])]


class ShardAgainstList(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.shard = Shard(3, HashKeyRange(0, 2**128 - 1), created_s=1000)
        self.records: list[Kept] = []
        self.horizon = 1
        self.now_ms = 1_000_000

    def readable(self) -> list[Kept]:
        return [record for record in self.records if record.ordinal >= self.horizon]

    @rule(sizes=st.lists(st.integers(0, 900), min_size=1, max_size=8))
    def put(self, sizes: list[int]) -> None:
        write = ShardWrite(self.shard, self.now_ms)
        numbers = [write.add("A" * size, '"key"', size) for size in sizes]
        self.shard.commit(write, SEGMENT_BYTES_MAX)
        for number, size in zip(numbers, sizes, strict=True):
            self.records.append(Kept(len(self.records) + 1, number, write.arrival_ms, size))

    @rule(milliseconds=st.integers(-50, 500))
    def time_passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds

    @rule(age_ms=st.integers(0, 1000))
    def expire(self, age_ms: int) -> None:
        limit_ms = self.now_ms - age_ms
        self.shard.expire(limit_ms)
        young = [record.ordinal for record in self.records if record.arrival_ms >= limit_ms]
        self.horizon = max(self.horizon, min(young, default=len(self.records) + 1))

    @precondition(lambda self: self.shard.oldest_arrival_ms is not None)
    @rule()
    def drop_oldest(self) -> None:
        before = len(self.readable())
        lost, _ = self.shard.drop_oldest()
        self.horizon = self.shard.horizon
        assert before - len(self.readable()) == lost

    @rule(position=st.integers(1, 60), count=st.integers(1, 20), payload_bytes=st.integers(1, 3000))
    def read(self, position: int, count: int, payload_bytes: int) -> None:
        expected: list[Kept] = []
        for record in self.readable():
            if record.ordinal >= position and len(expected) < count:
                total = sum(one.payload_bytes for one in expected) + record.payload_bytes
                if expected and total > payload_bytes:
                    break
                expected.append(record)
        page = self.shard.read(position, count, payload_bytes, self.now_ms)
        assert page.count == len(expected)
        if expected:
            assert decoded(page) == [record.sequence_number for record in expected]
        unread = [one for one in self.readable() if one.ordinal >= page.next_ordinal]
        oldest = min((one.arrival_ms for one in unread), default=None)
        assert page.behind_ms == (0 if oldest is None else max(1, self.now_ms - oldest))

    @rule(back_ms=st.integers(-100, 2000))
    def find_time(self, back_ms: int) -> None:
        since_ms = self.now_ms - back_ms
        later = [one.ordinal for one in self.readable() if one.arrival_ms >= since_ms]
        expected = min(later, default=self.shard.next_ordinal)
        assert self.shard.position_since(since_ms) == expected

    @invariant()
    def numbers_and_times_never_go_back(self) -> None:
        assert self.shard.horizon == min(self.horizon, self.shard.next_ordinal)
        numbers = [int(record.sequence_number) for record in self.records]
        assert numbers == sorted(set(numbers))
        arrivals = [record.arrival_ms for record in self.records]
        assert arrivals == sorted(arrivals)


TestShardAgainstList = ShardAgainstList.TestCase
TestShardAgainstList.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30))
def test_memory_given_back_is_what_was_taken(sizes: list[int]) -> None:
    shard = Shard(0, HashKeyRange(0, 2**128 - 1), created_s=1000)
    taken = 0
    for size in sizes:
        write = ShardWrite(shard, 5000)
        write.add("A" * size, '"key"', size)
        taken += shard.commit(write, SEGMENT_BYTES_MAX)
        assert shard.memory_bytes == taken
    assert shard.expire(6000) == taken
    assert shard.memory_bytes == 0
