"""What is read ahead is bounded in bytes, and comes out in order."""

import asyncio
import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fleet.batch import Batch
from processor.source.read_ahead import ANSWER_BYTES_MAX, BATCH_BYTES, ReadAhead
from tests.awsio.instant import run


def batch_of(number: int, data_bytes: int = 0) -> Batch:
    records = [bytes(data_bytes)] if data_bytes else []
    n = len(records)
    return Batch("s", records, np.zeros(n, np.int64), ["1"] * n, ["k"] * n, str(number))


def test_a_batch_that_was_taken_makes_room() -> None:
    async def main() -> None:
        ahead = ReadAhead(ANSWER_BYTES_MAX)
        async with ahead.room():
            ahead.hold(batch_of(1, 1000))
        ahead.put(batch_of(1, 1000))
        waiting = asyncio.create_task(read_once(ahead, 2))
        await asyncio.sleep(1)
        assert not waiting.done()
        assert ahead.bytes > 1000
        assert (await ahead.take()).position == "1"
        await waiting
        assert (await ahead.take()).position == "2"
        assert ahead.take_now() is None
        assert ahead.bytes == 0

    run(main())


async def read_once(ahead: ReadAhead, number: int, data_bytes: int = 0) -> None:
    async with ahead.room():
        await asyncio.sleep(0.01)
        batch = batch_of(number, data_bytes)
        ahead.hold(batch)
    ahead.put(batch)


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_the_bound_holds_whatever_the_readers_do(seed: int) -> None:
    """Readers come, go and are cancelled; one takes. Nothing leaks and nobody waits for ever."""
    rng = random.Random(seed)
    bytes_max = rng.choice([1, 2, 3]) * ANSWER_BYTES_MAX
    most = 0

    async def main() -> None:
        nonlocal most
        ahead = ReadAhead(bytes_max)
        taken = 0
        readers: list[asyncio.Task[None]] = []
        for number in range(40):
            size = rng.choice([0, 1, 10 * 1024 * 1024])
            readers.append(asyncio.create_task(read_once(ahead, number, size)))
            await asyncio.sleep(rng.choice([0, 0.005, 0.02]))
            most = max(most, ahead.bytes)
            if rng.random() < 0.3:
                rng.choice(readers).cancel()
            if rng.random() < 0.5 and ahead.take_now() is not None:
                taken += 1
        while not all(reader.done() for reader in readers):
            await asyncio.sleep(0.01)
            if ahead.take_now() is not None:
                taken += 1
        while ahead.take_now() is not None:
            taken += 1
        assert not any(reader.exception() for reader in readers if not reader.cancelled())
        assert taken == sum(not reader.cancelled() for reader in readers)
        assert ahead.bytes == 0

    run(main())
    assert most <= bytes_max


def test_who_waits_longest_is_next() -> None:
    order: list[int] = []

    async def reader(ahead: ReadAhead, number: int) -> None:
        async with ahead.room():
            order.append(number)
            await asyncio.sleep(0.01)

    async def main() -> None:
        ahead = ReadAhead(ANSWER_BYTES_MAX)
        await asyncio.gather(*(reader(ahead, number) for number in range(9)))

    run(main())
    assert order == list(range(9))


def test_even_batches_without_records_are_bounded() -> None:
    async def main() -> int:
        ahead = ReadAhead(ANSWER_BYTES_MAX + 10 * BATCH_BYTES)
        reading = asyncio.create_task(read_for_ever(ahead))
        await asyncio.sleep(100)
        reading.cancel()
        count = 0
        while ahead.take_now() is not None:
            count += 1
        return count

    assert run(main()) == 11


async def read_for_ever(ahead: ReadAhead) -> None:
    number = 0
    while True:
        await read_once(ahead, number := number + 1)


def test_a_failure_is_told_behind_what_was_read_and_the_first_one_counts() -> None:
    async def main() -> None:
        ahead = ReadAhead()
        ahead.hold(batch_of(1))
        ahead.put(batch_of(1))
        ahead.fail(LookupError("first"))
        ahead.fail(LookupError("second"))
        assert (await ahead.take()).position == "1"
        assert ahead.take_now() is None
        with pytest.raises(LookupError, match="first"):
            await ahead.take()

    run(main())
