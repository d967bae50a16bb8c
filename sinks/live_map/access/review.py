"""Asks again, while a session lasts, whether whoever opened it would still be admitted.

A session outlives the moment at which it was granted, but not by long the identity or the pool
that it was granted for. Remembered is only what was admitted by this process: each of several
workers asks about its own, and tells the others of those that are out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fleet.clock import Clock
from sinks.live_map.access.door import Admission, Door
from sinks.live_map.access.sessions import Session

REVIEW_S: Final = 30.0
"""Between two reviews."""
ASKED_MAX: Final = 1_000
"""Identities in one review, those first that were asked about longest ago. So all of the 2,000
viewers of a process have their turn within a minute, at 34 calls a second at most; Cognito takes
200 (its quotas, GetOpenIdToken)."""
_REMEMBERED_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Admitted:
    session: Session
    identity: str


class Review:
    """`note` who was admitted, then from time to time `turned_out`."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._clock = clock
        self._admitted: dict[str, _Admitted] = {}
        """By session, the one that was asked about longest ago first."""

    def note(self, session: Session, admission: Admission) -> None:
        """Whose session it is from now on."""
        if not admission.identity:
            return
        self._admitted.pop(session.id, None)
        if len(self._admitted) >= _REMEMBERED_MAX:
            # A flood of sign-ins; its sessions end by themselves in minutes.
            del self._admitted[next(iter(self._admitted))]
        self._admitted[session.id] = _Admitted(session, admission.identity)

    def forget(self, session_id: str) -> None:
        """It is over."""
        self._admitted.pop(session_id, None)

    async def turned_out(self) -> list[Session]:
        """The sessions of those who would not be admitted any more. Who cannot be asked about
        just now stays."""
        now_ms = self._clock.now_ms()
        for session_id in [s for s, a in self._admitted.items() if a.session.expires_ms <= now_ms]:
            del self._admitted[session_id]
        turn = list(self._admitted.values())[:ASKED_MAX]
        self._put_last(turn)
        out = await self._door.turned_out({admitted.identity for admitted in turn}) if turn else ()
        # Whoever signed in again meanwhile has another identity.
        return [
            admitted.session
            for admitted in turn
            if admitted.identity in out and self._admitted.get(admitted.session.id) is admitted
        ]

    def _put_last(self, turn: Iterable[_Admitted]) -> None:
        for admitted in turn:
            self._admitted[admitted.session.id] = self._admitted.pop(admitted.session.id)
