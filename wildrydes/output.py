"""Standard output as bytes, into a pipe whose reader may pause, as `less` does, or leave, as `head`
does.
"""

import asyncio
import os
import select
import sys

PAUSE_S = 0.05


class Output:
    """Writes without ever holding up the event loop, so that a signal is heard while the reader
    pauses.
    """

    def __init__(self) -> None:
        self._file = sys.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLOUT)

    async def write(self, data: bytes) -> None:
        """Returns when all is written. Raises BrokenPipeError when the reader has left."""
        rest = memoryview(data)
        while rest:
            if self._poll.poll(0):
                # A pipe that takes anything takes this much at once (POSIX, PIPE_BUF).
                rest = rest[os.write(self._file, rest[: select.PIPE_BUF]) :]
            else:
                await asyncio.sleep(PAUSE_S)

    def check_reader(self) -> None:
        """Raises BrokenPipeError when the reader has left: writing would tell as well, but there
        may be nothing to write for a long time.
        """
        if any(event & select.POLLERR for _, event in self._poll.poll(0)):
            raise BrokenPipeError
