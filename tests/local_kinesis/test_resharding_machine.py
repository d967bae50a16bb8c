"""Whatever happens to a stream, a reader that follows its shards gets every record once, in the
order of its key.

Random puts, splits, merges, scalings, pauses, deaths of the process and reads. The reader does what
the KCL does: it begins with the shards that were open at the horizon, goes on to the children that
the end of a shard names, begins one when all its parents are done, and keeps sequence numbers, not
iterators.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from local_kinesis.errors import ServiceError
from local_kinesis.journal.disk import DiskJournal
from local_kinesis.journal.recovery import recover
from local_kinesis.json_protocol import decode, encode
from local_kinesis.operations.registry import OPERATIONS
from local_kinesis.shard import Shard
from local_kinesis.store import Store

HASH_KEYS = 2**128
KEYS = [f"unicorn-{number}" for number in range(12)]


class Reader:
    """Reads a stream by its lineage; knows where it is, and what it saw of each key."""

    def __init__(self) -> None:
        self.positions: dict[str, str | None] = {}
        """The last sequence number read of each shard begun; None before the first."""
        self.waiting: dict[str, set[str]] = {}
        """Shards that wait for their parents."""
        self.done: set[str] = set()
        self.seen: dict[str, list[str]] = {}
        self.numbers: dict[str, int] = {}
        """The last sequence number of each key."""

    def begin(self, shards: list[dict[str, Any]]) -> None:
        self.positions = {shard["ShardId"]: None for shard in shards}

    def take(self, record: dict[str, Any]) -> None:
        key, number = record["PartitionKey"], int(record["SequenceNumber"])
        assert number > self.numbers.get(key, 0), "sequence numbers of a key went back"
        self.numbers[key] = number
        self.seen.setdefault(key, []).append(record["Data"])

    def end(self, shard: str, children: list[dict[str, Any]]) -> None:
        del self.positions[shard]
        self.done.add(shard)
        for child in children:
            self.waiting[child["ShardId"]] = set(child["ParentShards"])
        for child_id in [one for one, parents in self.waiting.items() if parents <= self.done]:
            del self.waiting[child_id]
            self.positions[child_id] = None


class StreamAgainstItsReader(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.now_ms = 1_767_225_600_000
        self.put_texts: dict[str, list[str]] = {}
        self.reader = Reader()
        self.count = 0

    @initialize(shards=st.integers(1, 4), transition_ms=st.sampled_from([0, 50]))
    def create(self, shards: int, transition_ms: int) -> None:
        self.transition_ms = transition_ms
        self.open_store()
        self.call("CreateStream", ShardCount=shards)
        self.now_ms += transition_ms
        listed = self.call("ListShards", ShardFilter={"Type": "AT_TRIM_HORIZON"})
        self.reader.begin(listed["Shards"])

    def open_store(self) -> None:
        folder = Path(self.directory.name)
        self.journal = DiskJournal(folder)
        self.store = Store(
            region="us-east-1", transition_ms=self.transition_ms, journal=self.journal
        )
        recover(folder, self.store, self.journal.floors, self.now_ms)

    def call(self, name: str, **members: Any) -> Any:
        operation = OPERATIONS[name]
        if name != "GetRecords":
            members["StreamName"] = "s"
        asked = decode(operation, msgspec.json.encode(members))
        body = encode(operation.run(self.store, asked, self.now_ms))
        return msgspec.json.decode(body) if body else None

    def open_shards(self) -> Sequence[Shard]:
        return self.store.find("s", None, self.now_ms).open_shards

    def change(self, name: str, **members: Any) -> None:
        """A reshard, which may be refused: the stream is UPDATING, or the count is not allowed."""
        try:
            self.call(name, **members)
        except ServiceError as error:
            assert error.kind in ("ResourceInUseException", "LimitExceededException"), error  # noqa: PT017

    @rule(keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=20))
    def put(self, keys: list[str]) -> None:
        records = []
        for key in keys:
            self.count += 1
            text = msgspec.json.encode(b"%d" % self.count).decode().strip('"')
            records.append({"PartitionKey": key, "Data": text})
            self.put_texts.setdefault(key, []).append(text)
        answer = self.call("PutRecords", Records=records)
        assert answer["FailedRecordCount"] == 0

    @rule(place=st.integers(0, 30), share=st.integers(1, 9))
    def split(self, place: int, share: int) -> None:
        shards = self.open_shards()
        shard = shards[place % len(shards)]
        start, end = shard.hash_keys.start, shard.hash_keys.end
        at = start + (end - start) * share // 10
        if start + 1 < at < end:
            self.change("SplitShard", ShardToSplit=shard.id, NewStartingHashKey=str(at))

    @rule(place=st.integers(0, 30))
    def merge(self, place: int) -> None:
        shards = self.open_shards()
        if len(shards) > 1:
            lower, upper = shards[place % (len(shards) - 1) :][:2]
            self.change("MergeShards", ShardToMerge=lower.id, AdjacentShardToMerge=upper.id)

    @rule(count=st.integers(1, 8))
    def scale(self, count: int) -> None:
        self.change("UpdateShardCount", TargetShardCount=count, ScalingType="UNIFORM_SCALING")

    @rule(milliseconds=st.sampled_from([1, 20, 50, 1000, 60_000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds

    @rule()
    def die_and_come_back(self) -> None:
        # As a killed process leaves it: what the journal holds, and nothing else.
        self.journal.close()
        self.open_store()

    @rule(seed=st.integers(0, 1000), limit=st.integers(1, 10))
    def read(self, seed: int, limit: int) -> None:
        shard = random.Random(seed).choice(sorted(self.reader.positions))
        self.read_shard(shard, limit)

    def read_shard(self, shard: str, limit: int) -> bool:
        """Reads once; whether there may be more."""
        number = self.reader.positions[shard]
        kind = "TRIM_HORIZON" if number is None else "AFTER_SEQUENCE_NUMBER"
        members = {} if number is None else {"StartingSequenceNumber": number}
        place = self.call("GetShardIterator", ShardId=shard, ShardIteratorType=kind, **members)
        answer = self.call("GetRecords", ShardIterator=place["ShardIterator"], Limit=limit)
        for record in answer["Records"]:
            self.reader.take(record)
            self.reader.positions[shard] = record["SequenceNumber"]
        if "NextShardIterator" not in answer:
            self.reader.end(shard, answer["ChildShards"])
            return True
        return bool(answer["Records"])

    @invariant()
    def open_shards_own_every_hash_key_once(self) -> None:
        next_key = 0
        for shard in self.open_shards():
            assert shard.hash_keys.start == next_key
            next_key = shard.hash_keys.end + 1
        assert next_key == HASH_KEYS

    @invariant()
    def what_was_seen_is_how_it_was_put(self) -> None:
        for key, texts in self.reader.seen.items():
            assert self.put_texts[key][: len(texts)] == texts

    def teardown(self) -> None:
        try:
            self.read_everything()
        finally:
            self.journal.close()
            self.directory.cleanup()

    def read_everything(self) -> None:
        self.now_ms += 1000
        while any(self.read_shard(shard, 100) for shard in sorted(self.reader.positions)):
            pass
        assert self.reader.seen == self.put_texts
        assert not self.reader.waiting


class HastyReader(Reader):
    """Begins a child as soon as one parent is done."""

    def end(self, shard: str, children: list[dict[str, Any]]) -> None:
        del self.positions[shard]
        self.done.add(shard)
        known = self.done | set(self.positions)
        self.positions.update(
            {child["ShardId"]: None for child in children if child["ShardId"] not in known}
        )


class StreamAgainstAHastyReader(StreamAgainstItsReader):
    def __init__(self) -> None:
        super().__init__()
        self.reader = HastyReader()


TestStreamAgainstItsReader = StreamAgainstItsReader.TestCase
TestStreamAgainstItsReader.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, derandomize=True
)


def test_a_reader_that_does_not_wait_for_both_parents_is_caught() -> None:
    """The control: what this test promises, it can tell."""
    machine = StreamAgainstAHastyReader()
    machine.create(shards=2, transition_ms=0)
    machine.put(KEYS)
    machine.merge(place=0)
    machine.put(KEYS)
    left, _ = sorted(machine.reader.positions)
    machine.read_shard(left, 100)
    (child,) = set(machine.reader.positions) - {left, "shardId-000000000001"}
    machine.read_shard(child, 100)
    with pytest.raises(AssertionError):
        machine.what_was_seen_is_how_it_was_put()
    machine.journal.close()
    machine.directory.cleanup()


@pytest.mark.long
def test_long_histories() -> None:
    many = settings(max_examples=400, stateful_step_count=80, deadline=None, derandomize=True)
    run_state_machine_as_test(StreamAgainstItsReader, settings=many)
