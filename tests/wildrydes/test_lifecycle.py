"""What a long-running command does with failures that nobody waits for, and with a hang-up."""

import asyncio
import gc
import logging
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.wildrydes.running import DEADLINE_S, wait_until
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


def test_a_hang_up_is_what_the_command_makes_of_it() -> None:
    told = asyncio.Event()

    async def main(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        await told.wait()
        assert not stop.is_set()

    run(main, on_hangup=told.set)


STARTS = """
import os, signal, sys
from wildrydes.cli import main

class HangUp:
    def find_spec(self, name, path=None, target=None):
        if name == "wildrydes.commands." + sys.argv[1]:
            os.kill(os.getpid(), signal.SIGHUP)

sys.meta_path.insert(0, HangUp())
main()
"""


@pytest.mark.parametrize(
    ("command", "code"), [("processor", 2), ("up", 2), ("consumer", -signal.SIGHUP)]
)
def test_a_hang_up_while_it_starts_ends_no_command_that_would_hear_it(
    command: str, code: int
) -> None:
    """A service manager reloads a processor that it has just started."""
    words = [sys.executable, "-c", STARTS, command, "--no-such-option"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == code


KEPT = """
import asyncio, os, signal
from wildrydes.lifecycle import run

told = asyncio.Event()

async def main(stop):
    await told.wait()

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
os.kill(os.getpid(), signal.SIGHUP)
run(main, on_hangup=told.set)
"""


def test_a_hang_up_that_came_before_is_heard_then() -> None:
    # A process of its own: another thread of this one would take the signal.
    assert subprocess.run([sys.executable, "-c", KEPT], check=False).returncode == 0


PROGRAM = """
import asyncio
from wildrydes.lifecycle import run

async def main(stop):
    print("ready", flush=True)
    await stop.wait()

run(main, on_hangup=lambda: print("told", flush=True))
"""


def test_a_hang_up_of_a_terminal_that_is_gone_ends_the_command(tmp_path: Path) -> None:
    """Somebody closed the window: nobody could end it by Ctrl-C any more."""
    ours, theirs = pty.openpty()
    output = tmp_path / "output"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        try:
            wait_until("it is ready", lambda: b"ready" in output.read_bytes())
            process.send_signal(signal.SIGHUP)
            wait_until("it is told", lambda: b"told" in output.read_bytes())
            assert process.poll() is None
            os.close(ours)
            process.send_signal(signal.SIGHUP)
            assert process.wait(DEADLINE_S) == 0
        finally:
            process.kill()
            process.wait()
