"""Splits, merges and scaling at any moment, of a stream that is read by a processor that dies again
and again: the rows are those of one calculation over all that was put.
"""

import base64
import gzip
import json
import random

import pytest

from awsio.lineage import Lineage
from tests.processor import reshard_storm
from tests.processor.lives import Fuse
from tests.processor.reshard_storm import NAMES, Landed, Storm, hash_key, life, lives
from tests.processor.source.live_stream import HOUR_MS, SHARDS, LiveStream
from tests.processor.world import MINUTE_MS


async def storm_of(
    live: LiveStream,
    seed: int,
    *,
    steps: int = 120,
    lives_max: int = 400,
    is_backlog: bool = False,
) -> tuple[Storm, Landed]:
    rng = random.Random(seed)
    storm = Storm(live, rng, steps)
    fuses = [rng.randint(2, 12) for _ in range(lives_max)]
    return storm, await lives(storm, fuses, is_backlog=is_backlog)


def check(storm: Storm, landed: Landed) -> None:
    assert landed.rows() == storm.rows()
    letters = [(letter.shard_id, letter.sequence_number) for letter in landed.outside.letters]
    assert sorted(letters) == sorted(storm.dead)
    assert landed.key_keeps_its_order()
    assert len(landed.outside.records) == len(storm.readings) + len(storm.dead)
    archived = archived_data(landed)
    assert sorted(archived) == sorted(landed.outside.records.values())


def archived_data(landed: Landed) -> list[bytes]:
    """What is in the objects: each record once, though lives overlapped and cut at any place."""
    data: list[bytes] = []
    for key, body in landed.bucket.items():
        lines = gzip.decompress(body).splitlines()
        if key.startswith("readings/"):
            data += lines
        elif key.startswith("errors/"):
            data += [base64.b64decode(json.loads(line)["data_base64"]) for line in lines]
    return data


async def test_a_processor_that_dies_at_every_batch_loses_and_doubles_nothing(
    live: LiveStream,
) -> None:
    storm, landed = await storm_of(live, 1, steps=60)
    assert storm.reshards > 5
    assert len(landed.orders) > 20
    check(storm, landed)


async def test_many_generations_that_waited_are_read_in_order(live: LiveStream) -> None:
    """All is put before anything is read, and a few records come at a time."""
    storm, landed = await storm_of(live, 0, steps=80, lives_max=20, is_backlog=True)
    assert storm.reshards > 5
    check(storm, landed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 14))
async def test_many_storms(live: LiveStream, seed: int) -> None:
    lives_max = [0, 40, 400][seed % 3]
    storm, landed = await storm_of(
        live, seed, steps=200, lives_max=lives_max, is_backlog=seed % 2 == 0
    )
    check(storm, landed)


async def test_control_a_source_that_reads_children_first_is_caught(
    live: LiveStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_unread(lineage: Lineage) -> list[str]:
        return sorted(lineage._shards.keys() - lineage._ended)

    monkeypatch.setattr(Lineage, "readable", all_unread)
    monkeypatch.setattr(reshard_storm, "LOOKS_MAX", 60)
    _, landed = await storm_of(live, 0, steps=50, lives_max=0, is_backlog=True)
    assert not landed.key_keeps_its_order()


async def rows_of_a_late_child(live: LiveStream) -> tuple[Storm, Landed]:
    """One half of the stream is minutes ahead when the other half's parent ends, and its child
    still has a record of the first minute.
    """
    storm = Storm(live, random.Random(0), 0)
    await live.create(2)
    shards = [
        range(int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"]))
        for s in await live.open_shards()
    ]
    low, high = (next(n for n in NAMES if hash_key(n) in keys) for keys in shards)
    await storm.put(low)
    await storm.put(high)
    await live.split()
    await storm.put(low)
    live.clock.advance(5 * MINUTE_MS)
    await storm.put(high)
    live.clock.advance(10 * MINUTE_MS)
    landed = Landed()
    await life(storm, landed, Fuse())
    return storm, landed


async def test_no_window_closes_between_a_parent_and_its_child(live: LiveStream) -> None:
    storm, landed = await rows_of_a_late_child(live)
    check(storm, landed)


async def test_the_positions_of_shards_that_are_gone_leave_the_snapshot(live: LiveStream) -> None:
    storm, landed = await rows_of_a_late_child(live)
    for hours in (23, 2):
        live.clock.advance(hours * HOUR_MS)
        await storm.put(NAMES[0])
        live.clock.advance(10 * MINUTE_MS)
        await life(storm, landed, Fuse())
        saved = await landed.outside.snapshots.load()
        assert saved is not None
        assert (SHARDS[0] in saved.positions) == (hours == 23)
        assert any(SHARDS[0] in at for at in saved.cursors.values()) == (hours == 23)
    check(storm, landed)


async def test_control_a_parent_that_hands_no_clock_to_its_children_is_caught(
    live: LiveStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lineage, "children", lambda lineage, parent: ())
    storm, landed = await rows_of_a_late_child(live)
    assert landed.rows() != storm.rows()
