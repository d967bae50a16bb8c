"""HTTP/1.1 messages as the connection sees them: the head of a request, the head of an answer."""

from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from typing import Final
from uuid import uuid4

from local_kinesis.service import TARGET_PREFIX

HEAD_BYTES_MAX: Final = 64 * 1024
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_TARGET_PREFIX = TARGET_PREFIX.encode("ascii")


class RequestHead:
    """The request line and the headers, as they came."""

    __slots__ = (
        "chunked",
        "content_length",
        "content_type",
        "expects_continue",
        "headers",
        "keep_alive",
        "method",
        "signed",
        "size",
        "target",
        "url",
    )

    def __init__(self) -> None:
        self.method = b""
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        """Names as the client spells them, in its order."""
        self.size = 0
        self.target: bytes | None = None
        """X-Amz-Target."""
        self.content_type = b""
        self.content_length: int | None = None
        self.chunked = False
        self.expects_continue = False
        self.signed = False
        self.keep_alive = True

    def add(self, name: bytes, value: bytes) -> None:
        """Takes one header in."""
        self.headers.append((name, value))
        match name.lower():
            case b"x-amz-target":
                self.target = value
            case b"content-type":
                self.content_type = value
            case b"content-length":
                # The parser has refused anything but digits, but only after this.
                self.content_length = int(value) if value.isdigit() else None
            case b"transfer-encoding":
                self.chunked = True
            case b"expect":
                self.expects_continue = value.lower() == b"100-continue"
            case b"authorization":
                self.signed = True

    @property
    def operation(self) -> str | None:
        """The Kinesis operation that is asked for; None when the request is not for Kinesis."""
        if self.target is None or not self.target.startswith(_TARGET_PREFIX):
            return None
        return self.target[len(_TARGET_PREFIX) :].decode("latin-1")

    @property
    def is_admin(self) -> bool:
        """Whether it is about the endpoint itself. A signed request never is: a bucket may be named
        by its host and hold an object `_local/health`.
        """
        return self.url.startswith(b"/_local/") and self.target is None and not self.signed


class AnswerHeads:
    """Writes the heads of answers: the date by the endpoint's clock, a request id that never comes
    twice.
    """

    def __init__(self) -> None:
        self._prefix = str(uuid4())[:24]
        self._ids = count(1)
        self._date_s = -1
        self._date = b""

    def write(
        self, status: int, content_type: str, length: int, *, keep_alive: bool, now_ms: int
    ) -> bytes:
        """The head of an answer with a body of `length` bytes."""
        return (
            b"HTTP/1.1 %d %s\r\nDate: %s\r\nx-amzn-RequestId: %s%012x\r\nContent-Type: %s\r\n"
            b"Content-Length: %d\r\n%s\r\n"
            % (
                status,
                _reason(status),
                self._date_at(now_ms // 1000),
                self._prefix.encode("ascii"),
                next(self._ids),
                content_type.encode("ascii"),
                length,
                b"" if keep_alive else b"Connection: close\r\n",
            )
        )

    def _date_at(self, now_s: int) -> bytes:
        if now_s != self._date_s:
            self._date_s = now_s
            self._date = formatdate(now_s, usegmt=True).encode("ascii")
        return self._date


def _reason(status: int) -> bytes:
    return HTTPStatus(status).phrase.encode("ascii")
