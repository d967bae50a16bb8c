"""What passes between processes comes out as it went in."""

import asyncio

import numpy as np

from sinks.live_map.frame import RowBlock
from sinks.live_map.intake import Intake
from sinks.live_map.picture import Picture
from sinks.live_map.tick_wire import (
    Spend,
    Spent,
    Ticked,
    Told,
    Watching,
    packed,
    read_message,
    ticked,
)


async def passed(*sent: bytes) -> list:
    reader = asyncio.StreamReader()
    reader.feed_data(b"".join(sent))
    reader.feed_eof()
    found = []
    while (message := await read_message(reader)) is not None:
        found.append(message)
    return found


async def test_a_tick_does_to_a_picture_what_it_did_to_its_own(producer) -> None:
    picture = Picture()
    records = [producer.record(f"🦄{number}", HealthPoints=number) for number in range(3000)]
    Intake(picture).take(producer.batch(*records), producer.now_ms)
    three = np.arange(3)
    block = RowBlock(7, three, three / 2, three, three + 1, -three, three)
    message = ticked(picture.tick(producer.now_ms), [block], {"malformed": 3}, 12)
    [found] = await passed(packed(message))
    assert isinstance(found, Ticked)
    assert (found.hidden, found.viewers) == ({"malformed": 3}, 12)
    follower = Picture(feed=picture.feed)
    follower.apply(found.tick())
    now_ms = producer.now_ms
    assert (follower.names, follower.sequence) == (picture.names, picture.sequence)
    assert follower.still(now_ms).unicorns.tobytes() == picture.still(now_ms).unicorns.tobytes()
    [rows] = found.blocks()
    assert rows.time_ms == 7
    assert rows.distance_m.tolist() == [0.0, 0.5, 1.0]
    assert rows.magic_min.tolist() == [0, -1, -2]


async def test_the_other_messages() -> None:
    messages = [Told("revoked", "x", 5), Spend(1, "t", 2), Spent(1, True), Watching(3, 2, 1)]
    assert await passed(*map(packed, messages)) == messages


async def test_half_a_message_is_none() -> None:
    assert await passed(packed(Spent(1, True))[:-1]) == []
    assert await passed(b"\1") == []
