"""The journal's files: what they take, what a disk without room does, what is let go of."""

import logging
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_kinesis.journal.base import JournalFailure
from local_kinesis.journal.shard_log import FILE_BYTES
from tests.local_kinesis.journal.conftest import Kept, text


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size`: the kernel writes what fits, then refuses, as it
    does on a full disk.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def log_bytes(path: Path) -> list[int]:
    return [file.stat().st_size for file in sorted(path.glob("kinesis/*/*/*.log"))]


def test_without_room_a_put_is_refused_whole_and_later_ones_are_taken(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """One shard has room, the other not: neither keeps anything."""
    caplog.set_level(logging.WARNING)
    stream = kept.create(shards=2)
    kept.put(b"a", b"b", b"c", b"d")
    before = [text(shard) for shard in stream.shards]
    sizes = log_bytes(kept.path)
    assert len(sizes) == 2
    assert all(before)
    # Keys that go to the shards in turn; the last entry is the larger one.
    refused = [b"a", *[b"%d" % number + b"x" * 600 for number in range(9)]]
    for room in (0, 10, 500, 2000):
        with files_end_at(max(sizes) + room), pytest.raises(JournalFailure) as caught:
            kept.put(*refused)
        assert (caught.value.status, caught.value.kind) == (500, "InternalFailure")
        assert "File too large" in str(caught.value)
        assert [text(shard) for shard in stream.shards] == before
        assert log_bytes(kept.path) == sizes
    assert caplog.text.count("cannot be written to") == 1
    kept.put(*refused)
    assert "is written to again" in caplog.text
    after = [text(shard) for shard in stream.shards]
    assert sum(one.count(b"SequenceNumber") for one in after) == 4 + len(refused)
    kept.reopen()
    assert [text(shard) for shard in kept.store.streams["readings"].shards] == after


def test_without_room_a_stream_is_not_made(kept: Kept) -> None:
    with files_end_at(10), pytest.raises(JournalFailure):
        kept.create()
    assert not kept.store.streams
    kept.reopen()
    assert not kept.store.streams
    kept.create()
    kept.reopen()
    assert list(kept.store.streams) == ["readings"]


def test_a_change_that_was_refused_is_kept_before_anything_else_is(kept: Kept) -> None:
    stream = kept.create()
    stream.tags["late"] = "yes"
    with files_end_at(10), pytest.raises(JournalFailure):
        kept.store.changed(stream)
    assert kept.store.find("readings", None, kept.now_ms) is stream
    kept.reopen()
    assert kept.store.streams["readings"].tags["late"] == "yes"


def test_a_log_is_cut_into_files_and_the_old_ones_are_deleted(kept: Kept) -> None:
    kept.create()
    for _ in range(8):
        kept.put(*[b"x" * 5000] * 100)
        kept.now_ms += 1000
    sizes = log_bytes(kept.path)
    assert len(sizes) >= 4
    assert all(FILE_BYTES <= size < 2 * FILE_BYTES for size in sizes[:-1])
    kept.now_ms += 24 * 3_600_000 - 3000
    kept.store.expire_all(kept.now_ms)
    left = text(kept.shard, kept.now_ms)
    kept.reopen()
    assert text(kept.shard, kept.now_ms) == left
    assert left.count(b"SequenceNumber") < 800
    assert len(log_bytes(kept.path)) < len(sizes)


def test_a_deleted_stream_leaves_no_file(kept: Kept) -> None:
    for name in ("one", "two"):
        kept.create(name)
        kept.put(b"x", name=name)
    kept.store.delete(kept.store.streams["one"], kept.now_ms)
    kept.close()
    names = [path.name.partition(".")[0] for path in kept.path.glob("kinesis/*/")]
    assert names == ["two"]


def test_many_shards_do_not_take_many_files(kept: Kept) -> None:
    stream = kept.create(shards=300)
    for _ in range(2):
        kept.put(*[b"%d" % number for number in range(2000)])
    assert len(os.listdir("/proc/self/fd")) < 300
    before = [text(shard) for shard in stream.shards]
    kept.reopen()
    assert [text(shard) for shard in kept.store.streams["readings"].shards] == before
