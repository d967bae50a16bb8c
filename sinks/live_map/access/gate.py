"""Stands before every request: another site's page, another host's name or a missing session end
here, and every answer leaves with the headers that keep the page to itself.

What is not listed as open needs a session, so that a new route is closed until somebody opens it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from fleet.clock import Clock
from sinks.live_map.access.attempts import Attempts, address_of
from sinks.live_map.access.door import Door, Refused
from sinks.live_map.access.origins import Origins
from sinks.live_map.access.review import Review
from sinks.live_map.access.sessions import ANYBODY, Session, Sessions, Spent
from sinks.live_map.page_files import SECURITY_HEADERS

COOKIE: Final = "wildrydes_map"
SESSION: Final = web.RequestKey("session", Session)
"""Whose request it is."""

OPEN_PATHS: Final = frozenset({"/", "/auth", "/healthz", "/readyz", "/metrics"})
"""For everybody: the page's own files, how to sign in, and how the process is (no unicorn's name or
place is in it)."""
OPEN_PREFIX: Final = "/page/"
FOREIGN: Final = {
    "foreign_host": "The map does not answer to that name.",
    "foreign_origin": "The map is for its own page and scripts.",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Told = Callable[[str, str, int], None]
"""Told of a session that is "revoked" or "renewed": its id, and until when."""


class Gate:
    """`gate.guard(app)`, before the server starts."""

    def __init__(
        self,
        door: Door,
        clock: Clock,
        origins: Origins | None = None,
        *,
        secret: bytes | None = None,
        spent: Spent | None = None,
    ) -> None:
        self.door = door
        self.attempts = Attempts(clock)
        self.review = Review(door, clock)
        self.told: Told | None = None
        """Where other processes hear of it."""
        self.on_revoked: Callable[[str], None] | None = None
        """Closes what a session has open."""
        self._clock = clock
        self._origins = origins or Origins()
        self._secret = secret or secrets.token_bytes(32)
        self._spent = spent
        self._fingerprint = door.fingerprint()
        self.sessions = self._make_sessions()

    @property
    def is_open(self) -> bool:
        """Whether everybody may look."""
        return self.door.mode == "none"

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS, through a proxy."""
        return any(origin.startswith("https://") for origin in self._origins.allowed)

    def guard(self, app: web.Application) -> None:
        """Puts the gate before all of the application's routes."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                self._check_site(request)
                if not is_public(request):
                    request[SESSION] = await self.session(request)
            except Refused as refused:
                return refusal(refused)
            return await handler(request)

        async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers.setdefault("Cache-Control", "no-store")
            # Which versions run here is nobody's business.
            response.headers["Server"] = "wildrydes"

        app.middlewares.append(check)
        app.on_response_prepare.append(add_headers)

    async def session(self, request: web.Request) -> Session:
        """Whose request it is. Raises Refused."""
        if self.is_open:
            return ANYBODY
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._bearer(request, token.strip())
        if request.headers.get("Upgrade", "").lower() == "websocket":
            # A cookie is not enough: a browser sends it along whoever opens the websocket.
            session = await self.sessions.redeem(request.query.get("ticket", ""))
        else:
            session = self.sessions.unseal(request.cookies.get(COOKIE, ""))
        if session is None:
            raise Refused(401, "not_signed_in", "Sign in to look at the map.")
        return session

    def revoke(self, session: Session) -> None:
        """Ends a session, here and wherever else it is known."""
        self.hear("revoked", session.id, session.expires_ms)
        self._tell("revoked", session.id, session.expires_ms)

    async def turn_out(self) -> None:
        """Ends the sessions of those who would not be admitted any more."""
        for session in await self.review.turned_out():
            self.revoke(session)

    def renew(self, session: Session, expires_ms: int) -> Session:
        """Makes a session last longer, likewise."""
        self._tell("renewed", session.id, expires_ms)
        return self.sessions.renew(session, expires_ms)

    def hear(self, what: str, session_id: str, until_ms: int) -> None:
        """Takes note of what another process tells."""
        if what == "revoked":
            self.review.forget(session_id)
            self.sessions.revoke(session_id, until_ms)
            if self.on_revoked is not None:
                self.on_revoked(session_id)
        else:
            self.sessions.renew(Session(session_id, until_ms), until_ms)

    def has_changed_lock(self) -> bool:
        """Whether those admitted so far are out, because the door's secret is another one."""
        fingerprint = self.door.fingerprint()
        if fingerprint == self._fingerprint:
            return False
        self._fingerprint = fingerprint
        self.sessions = self._make_sessions()
        return True

    def _tell(self, what: str, session_id: str, until_ms: int) -> None:
        if self.told is not None:
            self.told(what, session_id, until_ms)

    async def _bearer(self, request: web.Request, token: str) -> Session:
        address = address_of(request)
        if wait_s := self.attempts.wait_s(address):
            raise TooMany(wait_s)
        try:
            admission = await self.door.admit_bearer(token)
        except Refused as refused:
            if refused.status == 401:
                self.attempts.failed(address)
            raise
        digest = hashlib.sha256(token.encode()).hexdigest()[:32]
        session = Session(f"bearer {digest}", admission.until_ms)
        if self.sessions.is_over(session):
            raise Refused(401, "refused", "The identity of that token is not accepted any more.")
        self.review.note(session, admission)
        return session

    def _check_site(self, request: web.Request) -> None:
        foreign = self._origins.foreign(request, is_public=is_public(request))
        if foreign is not None:
            raise Refused(403, foreign, FOREIGN[foreign])

    def _make_sessions(self) -> Sessions:
        key = hmac.digest(self._secret, self._fingerprint, "sha256")
        return Sessions(key, self._clock, self._spent)


def is_public(request: web.Request) -> bool:
    """Whether what was asked for is for everybody: by the route that will answer, not by what the
    request's path looks like."""
    resource = request.match_info.route.resource
    path = "" if resource is None else resource.canonical
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIX)


def refusal(refused: Refused, headers: dict[str, str] | None = None) -> web.Response:
    """The answer to one who is refused."""
    headers = dict(headers or {})
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="wildrydes map"'
    if isinstance(refused, TooMany):
        headers["Retry-After"] = str(refused.wait_s)
    return web.json_response(
        {"error": refused.error, "message": str(refused)}, status=refused.status, headers=headers
    )


class TooMany(Refused):
    """Too many attempts."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            429, "too_many", f"Too many attempts from your address. Try again in {wait_s} s."
        )
        self.wait_s = wait_s
