"""moto in a process of its own: started, watched, started anew when it dies, gone when we are.

In our own process it would hold the event loop for a tenth of a second at a time.
"""

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

logger = logging.getLogger(__name__)

MotoState = Literal["off", "starting", "ready", "stopped"]

_PROGRAM: Final = Path(__file__).with_name("moto_process.py")
_NAME: Final = "moto, which serves everything but Kinesis here,"
_HOST: Final = "127.0.0.1"
_START_TIMEOUT_S: Final = 180.0
_RESTORE_TIMEOUT_S: Final = 600.0
"""A million rows take it about a minute and a half to bring back."""
_STOP_TIMEOUT_S: Final = 0.5
_STEADY_S: Final = 10.0
_PAUSE_S_MAX: Final = 30.0


class MotoUnavailable(Exception):
    """moto cannot be asked now; the message says why."""


class MotoServer:
    """One moto process at a time, for as long as this object is started."""

    def __init__(
        self,
        *,
        data: Path | None = None,
        wait_s: float = 25.0,
        on_state: Callable[[MotoState], None] = lambda state: None,
    ) -> None:
        """`data` is the folder where moto keeps what it holds; without one, that ends with it."""
        self._data = data
        self._wait_s = wait_s
        self._on_state = on_state
        self._state: MotoState = "starting"
        self._port = 0
        self._failure: str | None = None
        self._settled = asyncio.Event()
        """Whether it is known how the newest start went."""
        self._keeper: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    @property
    def state(self) -> MotoState:
        """Whether it can be asked."""
        return self._state

    @property
    def process_id(self) -> int | None:
        """Of the process that runs now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Begins to start moto; does not wait for it."""
        self._keeper = asyncio.create_task(self._keep(), name="moto")

    async def address(self) -> tuple[str, int]:
        """Where moto listens, waiting for it while it starts. Raises MotoUnavailable."""
        try:
            async with asyncio.timeout(self._wait_s):
                await self._settled.wait()
        except TimeoutError:
            raise MotoUnavailable(f"{_NAME} is not up after {self._wait_s:g} s") from None
        if self._failure is not None:
            raise MotoUnavailable(f"{_NAME} did not start: {self._failure}; see the log")
        return _HOST, self._port

    async def close(self) -> None:
        """Ends moto and waits until it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        self._enter("stopped")

    async def _keep(self) -> None:
        """Runs moto for ever."""
        pause_s = 0.0
        while True:
            started_s = time.monotonic()
            await self._run_once()
            if time.monotonic() - started_s > _STEADY_S:
                pause_s = 0.0
            await asyncio.sleep(pause_s)
            pause_s = min(_PAUSE_S_MAX, max(1.0, pause_s * 2))

    async def _run_once(self) -> None:
        """One life of moto."""
        self._enter("starting")
        # A session of its own: Ctrl-C in the terminal is for us, who then end it in good order. -P
        # keeps the files beside the program, and those of the working directory, from passing for
        # modules that moto imports.
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_PROGRAM),
            *([str(self._data)] if self._data else []),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            if await self._started(process):
                code = await process.wait()
                self._settled.clear()
                logger.warning(
                    "moto ended with exit code %d and is started anew; its tables and buckets, and "
                    "all else it held, %s",
                    code,
                    "come back" if self._data else "are gone",
                )
        finally:
            await _end(process)
            self._process = None

    async def _started(self, process: asyncio.subprocess.Process) -> bool:
        """Waits for its port. A failure is everybody's answer until a later start succeeds."""
        assert process.stdout is not None
        try:
            async with asyncio.timeout(_RESTORE_TIMEOUT_S if self._data else _START_TIMEOUT_S):
                line = await process.stdout.readline()
            failure = None if line else f"exit code {await process.wait()}"
        except TimeoutError:
            failure = "it did not say where it listens in time"
        self._failure = failure
        if failure is None:
            self._port = int(line)
            self._enter("ready")
        else:
            logger.warning("moto did not start: %s; it is tried again", failure)
        self._settled.set()
        return failure is None

    def _enter(self, state: MotoState) -> None:
        self._state = state
        self._on_state(state)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends a process that may have ended already: closing its stdin is the polite way."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
