"""The stream as a journal sees it, who is woken, and what happens when a journal fails."""

from typing import Any

import msgspec
import pytest

from local_kinesis.errors import ResourceNotFound
from local_kinesis.journal.base import JournalFailure, NoJournal
from local_kinesis.json_protocol import decode, encode
from local_kinesis.operations.registry import OPERATIONS
from local_kinesis.store import Store
from local_kinesis.stream import Stream

NOW_MS = 1_767_225_600_000


def call(store: Store, name: str, now_ms: int = NOW_MS, **members: Any) -> Any:
    operation = OPERATIONS[name]
    asked = decode(operation, msgspec.json.encode(members))
    body = encode(operation.run(store, asked, now_ms))
    return msgspec.json.decode(body) if body else None


def lived_in() -> Stream:
    """A stream of which everything was changed once, and that is being resharded."""
    store = Store(region="us-east-1", transition_ms=1000)
    call(store, "CreateStream", StreamName="s", ShardCount=3, Tags={"a": "b"})
    arn = store.streams["s"].arn
    now_ms = NOW_MS
    for name, members in (
        ("SplitShard", {"ShardToSplit": "0", "NewStartingHashKey": "9"}),
        ("UpdateStreamMode", {"StreamARN": arn, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
        (
            "UpdateStreamMode",
            {"StreamARN": arn, "StreamModeDetails": {"StreamMode": "PROVISIONED"}},
        ),
        ("StartStreamEncryption", {"EncryptionType": "KMS", "KeyId": "k"}),
        ("EnableEnhancedMonitoring", {"ShardLevelMetrics": ["IncomingBytes"]}),
        ("IncreaseStreamRetentionPeriod", {"RetentionPeriodHours": 30}),
        ("RegisterStreamConsumer", {"StreamARN": arn, "ConsumerName": "c"}),
        ("UpdateShardCount", {"TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"}),
    ):
        now_ms += 1000
        named = {} if "StreamARN" in members else {"StreamName": "s"}
        call(store, name, now_ms, **members, **named)
    return store.streams["s"]


def test_a_snapshot_is_all_of_it_and_goes_through_json() -> None:
    stream = lived_in()
    kept = msgspec.json.decode(msgspec.json.encode(stream.snapshot()))
    again = Stream.restore(kept)
    assert again.snapshot() == stream.snapshot()
    due_ms = stream.due_ms
    assert due_ms is not None
    for one in (stream, again):
        one.advance(due_ms)
    assert again.snapshot() == stream.snapshot()
    assert [shard.hash_keys for shard in again.open_shards] == [
        shard.hash_keys for shard in stream.open_shards
    ]
    assert {shard.index: [child.index for child in shard.children] for shard in again.shards} == {
        shard.index: [child.index for child in shard.children] for shard in stream.shards
    }


def test_a_snapshot_knows_every_attribute() -> None:
    """One that is added to the stream and forgotten here would not outlive the process."""
    derived = {"router", "_open", "_by_index", "_next_event_ms"}
    stream = lived_in()
    attributes = {name.lstrip("_") for name in set(vars(stream)) - derived}
    assert attributes == set(stream.snapshot())


def test_watchers_are_woken_by_records_by_the_end_and_by_deletion() -> None:
    store = Store(region="us-east-1")
    call(store, "CreateStream", StreamName="s", ShardCount=1)
    shard = store.streams["s"].shards[0]
    woken: list[str] = []
    shard.watchers.add(lambda: woken.append("woken"))
    call(store, "PutRecord", StreamName="s", PartitionKey="p", Data="")
    assert len(woken) == 1
    call(store, "SplitShard", StreamName="s", ShardToSplit="0", NewStartingHashKey="9")
    assert len(woken) == 2
    call(store, "DeleteStream", StreamName="s")
    assert len(woken) > 2


class FailingJournal(NoJournal):
    """A disk that is full until it is not."""

    full = False

    def stream_changed(self, stream: Stream) -> None:
        if self.full:
            raise JournalFailure("no space left on device")


def test_nobody_sees_a_change_that_was_not_kept() -> None:
    journal = FailingJournal()
    store = Store(region="us-east-1", journal=journal)
    call(store, "CreateStream", StreamName="s", ShardCount=1)
    journal.full = True
    with pytest.raises(JournalFailure):
        call(store, "CreateStream", StreamName="t", ShardCount=1)
    with pytest.raises(ResourceNotFound):
        call(store, "DescribeStreamSummary", StreamName="t")
    with pytest.raises(JournalFailure):
        call(store, "SplitShard", StreamName="s", ShardToSplit="0", NewStartingHashKey="9")
    with pytest.raises(JournalFailure):
        call(store, "PutRecord", StreamName="s", PartitionKey="p", Data="")
    store.expire_all(NOW_MS)
    journal.full = False
    assert len(call(store, "ListShards", StreamName="s")["Shards"]) == 3
