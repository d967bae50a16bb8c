"""Bytes in, HTTP/1.1 requests out: nothing half-understood, nothing larger than its limit."""

from collections.abc import Callable

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from local_kinesis.answer import Answer
from local_kinesis.gateway import BODY_BYTES_MAX
from local_kinesis.http_message import HEAD_BYTES_MAX, RequestHead
from local_kinesis.upload import Upload


class Incoming:
    """A request as it arrives."""

    __slots__ = ("body", "complete", "head", "size", "upload")

    def __init__(self) -> None:
        self.head = RequestHead()
        self.body: list[bytes] = []
        self.size = 0
        self.complete = False
        self.upload: Upload | None = None
        """Where the body goes instead when the request is forwarded."""


class Refused(Exception):
    """The client's bytes will not be read on: what to answer before the connection ends."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        body = msgspec.json.encode({"__type": kind, "message": message})
        self.answer = Answer(status, "application/json", body)


class RequestReader:
    """Feeds the parser and assembles what it finds.

    `arrived` is called with each request when its head is there, `progressed` when more of its body
    is, and when it is whole.
    """

    def __init__(
        self,
        *,
        upload_for: Callable[[RequestHead], Upload | None],
        arrived: Callable[[Incoming], None],
        progressed: Callable[[], None],
    ) -> None:
        self._upload_for = upload_for
        self._arrived = arrived
        self._progressed = progressed
        self._parser = HttpRequestParser(self)
        self.unfinished: Incoming | None = None
        """The request of which more must come."""

    def feed(self, data: bytes) -> None:
        """Takes bytes from the client. Raises Refused."""
        try:
            while data:
                data = data[self._parse(data) :]
        except HttpParserError as error:
            cause = error.__context__
            if cause is not None:
                # Raised by one of the callbacks below: the parser only wraps it.
                raise cause from None
            raise Refused(400, "BadRequest", f"this is not HTTP/1.1: {error}") from None

    def _parse(self, data: bytes) -> int:
        """How much of `data` the parser has taken."""
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            # Another protocol was offered, and may be declined by going on with this one.
            taken: int = upgrade.args[0]
            return taken
        return len(data)

    # What the parser calls.

    def on_message_begin(self) -> None:
        self.unfinished = Incoming()

    def on_url(self, url: bytes) -> None:
        head = self._current().head
        head.url += url
        _count(head, len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        head = self._current().head
        head.add(name, value)
        _count(head, len(name) + len(value))

    def on_headers_complete(self) -> None:
        incoming = self._current()
        head = incoming.head
        head.method = self._parser.get_method()
        head.keep_alive = self._parser.should_keep_alive()
        head.takes_chunks = self._parser.get_http_version() != "1.0"
        if self._parser.should_upgrade() and (head.content_length or head.chunked):
            raise Refused(400, "BadRequest", "a request with a body cannot offer another protocol")
        incoming.upload = self._upload_for(head)
        if incoming.upload is None:
            _check_body(head.content_length or 0)
        self._arrived(incoming)

    def on_body(self, data: bytes) -> None:
        incoming = self._current()
        if incoming.upload is None:
            incoming.size += len(data)
            _check_body(incoming.size)
            incoming.body.append(data)
        else:
            incoming.upload.feed(data)
            self._progressed()

    def on_message_complete(self) -> None:
        incoming = self._current()
        self.unfinished = None
        incoming.complete = True
        if incoming.upload is not None:
            incoming.upload.end()
        self._progressed()

    def _current(self) -> Incoming:
        assert self.unfinished is not None, "the parser announces every message"
        return self.unfinished


def _count(head: RequestHead, size: int) -> None:
    head.size += size
    if head.size > HEAD_BYTES_MAX:
        message = f"the head of a request may have {HEAD_BYTES_MAX >> 10} KiB"
        raise Refused(431, "RequestHeaderFieldsTooLarge", message)


def _check_body(size: int) -> None:
    if size > BODY_BYTES_MAX:
        message = f"the body of a request may have {BODY_BYTES_MAX >> 20} MiB"
        raise Refused(413, "RequestEntityTooLargeException", message)
