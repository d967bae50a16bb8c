"""`/auth`: how the page signs in, stays in, and signs out."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from sinks.live_map.access.attempts import address_of
from sinks.live_map.access.door import Refused
from sinks.live_map.access.gate import COOKIE, SESSION, Gate, TooMany, refusal
from sinks.live_map.access.sessions import ANYBODY, TICKET_MS, Session

BODY_BYTES_MAX: Final = 8_192
BODY_S: Final = 5.0
"""A body that drips is not waited for."""
EXCHANGES_MAX: Final = 16
"""At once: a crowd at the door must not become a crowd at Cognito's."""


class AuthRoutes:
    """The endpoints; docs/live-map.md describes them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._exchanges = asyncio.Semaphore(EXCHANGES_MAX)

    def add_to(self, app: web.Application) -> None:
        """Mounts them."""
        app.router.add_get("/auth", self._tell)
        app.router.add_post("/auth", self._sign_in)
        app.router.add_delete("/auth", self._sign_out)
        app.router.add_post("/auth/ticket", self._ticket)

    async def _tell(self, request: web.Request) -> web.Response:
        session = ANYBODY if self._gate.is_open else self._session(request)
        return self._state(session)

    async def _sign_in(self, request: web.Request) -> web.Response:
        address = address_of(request)
        try:
            if wait_s := self._gate.attempts.wait_s(address):
                raise TooMany(wait_s)
            credentials = await _body(request)
            async with self._exchanges:
                admission = await self._gate.door.admit(credentials)
        except Refused as refused:
            if refused.status in {400, 401}:
                self._gate.attempts.failed(address)
            return refusal(refused)
        before = self._session(request)
        if before is None:
            session = self._gate.sessions.open(admission.until_ms)
        else:
            session = self._gate.renew(before, admission.until_ms)
        self._gate.review.note(session, admission)
        answer = self._state(session)
        answer.set_cookie(
            COOKIE,
            self._gate.sessions.seal(session),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=request.secure or self._gate.is_secure,
        )
        return answer

    async def _sign_out(self, request: web.Request) -> web.Response:
        session = self._session(request)
        if session is not None:
            self._gate.revoke(session)
        answer = web.Response(status=204)
        answer.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
        return answer

    async def _ticket(self, request: web.Request) -> web.Response:
        ticket = self._gate.sessions.ticket(request[SESSION])
        return web.json_response({"ticket": ticket, "expires_in_s": TICKET_MS // 1000})

    def _session(self, request: web.Request) -> Session | None:
        return self._gate.sessions.unseal(request.cookies.get(COOKIE, ""))

    def _state(self, session: Session | None) -> web.Response:
        timed = None if session is ANYBODY else session
        return web.json_response(
            {
                "mode": self._gate.door.mode,
                "signed_in": session is not None,
                "expires_ms": timed and timed.expires_ms,
                # The browser's clock may be wrong by hours.
                "expires_in_s": timed and self._gate.sessions.left_s(timed),
            }
        )


async def _body(request: web.Request) -> Mapping[str, Any]:
    """The JSON object that was posted. Raises Refused."""
    malformed = Refused(400, "malformed", "Send a small JSON object, as application/json.")
    # Another site's form cannot send this type without asking first.
    if request.content_type != "application/json":
        raise malformed
    try:
        async with asyncio.timeout(BODY_S):
            body = await request.content.read(BODY_BYTES_MAX + 1)
            while len(body) <= BODY_BYTES_MAX and not request.content.at_eof():
                body += await request.content.read(BODY_BYTES_MAX + 1 - len(body))
        credentials = json.loads(body) if len(body) <= BODY_BYTES_MAX else None
    except (ValueError, RecursionError, TimeoutError) as error:
        raise malformed from error
    if not isinstance(credentials, dict):
        raise malformed
    return credentials
