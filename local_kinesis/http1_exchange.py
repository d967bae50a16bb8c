"""One request's answer over HTTP/1.1."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from fleet.clock import Clock
from local_kinesis.answer import Answer
from local_kinesis.exchange import Header
from local_kinesis.http_message import CONTINUE, AnswerHeads, RequestHead

_BODILESS = frozenset((204, 304))


class Http1Exchange:
    """See exchange.Exchange. `room` is set while the client takes what is sent."""

    def __init__(
        self,
        head: RequestHead,
        transport: asyncio.Transport,
        room: asyncio.Event,
        heads: AnswerHeads,
        clock: Clock,
    ) -> None:
        self._head = head
        self._transport = transport
        self._room = room
        self._heads = heads
        self._clock = clock
        self._chunked = False
        self.keep_alive = head.keep_alive
        """Whether the client can tell where the answer ends, and may go on after it."""
        self.begun = False
        """Whether the client has seen anything of the answer."""

    def ask_for_body(self) -> None:
        """See Exchange."""
        if self._head.expects_continue:
            self._head.expects_continue = False
            self._transport.write(CONTINUE)

    def answer(self, answer: Answer, *, body_taken: bool = True) -> None:
        """See Exchange."""
        # The next request cannot be told from a body that was not read.
        self.keep_alive = self.keep_alive and body_taken
        first = self._heads.write(
            answer.status,
            answer.content_type,
            len(answer.body),
            keep_alive=self.keep_alive,
            now_ms=self._clock.now_ms(),
        )
        bodiless = self._head.method == b"HEAD"
        self._transport.writelines((first,) if bodiless else (first, answer.body))

    def begin(self, status: int, headers: Sequence[Header], *, delimited: bool) -> None:
        """See Exchange."""
        bodiless = self._head.method == b"HEAD" or status in _BODILESS
        sized = any(name.lower() == b"content-length" for name, _ in headers)
        self._chunked = delimited and not (sized or bodiless) and self._head.takes_chunks
        self.keep_alive = self.keep_alive and (sized or bodiless or self._chunked)
        lines = [b"HTTP/1.1 %d %s" % (status, _reason(status))]
        lines += [b"%s: %s" % header for header in headers]
        if self._chunked:
            lines.append(b"Transfer-Encoding: chunked")
        if not self.keep_alive:
            lines.append(b"Connection: close")
        self.begun = True
        self._transport.write(b"\r\n".join(lines) + b"\r\n\r\n")

    def begin_stream(self, content_type: str) -> None:
        """See Exchange."""
        headers = self._heads.fields(content_type, now_ms=self._clock.now_ms())
        self.begin(200, headers, delimited=True)

    def send(self, data: bytes) -> None:
        """See Exchange."""
        if data:
            self._transport.write(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    async def drained(self) -> None:
        """See Exchange."""
        await self._room.wait()

    def end(self) -> None:
        """See Exchange."""
        if self._chunked:
            self._transport.write(b"0\r\n\r\n")


def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode("ascii")
    except ValueError:
        return b""
