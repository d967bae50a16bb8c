"""How every long-running command starts and ends.

SIGTERM and Ctrl-C set one event; the command finishes what it has begun and returns. A second
signal ends it at once. SIGHUP has a command read again what it has read, if it has such a thing;
that of a terminal that has gone ends it.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

log = logging.getLogger(__name__)

STDIN = 0
STANDARD = (0, 1, 2)
"""Standard input, output and error."""


def run(
    main: Callable[[asyncio.Event], Awaitable[None]],
    *,
    exit_with_stdin: bool = False,
    on_hangup: Callable[[], None] | None = None,
) -> None:
    """Runs `main(stop)` on an event loop of its own.

    With `exit_with_stdin`, the end of standard input sets `stop` too: a supervisor holds the other
    end of that pipe, so that its children end with it even when it is killed. `on_hangup` is what
    SIGHUP asks for, also one that came before and was kept (wildrydes/cli.py); without it SIGHUP
    ends the process, as it does by default.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(main, exit_with_stdin, on_hangup))


async def _main(
    main: Callable[[asyncio.Event], Awaitable[None]],
    exit_with_stdin: bool,
    on_hangup: Callable[[], None] | None,
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_on_loose_end)
    stop = asyncio.Event()

    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            # The user insists: 128 + the signal's number, as a shell reports it.
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal, number)
    if on_hangup is not None:
        _hear_hangup(loop, stop, on_hangup)
    if exit_with_stdin:
        _watch_stdin(loop, stop)
    try:
        await main(stop)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _hear_hangup(
    loop: asyncio.AbstractEventLoop, stop: asyncio.Event, on_hangup: Callable[[], None]
) -> None:
    """Until the end of the loop: a process that is about to end must not die of it."""
    terminals = [number for number in STANDARD if os.isatty(number)]

    def hear() -> None:
        if not all(map(os.isatty, terminals)):
            stop.set()
        else:
            on_hangup()

    loop.add_signal_handler(signal.SIGHUP, hear)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


def _on_loose_end(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A failure that nobody waits for. The HTTP client leaves one when a connection breaks while it
    writes a request; the request fails too, and that is dealt with where it was made.
    """
    if isinstance(context.get("exception"), ConnectionError):
        log.info("a connection broke: %s", context["exception"])
    else:
        loop.default_exception_handler(context)


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    def on_input() -> None:
        if not os.read(STDIN, 4096):
            loop.remove_reader(STDIN)
            stop.set()

    loop.add_reader(STDIN, on_input)


def wait_line(part: str, reason: str) -> str:
    """How a command says that it waits for something."""
    return f"wildrydes: waiting for {part}: {reason}"


def complain(text: str) -> None:
    """One line to the user, beside the output."""
    print(text, file=sys.stderr, flush=True)
