"""One contract, every store; and what a disk can do to a snapshot."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from fleet.errors import SnapshotCorrupt, SnapshotRefused
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

Factory = Callable[[Path], SnapshotStore]


@pytest.fixture(params=[lambda path: MemorySnapshots(), DiskSnapshots], ids=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotStore:
    factory: Factory = request.param
    return factory(tmp_path)


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
    with pytest.raises(SnapshotRefused, match="took over"):
        await store.save(replace(FIRST, saved_ms=FIRST.saved_ms + 5000))
    assert await store.load() == newer


async def test_what_is_set_aside_is_not_loaded(store: SnapshotStore) -> None:
    await store.save(FIRST)
    await store.set_aside("the stream is gone")
    assert await store.load() is None
    with pytest.raises(SnapshotRefused):
        await store.save(replace(FIRST, epoch=0))  # the epoch is remembered all the same


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
    later = HEADER.replace(b"1", b"9") + b"anything"
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
