"""Aggregates become user records, and whatever is none stays what it is."""

import random
from hashlib import md5

import numpy as np
from hypothesis import given, strategies as st

from awsio.aggregation import MAGIC
from awsio.lineage import Shard
from fleet.batch import SHARD_END, WHOLE, Batch
from processor.source.user_records import USER_RECORDS_MAX, unpacked
from tests.processor.source.aggregates import packed

ROOT = Shard("shardId-0")


def batch_of(*records: bytes, position: str | None = None, tip_ms: int | None = None) -> Batch:
    """Records with sequence numbers from 10 on, arrivals from 100 on."""
    return Batch(
        shard_id="shardId-0",
        records=list(records),
        arrival_ms=np.arange(100, 100 + len(records), dtype=np.int64),
        sequence_numbers=[str(10 + i) for i in range(len(records))],
        partition_keys=["outer"] * len(records),
        position=position or str(9 + len(records)),
        tip_ms=tip_ms,
    )


def broken(*records: bytes) -> bytes:
    """An aggregate of key "a" whose second user record names a key that is not there."""
    message = b"\x0a\x01a\x1a\x06\x08\x00\x1a\x02{}\x1a\x05\x08\x07\x1a\x01x" + b"".join(records)
    return MAGIC + message + md5(message, usedforsecurity=False).digest()


def test_a_batch_without_aggregates_is_passed_on_as_it_is() -> None:
    batch = batch_of(b"{}", b"", b"\xf3", MAGIC[:3], tip_ms=7)
    [same] = unpacked(batch, ROOT)
    assert same is batch


def test_user_records_have_what_the_kinesis_record_has_and_their_own_keys() -> None:
    data = [b"whole", packed(("a", b"1"), ("b", b"2"), ("a", b"3")), MAGIC + b"no aggregate"]
    [batch] = unpacked(batch_of(*data, position=SHARD_END), ROOT)
    assert batch.records == [b"whole", b"1", b"2", b"3", data[2]]
    assert batch.sequence_numbers == ["10", "11", "11", "11", "12"]
    assert batch.record_ids == ["10", "11:0", "11:1", "11:2", "12"]
    assert [batch.record_id(i) for i in range(5)] == batch.record_ids
    assert batch.sub_sequence_numbers == [WHOLE, 0, 1, 2, WHOLE]
    assert batch.arrival_ms.tolist() == [100, 101, 101, 101, 102]
    assert batch.partition_keys == ["outer", "a", "b", "a", "outer"]
    assert batch.position == SHARD_END
    assert batch.broken == {}


def test_a_batch_is_cut_between_kinesis_records_only() -> None:
    [batch] = unpacked(batch_of(b"w", packed(("a", b"1"), ("b", b"2")), b"w"), ROOT)
    assert batch.after("10").record_ids == ["11:0", "11:1", "12"]
    assert batch.after("11").record_ids == ["12"]
    assert batch.after("9").record_ids == batch.record_ids


def test_a_broken_user_record_is_marked_and_stays_so_in_what_is_left_of_a_batch() -> None:
    [batch] = unpacked(batch_of(b"w", broken(b"\x1a\x06\x08\x00\x1a\x02[]")), ROOT)
    assert batch.records == [b"w", b"{}", b"x", b"[]"]
    assert list(batch.broken) == [2]
    assert list(batch.after("10").broken) == [1]
    assert list(batch.take([0, 2]).broken) == [1]
    assert batch.take([0, 2]).record_ids == ["10", "11:1"]
    assert batch.take([3]).broken == {}


def test_what_a_producer_sends_again_after_a_split_is_read_once() -> None:
    """The library's rule: an aggregate with one user record for another shard is dropped whole,
    because its producer sends all of it again.
    """
    mine, theirs = ("x", b"1", "5"), ("x", b"2", "6")
    aggregates = [packed(mine, mine), packed(mine, theirs), packed(theirs), packed(mine)]
    child = Shard("shardId-0", ("parent",), hash_keys=range(6))
    [batch] = unpacked(batch_of(*aggregates, tip_ms=500), child)
    assert batch.record_ids == ["10:0", "10:1", "13:0"]
    assert (batch.position, batch.tip_ms) == ("13", 500)
    # Its position moves on behind what was dropped.
    [nothing] = unpacked(batch_of(aggregates[2]), child)
    assert (len(nothing), nothing.position) == (0, "10")


def test_where_nothing_was_resharded_nothing_is_dropped() -> None:
    root = Shard("shardId-0", hash_keys=range(6))
    [batch] = unpacked(batch_of(packed(("x", b"1", "5"), ("x", b"2", "6"))), root)
    assert batch.records == [b"1", b"2"]


def test_many_user_records_come_in_several_batches() -> None:
    aggregate = packed(*[("a", b"")] * 4000)
    batches = list(unpacked(batch_of(*[aggregate] * 7, tip_ms=9, position=SHARD_END), ROOT))
    assert [len(batch) for batch in batches] == [12_000, 12_000, 4000]
    assert all(len(batch) < USER_RECORDS_MAX + 4000 for batch in batches)
    assert [batch.position for batch in batches] == ["12", "15", SHARD_END]
    # Only the last of them says how far the shard is complete.
    assert [batch.tip_ms for batch in batches] == [None, None, 9]


@given(st.integers(0, 2**32))
def test_a_replay_from_any_position_gives_the_same_user_records(seed: int) -> None:
    rng = random.Random(seed)
    data = [
        packed(*[(rng.choice("ab"), rng.randbytes(3)) for _ in range(rng.randint(1, 4))])
        if rng.random() < 0.7
        else rng.randbytes(4)
        for _ in range(rng.randint(1, 8))
    ]
    whole = batch_of(*data)
    at = rng.randint(0, len(data))
    first = [one for part in unpacked(whole.take(range(at)), ROOT) for one in ids_of(part)]
    rest = [one for part in unpacked(whole.after(str(9 + at)), ROOT) for one in ids_of(part)]
    [all_of_it] = unpacked(whole, ROOT)
    assert first + rest == ids_of(all_of_it)
    assert ids_of(all_of_it.after(str(9 + at))) == rest


def ids_of(batch: Batch) -> list[tuple[str, bytes]]:
    return list(zip(batch.record_ids, batch.records, strict=True))
