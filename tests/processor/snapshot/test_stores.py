"""One contract, every store: see conftest.py for which there are."""

from dataclasses import replace

import pytest

from fleet.errors import Superseded
from processor.snapshot.base import SignOfLife, SnapshotStore
from tests.processor.snapshot.conftest import Open
from tests.processor.snapshot.samples import FIRST, SECOND, large


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


async def test_a_claim_holds_off_the_older_and_keeps_what_it_saved(open_store: Open) -> None:
    older, newer = open_store(), open_store()
    await older.save(FIRST)
    await newer.load()
    # What the holder saves after another has looked still counts.
    await older.save(large(SECOND))
    await newer.claim(2)
    with pytest.raises(Superseded):
        await older.save(FIRST)
    with pytest.raises(Superseded):
        await older.check(1)
    assert await newer.load() == large(SECOND)
    with pytest.raises(Superseded):
        await open_store().claim(2)
    await newer.save(replace(SECOND, epoch=2))
    assert await open_store().load() == replace(SECOND, epoch=2)


async def test_an_epoch_can_be_claimed_before_anything_is_saved(open_store: Open) -> None:
    store = open_store()
    await store.claim(7)
    assert await open_store().newest_epoch() == 7
    assert await open_store().load() is None
    assert await open_store().sign_of_life() is None
    await store.save(replace(FIRST, epoch=7))
    assert await open_store().load() == replace(FIRST, epoch=7)


async def test_a_sign_of_life_changes_with_each_save(open_store: Open) -> None:
    store, watcher = open_store(), open_store()
    assert await watcher.sign_of_life() is None
    for snapshot in (FIRST, large(SECOND), replace(SECOND, epoch=2, released=True)):
        await store.save(snapshot)
        expected = SignOfLife(snapshot.epoch, snapshot.saved_ms, snapshot.released)
        assert await watcher.sign_of_life() == expected
    await store.set_aside("gone")
    assert await watcher.sign_of_life() is None


async def test_a_release_is_kept(store: SnapshotStore) -> None:
    await store.save(replace(FIRST, released=True))
    loaded = await store.load()
    assert loaded is not None
    assert loaded.released


async def test_what_is_set_aside_is_not_loaded(open_store: Open) -> None:
    store = open_store()
    await store.save(FIRST)
    await store.set_aside("the stream is gone")
    assert await store.load() is None
    # Whoever was at work then cannot bring it back, and who put it away can go on.
    assert await store.newest_epoch() == 2
    with pytest.raises(Superseded):
        await open_store().save(replace(FIRST, epoch=1))
    with pytest.raises(Superseded):
        await open_store().save(replace(FIRST, epoch=2))
    await store.save(replace(SECOND, epoch=2))
    assert await open_store().load() == replace(SECOND, epoch=2)


async def test_another_opens_what_one_has_saved(open_store: Open) -> None:
    await open_store().save(FIRST)
    other = open_store()
    await other.save(replace(SECOND, epoch=2))  # without a look at what is there
    assert await open_store().load() == replace(SECOND, epoch=2)


async def test_a_large_state_is_kept_whole(open_store: Open) -> None:
    store = open_store()
    snapshots = [large(replace(FIRST, saved_ms=FIRST.saved_ms + i)) for i in range(4)]
    for snapshot in [*snapshots, SECOND, snapshots[0]]:
        await store.save(snapshot)
        assert await open_store().load() == snapshot


async def test_of_many_that_start_at_the_same_moment_one_goes_on(open_store: Open) -> None:
    await open_store().save(FIRST)
    starts = [(open_store(), replace(SECOND, epoch=2, saved_ms=number)) for number in range(6)]
    for store, _ in starts:
        await store.load()
    # One after the other: moto looks and writes in two steps, so that there two could win.
    store, first = starts[0]
    await store.save(first)
    for other, snapshot in starts[1:]:
        with pytest.raises(Superseded):
            await other.save(snapshot)
    assert await open_store().load() == first
    await store.save(replace(first, saved_ms=100))
    assert await open_store().load() == replace(first, saved_ms=100)
