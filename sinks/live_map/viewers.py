"""Who looks, and sending to all of them without ever waiting for one.

Messages are written straight to the connection's transport, framed once for all: awaiting each
viewer in turn lets one slow phone starve the rest (measured: 27 of 80 ticks delivered to healthy
viewers, against 80 of 80 this way). So a viewer whose buffer is not empty is passed over, gets all
that it has missed when it has caught up, and is let go when its buffer has not moved for three
seconds: no more than one tick's news per viewer is ever held in memory.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from sinks.live_map.access.sessions import ANYBODY, Session
from sinks.live_map.documents import REST_TICKS
from sinks.live_map.messages import Known, Messages
from sinks.live_map.speech import GOING_AWAY, SESSION_OVER, Speech
from sinks.live_map.tiles import View

STUCK_AFTER_S: Final = 3.0
"""A viewer whose buffer has not shrunk for this long is disconnected."""

_PAUSE_EVERY: Final = 64
"""Viewers between two chances for the rest of the process to run."""


@dataclass(slots=True, eq=False)
class Viewer:
    """One connection."""

    transport: asyncio.Transport
    speech: Speech
    address: str = ""
    session: Session = ANYBODY
    """Whose it is."""
    known: Known = field(default_factory=Known)
    is_passed_over: bool = False
    unsent_bytes: int = 0
    moved_at: float = 0.0
    """When its buffer was last seen to shrink, in the loop's time."""


class Viewers:
    """All connections. `skipped` and `dropped` count the ticks passed over and the viewers let
    go."""

    def __init__(self, stuck_after_s: float = STUCK_AFTER_S) -> None:
        self._viewers: dict[Viewer, None] = {}
        self._by_address: Counter[str] = Counter()
        self.stuck_after_s = stuck_after_s
        self.skipped = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._viewers)

    def from_address(self, address: str) -> int:
        """How many look from there."""
        return self._by_address[address]

    def add(self, viewer: Viewer, messages: Messages) -> None:
        """Takes a viewer in and tells it what it does not know."""
        self._viewers[viewer] = None
        self._by_address[viewer.address] += 1
        self._tell(viewer, messages)

    def discard(self, viewer: Viewer) -> None:
        """Forgets a viewer that is gone."""
        if viewer in self._viewers:
            del self._viewers[viewer]
            self._by_address -= Counter([viewer.address])

    async def send(self, messages: Messages) -> None:
        """Tells everybody the news; waits for nobody."""
        for number, viewer in enumerate(list(self._viewers), 1):
            if self._is_ready(viewer):
                self._tell(viewer, messages)
            if number % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)

    def look(self, viewer: Viewer, view: View | None, messages: Messages) -> None:
        """A viewer looks elsewhere: what it may have missed there comes at once."""
        known = viewer.known
        before, known.view = known.view, view
        if before is None:
            return
        if viewer.transport.get_write_buffer_size() or known.feed != messages.feed:
            # With the next tick, then: as if it had missed some.
            if known.sequence is not None:
                known.sequence -= REST_TICKS
        else:
            viewer.transport.write(messages.newly_in_view(viewer.speech, view, before))

    def close(self, code: int = GOING_AWAY) -> None:
        """Says goodbye to all."""
        for viewer in list(self._viewers):
            self._let_go(viewer, code)

    def close_session(self, session_id: str) -> None:
        """Says goodbye to those of a session that is over."""
        for viewer in list(self._viewers):
            if viewer.session.id == session_id:
                self._let_go(viewer, SESSION_OVER)

    def sessions(self) -> set[Session]:
        """The sessions that look."""
        return {viewer.session for viewer in self._viewers}

    def end(self, viewer: Viewer, code: int) -> None:
        """Says goodbye to one."""
        if viewer in self._viewers:
            self._let_go(viewer, code)

    def _let_go(self, viewer: Viewer, code: int) -> None:
        if viewer.transport.get_write_buffer_size():
            viewer.transport.abort()
        elif not viewer.transport.is_closing():
            viewer.transport.write(viewer.speech.farewell(code))
            viewer.transport.close()
        self.discard(viewer)

    def _is_ready(self, viewer: Viewer) -> bool:
        if viewer.transport.is_closing():
            return False
        unsent_bytes = viewer.transport.get_write_buffer_size()
        if not unsent_bytes:
            return True
        now = asyncio.get_running_loop().time()
        if not viewer.is_passed_over or unsent_bytes < viewer.unsent_bytes:
            viewer.moved_at = now
        elif now - viewer.moved_at >= self.stuck_after_s:
            self.dropped += 1
            viewer.transport.abort()
            return False
        viewer.is_passed_over = True
        viewer.unsent_bytes = unsent_bytes
        self.skipped += 1
        return False

    def _tell(self, viewer: Viewer, messages: Messages) -> None:
        viewer.is_passed_over = False
        if news := messages.news(viewer.speech, viewer.known):
            viewer.transport.write(news)
