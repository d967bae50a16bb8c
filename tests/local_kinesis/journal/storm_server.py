"""An endpoint with a data directory, as a process to be killed: `storm_server.py DIR [late]`.

With `late` it answers first and writes long after: what tests of crashes must find out, however
slow the machine.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from local_kinesis import LocalEndpoint
from local_kinesis.journal.disk import DiskJournal


def write_late() -> None:
    """Has records written a minute after they were asked to be."""
    append = DiskJournal.append

    def appended_late(*arguments: Any) -> None:
        asyncio.get_running_loop().call_later(60, append, *arguments)

    DiskJournal.append = appended_late  # type: ignore[method-assign]


async def main() -> None:
    async with LocalEndpoint(kinesis_only=True, data=Path(sys.argv[1])) as endpoint:
        print(endpoint.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if sys.argv[2:] == ["late"]:
    write_late()
asyncio.run(main())
