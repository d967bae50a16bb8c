"""How moto comes back: what it held at some time, and the requests that changed it since.

    snapshot.3     what all services held, at some time
    requests.3     what changed it since

A request is written before it is answered, so that SIGKILL loses no answer that was given. When
doing the requests again would take long, all that moto holds is written as the next snapshot, and a
new file of requests begun. Renaming the snapshot to its name is the moment from which it counts.

Requests run one at a time, each at a given time and with its own random seed: done again in their
order, they give every table, object, version and identifier as it was.
"""

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol

from werkzeug.exceptions import ClientDisconnected

from local_kinesis.journal.flusher import Flusher, flush
from local_kinesis.moto_state import determinism
from local_kinesis.moto_state.backends import dump, load, service_of
from local_kinesis.moto_state.request_log import KeptRequest, RequestLog

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Application(Protocol):
    """A WSGI application."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]: ...


REPLAY_S_MIN: Final = 2.0
"""No snapshot is made as long as doing the requests again takes less than this."""
_SNAPSHOT_SHARE: Final = 4.0
"""Nor before it takes this many times longer than a snapshot takes: so snapshots take at most a
fifth of moto's time, and starting it again at most about this many times as long as a snapshot.
"""
_LOG_BYTES_MIN: Final = 256 << 20
_READS = re.compile(r"(Get|List|Describe|Query|Scan|BatchGet|TransactGet|Head|Lookup|Filter)")
_INVOCATION = re.compile(r"/2015-03-31/functions/[^/]+/invocations\Z")
_ACTION = re.compile(rb"(?:^|&)Action=([A-Za-z]+)")
_PASSED_OVER: Final = frozenset({"HTTP_X_AMZ_SECURITY_TOKEN", "REMOTE_ADDR", "REMOTE_PORT"})


class History:
    """Requests on their way to moto's applications, and what is kept of them."""

    def __init__(self, folder: Path, flusher: Flusher) -> None:
        self._folder = folder
        self._flusher = flusher
        self._lock = threading.Lock()
        self._replaying = False
        self._replay_s = 0.0
        """What doing the requests of the log again takes, about."""
        self._snapshot_s = 0.0
        self._generation = max(
            (int(path.suffix[1:]) for path in folder.glob("snapshot.*") if _numbered(path)),
            default=0,
        )
        self._log = RequestLog(self._requests_path(self._generation))

    def kept(self, service: str, application: Application) -> Application:
        """An application of moto's, with what changes it kept."""
        name = service_of(service)

        def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            if self._replaying:
                return application(environ, start_response)
            body = _body(environ)
            if body is None:
                return _refusal(start_response, "400 Bad Request", "the body ended early")
            operation = _operation(environ, body)
            if operation == "ReceiveMessage" or _INVOCATION.match(environ["PATH_INFO"]):
                # These wait, for messages or for a function, and would hold up everybody.
                return application(environ, start_response)
            with self._lock:
                if _reads(environ, operation):
                    return _whole(application(environ, start_response))
                return self._change(name, application, environ, body, start_response)

        return answer

    def restore(self, dispatcher: Application) -> int | None:
        """Brings moto's memory back; returns how many requests were done again, None when there was
        nothing to bring back. Raises OtherWriter.
        """
        for kind in ("snapshot", "requests", "draft"):
            for path in self._folder.glob(f"{kind}.*"):
                if path.suffix != f".{self._generation}":
                    # Of a snapshot that never came to count, or of one that another replaced.
                    path.unlink()
        started_s = time.monotonic()
        if self._generation:
            load(self._snapshot_path(self._generation))
        self._snapshot_s = time.monotonic() - started_s
        count = 0
        self._replaying = True
        for request in self._log.requests():
            count += 1
            determinism.give(request.time_ms, request.seed)
            try:
                _whole(dispatcher(_environ(request), lambda *_: None))
            except Exception:
                # What moto raises is an answer too: the rest must not be lost for it.
                logger.exception("a request to %s could not be done again", request.service)
        self._log.cut()
        self._replaying = False
        determinism.give_nothing()
        self._replay_s = time.monotonic() - started_s - self._snapshot_s
        return count if count or self._generation else None

    def close(self) -> None:
        """Has the disk keep everything, after the request that is being run."""
        with self._lock:
            self._flusher.close()

    def _change(
        self,
        service: str,
        application: Application,
        environ: Environ,
        body: bytes,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Runs a request that may change something."""
        request = KeptRequest(
            service=service,
            time_ms=time.time_ns() // 1_000_000,
            seed=secrets.randbits(64),
            environ={
                name: value
                for name, value in environ.items()
                if isinstance(value, str) and name not in _PASSED_OVER
            },
            body=body,
        )
        try:
            self._log.begin(request)
        except OSError as error:
            reason = f"the local endpoint cannot write to its data directory: {error.strerror}"
            return _refusal(start_response, "500 Internal Server Error", reason)
        statuses: list[str] = []

        def started(status: str, *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest)

        started_s = time.monotonic()
        determinism.give(request.time_ms, request.seed)
        try:
            answer = _whole(application(environ, started))
        finally:
            determinism.give_nothing()
            if statuses and statuses[-1] < "4":
                self._log.finish()
                self._flusher.written(self._log.path)
            else:
                self._log.abandon()
        self._replay_s += time.monotonic() - started_s
        if self._is_long():
            self._take_snapshot()
        return answer

    def _is_long(self) -> bool:
        too_slow = self._replay_s > max(REPLAY_S_MIN, _SNAPSHOT_SHARE * self._snapshot_s)
        return too_slow or self._log.size > _LOG_BYTES_MIN + 2 * self._snapshot_bytes()

    def _snapshot_bytes(self) -> int:
        path = self._snapshot_path(self._generation)
        return path.stat().st_size if self._generation else 0

    def _take_snapshot(self) -> None:
        """Goes on from what moto holds now. Should the disk not take it, all stays as it is, and
        it is tried again when starting would take twice as long.
        """
        started_s = time.monotonic()
        number = self._generation + 1
        draft = self._folder / f"draft.{number}"
        log = None
        try:
            skipped = dump(draft)
            flush(draft)
            log = RequestLog.create(self._requests_path(number))
            for request in self._log.requests() if skipped else ():
                if request.service in skipped:
                    log.begin(request)
                    log.finish()
            flush(log.path)
            draft.rename(self._snapshot_path(number))
        except OSError as error:
            logger.warning("what moto holds cannot be written: %s", error.strerror)
            draft.unlink(missing_ok=True)
            if log is not None:
                log.close()
                log.path.unlink()
            self._snapshot_s = self._replay_s
            return
        flush(self._folder)
        former, self._log = self._log, log
        former.close()
        self._flusher.gone(former.path)
        if self._generation:
            self._flusher.gone(self._snapshot_path(self._generation))
        self._generation = number
        self._snapshot_s = time.monotonic() - started_s
        self._replay_s = 0.0

    def _snapshot_path(self, generation: int) -> Path:
        return self._folder / f"snapshot.{generation}"

    def _requests_path(self, generation: int) -> Path:
        return self._folder / f"requests.{generation}"


def _numbered(path: Path) -> bool:
    return path.suffix[1:].isdecimal()


def _body(environ: Environ) -> bytes | None:
    """The whole body, which stays there to be read; None when the client broke off."""
    stream = environ["wsgi.input"]
    try:
        if environ.pop("HTTP_TRANSFER_ENCODING", None) is None:
            size = int(environ.get("CONTENT_LENGTH") or 0)
            body: bytes = stream.read(size)
            if len(body) < size:
                return None
        else:
            body = stream.read()
    except (OSError, ClientDisconnected):
        return None
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = BytesIO(body)
    return body


def _operation(environ: Environ, body: bytes) -> str | None:
    """The operation's name, where the protocol has one."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rpartition(".")[2]
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return None
    action = _ACTION.search(body[:4096])
    return action[1].decode() if action else None


def _reads(environ: Environ, operation: str | None) -> bool:
    """Whether a request changes nothing. What is not known to is taken to change something."""
    if operation is not None:
        return _READS.match(operation) is not None
    return environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")


def _environ(request: KeptRequest) -> Environ:
    """What the application gets when a request is done again."""
    return request.environ | {
        "wsgi.version": (1, 0),
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    parts = list(answer)
    close = getattr(answer, "close", None)
    if close is not None:
        close()
    return parts


def _refusal(start_response: StartResponse, status: str, reason: str) -> list[bytes]:
    """An answer that clients of every protocol take for a failure."""
    text = reason.encode()
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))]
    start_response(status, headers)
    return [text]
