"""How one is admitted. A door decides at sign-in; from then on the session counts, and where
an identity may be withdrawn the door is asked again (review.py)."""

import hashlib
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from fleet.clock import Clock

TOKEN_SESSION_MS: Final = 12 * 3_600_000
TOKEN_CHARACTERS_MIN: Final = 16
"""Of a shared token: shorter ones can be guessed."""
CREDENTIAL_CHARACTERS_MAX: Final = 4_096


class Refused(Exception):
    """One is not admitted; `str(refused)` is fit to be shown."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody may look."""

    until_ms: int
    """Since 1970."""
    identity: str = ""
    """As whom, where that may be asked about again later."""


class Door(Protocol):
    """One way of deciding who may look."""

    mode: str
    """As `--auth` names it."""

    async def admit(self, credentials: Mapping[str, Any]) -> Admission:
        """Of whoever brings these credentials. Raises Refused."""
        ...

    async def admit_bearer(self, token: str) -> Admission:
        """Likewise, for a script that brings a token with each request."""
        ...

    async def turned_out(self, identities: Collection[str]) -> Collection[str]:
        """Which of those admitted before would not be admitted any more."""
        ...

    async def prepare(self) -> str:
        """Gets ready, once the services can be reached; what one signs in with, if that is news to
        whoever started the map."""
        ...

    def fingerprint(self) -> bytes:
        """Changes when those admitted before are not admitted any more."""
        ...


class OpenDoor:
    """Everybody may look: on loopback only."""

    mode = "none"

    async def admit(self, credentials: Mapping[str, Any]) -> Admission:
        raise Refused(400, "malformed", "This map needs no sign-in.")

    async def admit_bearer(self, token: str) -> Admission:
        raise Refused(400, "malformed", "This map needs no sign-in.")

    async def turned_out(self, identities: Collection[str]) -> Collection[str]:
        return ()

    async def prepare(self) -> str:
        return ""

    def fingerprint(self) -> bytes:
        return b""


class TokenDoor:
    """Whoever knows the shared token may look. `read` gives the token as it is now: when it
    changes, those who knew the old one are out."""

    mode = "token"

    def __init__(self, read: Callable[[], str], clock: Clock) -> None:
        self._read = read
        self._clock = clock

    async def admit(self, credentials: Mapping[str, Any]) -> Admission:
        return await self.admit_bearer(the_one(credentials, "token"))

    async def admit_bearer(self, token: str) -> Admission:
        # Digests have one length, so the time that comparing takes tells nothing of the token's.
        if not hmac.compare_digest(_digest(token), self.fingerprint()):
            raise Refused(401, "wrong_token", "That is not this map's token.")
        return Admission(self._clock.now_ms() + TOKEN_SESSION_MS)

    async def turned_out(self, identities: Collection[str]) -> Collection[str]:
        return ()

    async def prepare(self) -> str:
        return ""

    def fingerprint(self) -> bytes:
        return _digest(self._read())


def the_one(credentials: Mapping[str, Any], name: str) -> str:
    """The one field of that name, which must be text. Raises Refused."""
    value = credentials.get(name)
    if set(credentials) != {name} or not isinstance(value, str):
        raise Refused(400, "malformed", f'Send {{"{name}": "..."}} as JSON and nothing else.')
    if not 0 < len(value) <= CREDENTIAL_CHARACTERS_MAX:
        raise Refused(400, "malformed", f"That is no {name.replace('_', ' ')}.")
    return value


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
