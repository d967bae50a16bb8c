"""Real processes, kept running: whoever dies is started again, as a supervisor would."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleet.settings import CLOCK

RESTART_S = 0.5
"""After a process that ended by itself."""
END_PATIENCE_S = 20.0


@dataclass(eq=False)
class Kept:
    """One role: a process of it runs whenever it is wanted. Its output goes to a file per life."""

    name: str
    command: Callable[[], Sequence[str]]
    """Of the next life: what follows `python`."""
    clock: Callable[[], str]
    """See fleet.settings.CLOCK."""
    folder: Path
    lives: int = 0
    restart_s: float = RESTART_S
    ended_by_itself: list[str] = field(default_factory=list)
    """The last words of those that were not sent a signal."""
    process: asyncio.subprocess.Process | None = None
    aside: list[asyncio.subprocess.Process] = field(default_factory=list)
    """Those whose place another has taken while they stood still."""
    _wanted: bool = True
    _signalled: bool = False
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """From now on one runs."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    def send(self, number: signal.Signals, *, restart_s: float = RESTART_S) -> bool:
        """Sends the living one a signal; the next starts so long after its end. Returns whether
        there was a living one.
        """
        if self.process is None or self.process.returncode is not None:
            return False
        if number in (signal.SIGKILL, signal.SIGTERM):
            self._signalled = True
            self.restart_s = restart_s
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        return True

    def replace(self) -> asyncio.subprocess.Process | None:
        """Stops the living one where it stands and has another start; returns the old one."""
        old = self.process
        if old is None or old.returncode is not None:
            return None
        with suppress(ProcessLookupError):
            old.send_signal(signal.SIGSTOP)
        self.aside.append(old)
        self.restart_s = 0.0
        self._released.set()
        return old

    def newest_status(self) -> dict[str, Any]:
        """What the living one said of itself last; nothing so far: {}."""
        lines = self._log.read_text(errors="replace").rpartition("\n")[0].splitlines()
        said = (json.loads(line) for line in reversed(lines) if line.startswith('{"event"'))
        return next((event for event in said if event["event"] == "status"), {})

    @property
    def _log(self) -> Path:
        """Of the living one."""
        return self.folder / f"{self.name}-{self.lives}.log"

    async def stop(self) -> None:
        """Ends it for good, gracefully if it can."""
        self._wanted = False
        for process in [*self.aside, self.process]:
            if process is not None and process.returncode is None:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                    process.terminate()
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._task), END_PATIENCE_S)
        self.kill()

    def kill(self) -> None:
        """Ends all of them at once."""
        self._wanted = False
        if self._task is not None:
            self._task.cancel()
        for process in [*self.aside, self.process]:
            if process is not None and process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()

    async def _keep(self) -> None:
        while self._wanted:
            self.lives += 1
            log = self._log
            self._signalled = False
            with log.open("wb") as output:
                process = self.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *self.command(),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=_environment(self.clock()),
                )
            self._released.clear()
            ending = asyncio.create_task(process.wait())
            released = asyncio.create_task(self._released.wait())
            try:
                await asyncio.wait({ending, released}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                released.cancel()
            if process.returncode is not None and not self._signalled and self._wanted:
                self.ended_by_itself.append(last_words(log))
            restart_s, self.restart_s = self.restart_s, RESTART_S
            await asyncio.sleep(restart_s)


def last_words(log: Path) -> str:
    """The last lines that a process wrote to be read by people."""
    lines = log.read_text(errors="replace").splitlines()
    spoken = [line for line in lines if line and not line.startswith("{")]
    return f"{log.name}: " + " | ".join(spoken[-2:])


def _environment(clock: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return clean | {CLOCK: clock}
