"""Sessions and tickets, sealed with a key that only the server has: it need not remember them.

What it does remember is small and ends with the session: which were revoked, how long those that
were renewed last, and which tickets were used.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from fleet.clock import Clock

TICKET_MS: Final = 30_000
"""How long a ticket waits to be used."""

_REMEMBERED_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who was admitted."""

    id: str
    expires_ms: int


ANYBODY: Final = Session("", 2**62)
"""Everybody's, when everybody may look."""


class Spent(Protocol):
    """Which tickets were used."""

    async def is_first_use(self, ticket_id: str, expires_ms: int) -> bool:
        """Whether the ticket has not been used before; it has been from then on."""
        ...


class SpentHere:
    """The tickets used in this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used: dict[str, int] = {}

    async def is_first_use(self, ticket_id: str, expires_ms: int) -> bool:
        if ticket_id in self._used:
            return False
        _drop_expired(self._used, self._clock.now_ms())
        if len(self._used) >= _REMEMBERED_MAX:
            # Better to turn one away than to let one in twice.
            return False
        self._used[ticket_id] = expires_ms
        return True


class Sessions:
    """Opens, checks, renews and revokes."""

    def __init__(self, key: bytes, clock: Clock, spent: Spent | None = None) -> None:
        self._key = key
        self._clock = clock
        self._spent = spent or SpentHere(clock)
        self._revoked: dict[str, int] = {}
        self._renewed: dict[str, int] = {}

    def open(self, expires_ms: int) -> Session:
        """A new session."""
        return Session(secrets.token_hex(16), expires_ms)

    def renew(self, session: Session, expires_ms: int) -> Session:
        """The same session, longer: its open connections stay."""
        _drop_expired(self._renewed, self._clock.now_ms())
        self._renewed[session.id] = max(expires_ms, self._renewed.get(session.id, 0))
        return Session(session.id, expires_ms)

    def revoke(self, session_id: str, until_ms: int) -> None:
        """Nothing that was sealed for the session is good any more. `until_ms`: when it would have
        expired."""
        _drop_expired(self._revoked, self._clock.now_ms())
        self._revoked[session_id] = max(until_ms, self._renewed.get(session_id, 0))

    def is_over(self, session: Session) -> bool:
        """Whether it has expired or was revoked; a renewal counts."""
        expires_ms = max(session.expires_ms, self._renewed.get(session.id, 0))
        return expires_ms <= self._clock.now_ms() or session.id in self._revoked

    def left_s(self, session: Session) -> int:
        """How many whole seconds it is good for, from now on."""
        return max(0, session.expires_ms - self._clock.now_ms()) // 1000

    def seal(self, session: Session) -> str:
        """The session as the browser keeps it."""
        return self._sealed("session", session.id, str(session.expires_ms))

    def unseal(self, text: str) -> Session | None:
        """The session; None for whatever was not sealed here, is over or was revoked."""
        parts = self._unsealed("session", text, 2)
        if parts is None:
            return None
        session = Session(parts[0], int(parts[1]))
        return None if self._is_stale(session) else session

    def ticket(self, session: Session) -> str:
        """What opens one websocket for the session, within TICKET_MS."""
        until_ms = self._clock.now_ms() + TICKET_MS
        return self._sealed(
            "ticket", secrets.token_hex(16), str(until_ms), session.id, str(session.expires_ms)
        )

    async def redeem(self, text: str) -> Session | None:
        """The session of a ticket that is good and was never used; it is used then."""
        parts = self._unsealed("ticket", text, 4)
        if parts is None or int(parts[1]) <= self._clock.now_ms():
            return None
        session = Session(parts[2], int(parts[3]))
        if self._is_stale(session) or not await self._spent.is_first_use(parts[0], int(parts[1])):
            return None
        return session

    def _is_stale(self, session: Session) -> bool:
        return session.expires_ms <= self._clock.now_ms() or session.id in self._revoked

    def _sealed(self, *parts: str) -> str:
        text = ".".join(parts)
        return f"{text}.{self._mac(text)}"

    def _unsealed(self, kind: str, sealed: str, count: int) -> list[str] | None:
        text, _, mac = sealed.rpartition(".")
        # Compared as bytes: compare_digest refuses text that is not ASCII.
        if not hmac.compare_digest(self._mac(text).encode(), mac.encode("utf-8", "replace")):
            return None
        found, *parts = text.split(".")
        return parts if found == kind and len(parts) == count else None

    def _mac(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _drop_expired(remembered: dict[str, int], now_ms: int) -> None:
    if len(remembered) >= _REMEMBERED_MAX // 2:
        for name in [name for name, until_ms in remembered.items() if until_ms <= now_ms]:
            del remembered[name]
