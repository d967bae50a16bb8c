"""Several calls at a time: all are made, never too many at once, and failures come out bare."""

import asyncio

import pytest

from awsio.parallel import in_parallel


async def test_every_item_is_worked_on_and_never_too_many_at_once() -> None:
    done: list[int] = []
    running = most = 0

    async def work(item: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        done.append(item)

    await in_parallel(range(20), work, at_most=3)
    assert sorted(done) == list(range(20))
    assert most == 3


async def test_nothing_to_do() -> None:
    async def work(_item: int) -> None:
        raise AssertionError

    await in_parallel([], work, at_most=3)


async def test_the_first_failure_ends_the_rest_and_is_raised_as_it_is() -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        if item == 1:
            raise KeyError(item)
        await asyncio.sleep(0.01 * item)
        done.append(item)

    with pytest.raises(KeyError):
        await in_parallel(range(10), work, at_most=3)
    await asyncio.sleep(0.1)
    assert done == [0], "what was running or waiting is not done"


async def test_cancelling_ends_what_is_running() -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        await asyncio.sleep(3600)
        done.append(item)

    task = asyncio.create_task(in_parallel(range(3), work, at_most=3))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == []
    assert asyncio.all_tasks() == {asyncio.current_task()}
