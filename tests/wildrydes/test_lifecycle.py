"""What a long-running command does with failures that nobody waits for."""

import asyncio
import gc
import logging

import aiohttp
import pytest

from wildrydes.lifecycle import run


def leave_behind(error: Exception) -> None:
    """Runs a command in which a task fails and is forgotten."""

    async def fail() -> None:
        raise error

    async def main(_stop: asyncio.Event) -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del task
        gc.collect()
        await asyncio.sleep(0)

    run(main)


def test_a_connection_that_broke_under_the_http_client_is_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    leave_behind(aiohttp.ClientConnectionResetError("Cannot write to closing transport"))
    assert [record.message for record in caplog.records] == [
        "a connection broke: Cannot write to closing transport"
    ]
    assert caplog.records[0].exc_info is None


def test_any_other_failure_keeps_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    leave_behind(LookupError("a mistake of ours"))
    [record] = caplog.records
    assert "never retrieved" in record.message
    assert record.exc_info is not None
