"""One process of `wildrydes up`: a command of this program, with its events read from stdout."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Event = Mapping[str, Any]
LOG_TAIL_LINES = 12


class Child:
    """Starts `wildrydes NAME ARGUMENTS... --json --exit-with-stdin`.

    Its standard input is a pipe that only we hold: closing it asks the child to finish, and the
    kernel closes it when we are killed, so that no child outlives us. It has a process group of its
    own, so that Ctrl-C reaches us alone and the order of stopping is ours.
    """

    def __init__(self, name: str, arguments: Sequence[str], log: Path) -> None:
        self.name = name
        self._arguments = arguments
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.last: Event = {}
        """The newest `stopped` or `end` event."""

    async def start(self, on_event: Callable[[str, Event], None]) -> None:
        """Starts it; `on_event(name, event)` is told of every line it prints."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "wildrydes",
                self.name,
                *self._arguments,
                "--json",
                "--exit-with-stdin",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._reading = asyncio.create_task(self._read(on_event), name=f"events of {self.name}")

    async def wait(self) -> int:
        """Its exit code, once it has ended by itself or been stopped."""
        assert self._process is not None
        code = await self._process.wait()
        if self._reading is not None:
            await self._reading
        return code

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal, unless it has ended."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)

    async def stop(self, patience_s: float) -> int:
        """Asks it to finish, and ends it when it does not within `patience_s`."""
        assert self._process is not None
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            return await asyncio.wait_for(self.wait(), patience_s)
        except TimeoutError:
            self._process.kill()
            return await self.wait()

    def log_tail(self) -> str:
        """The last lines of what it wrote to stderr."""
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    async def _read(self, on_event: Callable[[str, Event], None]) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") in {"stopped", "end"}:
                self.last = event
            on_event(self.name, event)
