"""What a start goes on from, and where each shard is read from."""

from dataclasses import replace
from pathlib import Path

import pytest

from analytics_sql.plan import Application
from fleet.batch import SHARD_END
from fleet.errors import SnapshotCorrupt, SnapshotRefused
from processor.engine import Engine
from processor.resume import resume, start_positions
from processor.snapshot.base import Snapshot, StreamIdentity
from processor.snapshot.disk import DiskSnapshots
from processor.snapshot.memory import MemorySnapshots
from tests.processor.snapshot.texts import compiled

APPLICATION = Application("wildrydes", (), (), (), "f" * 64)
STREAM = StreamIdentity(
    "arn:aws:kinesis:us-east-1:000000000000:stream/wildrydes", 1_767_225_600_000
)
SAVED = Snapshot(
    application="wildrydes",
    fingerprint="f" * 64,
    stream=STREAM,
    epoch=4,
    saved_ms=1_767_225_660_000,
    positions={"shardId-000000000000": "49"},
    clocks_ms={},
    state=b"state",
    cursors={},
)


async def test_a_first_start_reads_from_the_oldest_record() -> None:
    store = MemorySnapshots()
    start, message = await resume(store, APPLICATION, STREAM)
    assert (start.epoch, dict(start.positions), start.state) == (1, {}, b"")
    assert "oldest record" in message
    assert await store.load() == start  # the epoch is taken before anything is read


async def test_a_fitting_snapshot_is_gone_on_from_with_the_next_epoch() -> None:
    store = MemorySnapshots()
    await store.save(SAVED)
    start, message = await resume(store, APPLICATION, STREAM)
    assert start == replace(SAVED, epoch=5)
    assert "2026-01-01 00:01:00.000" in message


class SavesAtTheLastMoment(MemorySnapshots):
    """Whose holder saves once more just before another claims the next epoch."""

    holder: MemorySnapshots | None = None

    async def claim(self, epoch: int) -> None:
        holder, self.holder = self.holder, None
        if holder is not None:
            await holder.save(LAST)
        await super().claim(epoch)


LAST = replace(SAVED, positions={"shardId-000000000000": "77"})


async def test_what_the_holder_saves_until_the_claim_is_not_lost() -> None:
    holder = SavesAtTheLastMoment()
    await holder.save(SAVED)
    store = holder.as_another()
    assert isinstance(store, SavesAtTheLastMoment)
    store.holder = holder
    start, _ = await resume(store, APPLICATION, STREAM)
    assert start == replace(LAST, epoch=5)


async def test_a_start_that_does_not_fit_leaves_the_holder_at_work() -> None:
    holder = await stored(COUNTS)
    before = await holder.load()
    assert before is not None
    with pytest.raises(SnapshotRefused):
        await resume(holder.as_another(), compiled(COUNTS.replace("MINUTE", "HOUR")), STREAM)
    await holder.save(before)


async def test_an_older_processor_is_refused_from_then_on() -> None:
    store = MemorySnapshots()
    older, _ = await resume(store, APPLICATION, STREAM)
    await resume(store, APPLICATION, STREAM)
    with pytest.raises(SnapshotRefused):
        await store.save(older)


async def test_an_epoch_never_repeats_when_the_state_is_lost() -> None:
    first, _ = await resume(MemorySnapshots(), APPLICATION, STREAM, source_now_ms=1_767_225_600_500)
    assert first.epoch == 1_767_225_600
    store = MemorySnapshots()  # the folder of the first is gone
    second, _ = await resume(store, APPLICATION, STREAM, source_now_ms=1_767_225_601_500)
    assert second.epoch == 1_767_225_601
    again, _ = await resume(store, APPLICATION, STREAM, source_now_ms=1_767_225_601_900)
    assert again.epoch == 1_767_225_602  # within the same second


async def test_a_start_takes_the_release_back() -> None:
    store = MemorySnapshots()
    await store.save(replace(SAVED, released=True))
    start, _ = await resume(store, APPLICATION, STREAM)
    assert not start.released
    assert await store.load() == start


async def test_a_start_after_one_that_died_while_it_set_the_snapshot_aside() -> None:
    store = MemorySnapshots()
    await store.save(SAVED)
    await store.set_aside("then it died")
    start, _ = await resume(store.as_another(), APPLICATION, STREAM)
    assert start.epoch == 6


async def test_damaged_snapshots_can_be_discarded(tmp_path: Path) -> None:
    (tmp_path / "snapshot").write_bytes(b"damaged")
    store = DiskSnapshots(tmp_path)
    with pytest.raises(SnapshotCorrupt, match="checks out"):
        await resume(store, APPLICATION, STREAM)
    start, message = await resume(store, APPLICATION, STREAM, policy="discard")
    assert start.state == b""
    assert "oldest record" in message
    assert (tmp_path / "set-aside-1" / "snapshot").read_bytes() == b"damaged"


async def test_a_snapshot_of_a_stream_made_anew_is_said_and_set_aside() -> None:
    store = MemorySnapshots()
    await store.save(SAVED)
    anew = replace(STREAM, created_ms=STREAM.created_ms + 1)
    start, message = await resume(store, APPLICATION, anew)
    assert (start.epoch, dict(start.positions), start.stream) == (5, {}, anew)
    assert "gone" in message
    assert "set aside" in message


COUNTS = """
CREATE STREAM OUT (NAME VARCHAR(16), N BIGINT);
CREATE PUMP P AS INSERT INTO OUT SELECT STREAM "Name", COUNT(*) FROM "SOURCE_SQL_STREAM_001"
GROUP BY "Name", FLOOR("SOURCE_SQL_STREAM_001".ROWTIME TO MINUTE);
"""


async def stored(text: str) -> MemorySnapshots:
    """A store with the state of a text's application."""
    application = compiled(text)
    store = MemorySnapshots()
    start, _ = await resume(store, application, STREAM)
    await store.save(replace(start, positions={"a": "7"}, state=Engine(application).dump()))
    return store


async def test_a_changed_plan_that_fits_is_refused_with_the_choices() -> None:
    store = await stored(COUNTS)
    before = await store.load()
    changed = compiled(COUNTS.replace("GROUP", 'WHERE "Distance" > 1 GROUP'))
    with pytest.raises(SnapshotRefused, match="another version of the SQL") as caught:
        await resume(store, changed, STREAM)
    assert "--state keep" in (caught.value.remedy or "")
    assert "--state discard" in (caught.value.remedy or "")
    assert await store.load() == before
    start, message = await resume(store, changed, STREAM, policy="keep")
    assert "the SQL has changed, and its open windows fit" in message
    assert (start.fingerprint, dict(start.positions)) == (changed.fingerprint, {"a": "7"})
    Engine(changed).load(start.state)
    # From now on it is the state of the new plan.
    again, message = await resume(store, changed, STREAM)
    assert again.state == start.state
    assert "changed" not in message
    with pytest.raises(SnapshotRefused):
        await resume(store, compiled(COUNTS), STREAM)


async def test_a_plan_that_does_not_fit_is_refused_saying_what_differs() -> None:
    store = await stored(COUNTS)
    changed = compiled(COUNTS.replace("TO MINUTE", "TO HOUR"))
    with pytest.raises(SnapshotRefused, match=r"windows of 60 s .* windows of 3600 s") as caught:
        await resume(store, changed, STREAM, policy="keep")
    assert "--state discard" in (caught.value.remedy or "")
    assert "--state keep" not in (caught.value.remedy or "")
    start, message = await resume(store, changed, STREAM, policy="discard")
    assert (start.fingerprint, dict(start.positions)) == (changed.fingerprint, {})
    assert "discarded on request" in message


async def test_a_pump_that_is_new_is_said() -> None:
    store = await stored(COUNTS)
    more = COUNTS + COUNTS.replace("OUT", "MORE").replace("PUMP P", "PUMP Q")
    _, message = await resume(store, compiled(more), STREAM, policy="keep")
    assert "new, with no rows so far: Q" in message


def test_a_shard_is_read_from_the_earliest_that_anybody_needs() -> None:
    positions = {"a": "30", "b": "30", "c": SHARD_END, "d": SHARD_END, "e": "5"}
    archive = {"a": "20", "c": "7", "d": SHARD_END, "e": "9"}
    assert start_positions(positions, [archive]) == {
        "a": "20",  # the archive holds 21 to 30 back
        "c": "7",
        "d": SHARD_END,
        "e": "5",
    }  # b is not there: nothing of it is archived yet, so it is read from its oldest record
    assert start_positions(positions, []) == positions
