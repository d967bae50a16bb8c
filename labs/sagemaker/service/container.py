"""A container without an engine: one program of an image over a folder that is its /opt/ml."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

LINE_BYTES_MAX = 2**20


class Container:
    """`async with Container(program, log, grace_s) as container`. What the program prints goes to
    the file `log`, and line by line to `on_line`. At the end of the block it is asked to end, and
    has `grace_s` for it.
    """

    def __init__(
        self,
        program: Sequence[str],
        log: Path,
        grace_s: float,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._program = program
        self._log = log
        self._grace_s = grace_s
        self._on_line = on_line
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "labs.sagemaker.service.leash", str(self._grace_s),
            *self._program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LINE_BYTES_MAX,
            # Ctrl-C reaches the platform alone, so that the order of ending is its own.
            start_new_session=True,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        await self.wait()

    @property
    def is_running(self) -> bool:
        assert self._process is not None
        return self._process.returncode is None

    async def wait(self) -> int:
        """Its exit code, once it has ended and all that it said is read."""
        assert self._process is not None
        assert self._reading is not None
        await self._reading
        return await self._process.wait()

    def stop(self) -> None:
        """Asks it to end; `wait` says when it has."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._log.open("ab") as log:
            async for line in self._process.stdout:
                log.write(line)
                log.flush()
                self._on_line(line.decode(errors="replace").rstrip())
