"""One thing that setup makes, and the mark by which it knows its own."""

from enum import Enum
from typing import Final, Protocol

TAG: Final = ("made-by", "wildrydes-setup")
"""On everything that setup made: what does not carry it is never deleted."""


class State(Enum):
    """What is there under a name."""

    ABSENT = "absent"
    OURS = "made by setup"
    FOREIGN = "not made by setup"


class Resource(Protocol):
    """A stream, a table, a bucket or a delivery stream."""

    kind: str
    """For people: `stream`."""
    name: str

    async def state(self) -> State:
        """What is there now. Waits out throttling and outages."""
        ...

    async def make(self) -> None:
        """Makes it, with TAG, and returns when it can be used. Called when it is ABSENT."""
        ...

    async def content(self) -> str:
        """What would be lost with it, for people: `1,204 objects`."""
        ...

    async def destroy(self) -> None:
        """Deletes it with all that is in it. Called when it is OURS."""
        ...
