"""`/_local/`: what concerns the endpoint itself, and no AWS service.

/_local/          a page for people
/_local/status    the same as JSON
/_local/faults    what is to go wrong: see faults/admin.py
/_local/health    whether it is well, and how full
"""

from typing import Any, Final

import msgspec

from fleet.clock import Clock
from local_kinesis.answer import Answer
from local_kinesis.faults import admin as faults_admin
from local_kinesis.faults.faults import Faults
from local_kinesis.http_message import RequestHead
from local_kinesis.moto_server import MotoServer
from local_kinesis.status_page.files import page_file
from local_kinesis.status_page.status import status
from local_kinesis.store import Store

_JSON: Final = "application/json"


class Admin:
    """Answers requests below `/_local/`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        moto: MotoServer | None,
        faults: Faults,
        *,
        is_loopback: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._moto = moto
        self._faults = faults
        self._is_loopback = is_loopback

    def answer(self, head: RequestHead, body: bytes) -> Answer:
        """Answers one request."""
        path = head.url.partition(b"?")[0].decode("latin-1")
        method = head.method.decode("latin-1")
        if path == faults_admin.PATH or path.startswith(faults_admin.PATH + "/"):
            if not self._is_loopback:
                message = "faults are only for an endpoint that no other machine can reach"
                return _error(403, "Forbidden", message)
            content_type = head.content_type.decode("latin-1")
            return faults_admin.administer(self._faults, method, path, content_type, body)
        found = self._get(path)
        if found is None:
            return _error(404, "NotFound", "there are /_local/, status, faults and health")
        if method not in ("GET", "HEAD"):
            return _error(405, "MethodNotAllowed", f"{path} is asked with GET")
        return found

    def _get(self, path: str) -> Answer | None:
        if path == "/_local/status":
            return _json(self._status())
        if path == "/_local/health":
            return _json(self._health())
        return page_file(path)

    def _status(self) -> dict[str, Any]:
        now_ms = self._clock.now_ms()
        self._store.refresh_all(now_ms)
        about = {
            "time_scale": self._clock.scale,
            "moto": self._moto_state,
            "faults": len(self._faults.listing()),
        }
        return about | status(self._store, now_ms)

    def _health(self) -> dict[str, Any]:
        return {
            "status": "ok",
            "moto": self._moto_state,
            "kinesis": msgspec.to_builtins(self._store.size()),
        }

    @property
    def _moto_state(self) -> str:
        return self._moto.state if self._moto else "off"


def _json(members: dict[str, Any]) -> Answer:
    return Answer(200, _JSON, msgspec.json.encode(members))


def _error(status_code: int, kind: str, message: str) -> Answer:
    return Answer(status_code, _JSON, msgspec.json.encode({"__type": kind, "message": message}))
