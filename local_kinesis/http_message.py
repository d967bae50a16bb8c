"""HTTP/1.1 messages as the connection sees them: the head of a request, the head of an answer."""

from base64 import b64encode
from email.utils import formatdate
from http import HTTPStatus
from itertools import count
from secrets import token_bytes
from typing import Final
from uuid import uuid4

from local_kinesis.service import TARGET_PREFIX

HEAD_BYTES_MAX: Final = 64 * 1024
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_LENGTH_DIGITS_MAX: Final = 20
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
        "takes_chunks",
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
        self.takes_chunks = True
        """Whether the client understands a chunked answer: HTTP/1.0 does not."""

    def add(self, name: bytes, value: bytes) -> None:
        """Takes one header in."""
        self.headers.append((name, value))
        match name.lower():
            case b"x-amz-target":
                self.target = value
            case b"content-type":
                self.content_type = value
            case b"content-length":
                # The parser refuses what is no number, or one beyond 64 bits, but only after this.
                sane = value.isdigit() and len(value) <= _LENGTH_DIGITS_MAX
                self.content_length = int(value) if sane else None
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
    """Writes the heads of answers: the date by the endpoint's clock, ids that never come twice."""

    def __init__(self) -> None:
        self._prefix = str(uuid4())[:24].encode("ascii")
        self._extended_prefix = b64encode(token_bytes(48))
        self._ids = count(1)
        self._date_s = -1
        self._date = b""

    def write(
        self, status: int, content_type: str, length: int, *, keep_alive: bool, now_ms: int
    ) -> bytes:
        """The head of an HTTP/1.1 answer with a body of `length` bytes."""
        serial = next(self._ids)
        return (
            b"HTTP/1.1 %d %s\r\nDate: %s\r\nx-amzn-RequestId: %s%012x\r\nx-amz-id-2: %s%012x\r\n"
            b"Content-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
            % (
                status,
                _reason(status),
                self._date_at(now_ms // 1000),
                self._prefix,
                serial,
                self._extended_prefix,
                serial,
                content_type.encode("ascii"),
                length,
                b"" if keep_alive else b"Connection: close\r\n",
            )
        )

    def fields(self, content_type: str, *, now_ms: int) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, whatever its length; HTTP/2 wants them in lower case."""
        serial = next(self._ids)
        return [
            (b"date", self._date_at(now_ms // 1000)),
            (b"x-amzn-requestid", b"%s%012x" % (self._prefix, serial)),
            (b"x-amz-id-2", b"%s%012x" % (self._extended_prefix, serial)),
            (b"content-type", content_type.encode("ascii")),
        ]

    def _date_at(self, now_s: int) -> bytes:
        if now_s != self._date_s:
            self._date_s = now_s
            self._date = formatdate(now_s, usegmt=True).encode("ascii")
        return self._date


def _reason(status: int) -> bytes:
    return HTTPStatus(status).phrase.encode("ascii")
