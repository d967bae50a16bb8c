"""What the endpoint may do with a connection, whatever it speaks."""

import asyncio
from typing import Protocol


class OpenConnection(Protocol):
    """A connection that is open."""

    closed: "asyncio.Future[None]"
    """Done when it is not any more."""

    def check_stall(self) -> None:
        """Refuses a request of which half came and then nothing more for a minute."""
        ...

    def finish(self) -> None:
        """Takes no more requests, and ends when those that came are answered."""
        ...

    def abort(self) -> None:
        """Ends it now."""
        ...
