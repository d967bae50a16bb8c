"""What a disk can do to a snapshot."""

import asyncio
import errno
import fcntl
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.errors import ConfigError, SnapshotCorrupt, Superseded
from processor.snapshot.codec import decode
from processor.snapshot.disk import DiskSnapshots
from tests.processor.snapshot.samples import FIRST, SECOND


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


async def test_of_many_on_a_disk_at_the_very_same_moment_one_goes_on(tmp_path: Path) -> None:
    await DiskSnapshots(tmp_path).save(FIRST)
    saved = await asyncio.gather(
        *(DiskSnapshots(tmp_path).save(replace(SECOND, epoch=2)) for _ in range(8)),
        return_exceptions=True,
    )
    assert [type(result) for result in saved if result is not None] == [Superseded] * 7
    assert saved.count(None) == 1


async def test_a_process_that_is_stopped_in_a_save_is_named_and_waited_for(tmp_path: Path) -> None:
    await DiskSnapshots(tmp_path).save(FIRST)  # leaves the number of its process
    reasons: list[str] = []
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def on_wait(reason: str, _seconds: float) -> None:
            reasons.append(reason)
            if len(reasons) == 2:
                fcntl.flock(lock, fcntl.LOCK_UN)  # it goes on, or is killed

        await DiskSnapshots(tmp_path, on_wait=on_wait).save(replace(SECOND, epoch=2))
    assert len(reasons) == 2
    assert f"process {os.getpid()} is in the middle of a save" in reasons[0]
    assert await DiskSnapshots(tmp_path).load() == replace(SECOND, epoch=2)
