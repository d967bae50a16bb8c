"""One contract, every store; and what a disk can do to a snapshot."""

import errno
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from fleet.errors import ConfigError, SnapshotCorrupt, Superseded
from processor.snapshot.base import Snapshot, SnapshotStore, StreamIdentity
from processor.snapshot.codec import HEADER, decode, encode
from processor.snapshot.disk import DiskSnapshots
from processor.snapshot.memory import MemorySnapshots

FIRST = Snapshot(
    application="wildrydes",
    fingerprint="f" * 64,
    stream=StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/wildrydes", 1_767_225_600),
    epoch=1,
    saved_ms=1_767_225_660_000,
    positions={"shardId-000000000000": "49", "shardId-000000000001": "SHARD_END"},
    clocks_ms={"shardId-000000000000": 1_767_225_659_000},
    state=b"\x00state\xff" * 100,
    cursors={"archive": {"shardId-000000000000": "48"}, "dead_letter": {"bytes": 12}},
)
SECOND = replace(FIRST, saved_ms=FIRST.saved_ms + 1000, positions={"shardId-000000000000": "50"})

Open = Callable[[], SnapshotStore]
"""Opens the same snapshots as another process would."""


@pytest.fixture(params=["memory", "disk"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "memory":
        return MemorySnapshots().as_another
    return lambda: DiskSnapshots(tmp_path / "state")


@pytest.fixture
def store(open_store: Open) -> SnapshotStore:
    return open_store()


async def test_the_newest_is_loaded(store: SnapshotStore) -> None:
    assert await store.load() is None
    await store.save(FIRST)
    assert await store.load() == FIRST
    await store.save(SECOND)
    assert await store.load() == SECOND


async def test_an_older_epoch_is_refused_and_changes_nothing(store: SnapshotStore) -> None:
    await store.save(FIRST)
    newer = replace(SECOND, epoch=2)
    await store.save(newer)
    with pytest.raises(Superseded, match="took over"):
        await store.save(replace(FIRST, saved_ms=FIRST.saved_ms + 5000))
    assert await store.load() == newer


async def test_an_older_processor_finds_out_before_it_writes(open_store: Open) -> None:
    older, newer = open_store(), open_store()
    await older.check(1)  # nothing has been saved
    await older.save(FIRST)
    await older.check(1)
    await newer.load()
    await newer.check(1)  # nobody has taken over yet
    await newer.save(replace(FIRST, epoch=2))
    await newer.check(2)
    with pytest.raises(Superseded, match=r"epoch 2, ours is 1"):
        await older.check(1)
    with pytest.raises(Superseded):
        await older.save(SECOND)
    assert await older.newest_epoch() == 2


async def test_of_two_that_start_with_the_same_epoch_one_wins(open_store: Open) -> None:
    await open_store().save(FIRST)
    one, two = open_store(), open_store()
    assert await one.load() == await two.load() == FIRST
    winner = replace(SECOND, epoch=2)
    await one.save(winner)
    with pytest.raises(Superseded):
        await two.save(replace(FIRST, epoch=2))
    later = replace(winner, saved_ms=winner.saved_ms + 1)
    await one.save(later)
    assert await open_store().load() == later


async def test_a_release_is_kept(store: SnapshotStore) -> None:
    await store.save(replace(FIRST, released=True))
    loaded = await store.load()
    assert loaded is not None
    assert loaded.released


async def test_what_is_set_aside_is_not_loaded(store: SnapshotStore) -> None:
    await store.save(FIRST)
    await store.set_aside("the stream is gone")
    assert await store.load() is None
    assert await store.newest_epoch() == 1  # the epoch is remembered all the same
    with pytest.raises(Superseded):
        await store.save(replace(FIRST, epoch=0))


async def test_the_disk_keeps_what_was_set_aside(tmp_path: Path) -> None:
    store = DiskSnapshots(tmp_path)
    await store.save(FIRST)
    home = Path(await store.set_aside("the stream is gone"))
    assert decode((home / "snapshot").read_bytes(), "aside") == FIRST
    assert "gone" in (home / "reason.txt").read_text()


@pytest.mark.parametrize(
    "damage",
    [lambda b: b[:-1], lambda b: b[:10], lambda b: b"", lambda b: b[:-3] + b"xyz", lambda b: b * 2],
    ids=["a byte short", "cut in the header", "empty", "changed", "doubled"],
)
async def test_a_damaged_newest_is_reported_and_the_one_before_is_used(
    tmp_path: Path, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    store = DiskSnapshots(tmp_path)
    await store.save(FIRST)
    await store.save(SECOND)
    newest = tmp_path / "snapshot"
    newest.write_bytes(damage(newest.read_bytes()))
    with caplog.at_level(logging.ERROR):
        assert await DiskSnapshots(tmp_path).load() == FIRST
    assert "snapshot" in caplog.text


async def test_a_damaged_newest_does_not_push_out_the_whole_one_before(tmp_path: Path) -> None:
    store = DiskSnapshots(tmp_path)
    await store.save(FIRST)
    await store.save(SECOND)
    (tmp_path / "snapshot").write_bytes(b"damaged")
    store = DiskSnapshots(tmp_path)
    await store.load()
    await store.save(replace(SECOND, epoch=2))
    (tmp_path / "snapshot").unlink()  # as if it had died between the two renames
    assert await DiskSnapshots(tmp_path).load() == FIRST
    assert (tmp_path / "snapshot.damaged").read_bytes() == b"damaged"


async def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    waits: list[str] = []

    class Filling(DiskSnapshots):
        def _write(self, path: Path, data: bytes) -> None:
            if len(waits) < 2:
                path.write_bytes(data[:10])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            super()._write(path, data)

    store = Filling(tmp_path, on_wait=lambda reason, seconds: waits.append(reason))
    await store.save(FIRST)
    assert await DiskSnapshots(tmp_path).load() == FIRST
    assert all("No space left" in reason and str(tmp_path) in reason for reason in waits)


async def test_a_folder_that_cannot_be_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Not a directory") as caught:
        await DiskSnapshots(tmp_path / "file" / "state").save(FIRST)
    assert "--data" in (caught.value.remedy or "")


async def test_a_crash_between_the_two_renames_leaves_the_previous(tmp_path: Path) -> None:
    store = DiskSnapshots(tmp_path)
    await store.save(FIRST)
    await store.save(SECOND)
    (tmp_path / "snapshot").unlink()
    (tmp_path / "snapshot.new").write_bytes(b"half")
    assert await DiskSnapshots(tmp_path).load() == FIRST
    await store.save(SECOND)
    assert await DiskSnapshots(tmp_path).load() == SECOND


async def test_no_whole_snapshot_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "snapshot").write_bytes(b"not one")
    with pytest.raises(SnapshotCorrupt) as caught:
        await DiskSnapshots(tmp_path).load()
    assert "--state discard" in (caught.value.remedy or "")


def test_another_format_is_named() -> None:
    later = HEADER.replace(b"2", b"9") + b"anything"
    with pytest.raises(SnapshotCorrupt, match="format 9"):
        decode(later, "file")


@given(
    st.binary(max_size=200),
    st.dictionaries(st.text(max_size=5), st.text("0123456789", min_size=1), max_size=4),
    st.dictionaries(st.text(max_size=5), st.integers(-(2**62), 2**62), max_size=4),
)
def test_decode_is_the_inverse_of_encode(
    state: bytes, positions: dict[str, str], clocks_ms: dict[str, int]
) -> None:
    snapshot = replace(FIRST, state=state, positions=positions, clocks_ms=clocks_ms)
    assert decode(encode(snapshot), "memory") == snapshot
