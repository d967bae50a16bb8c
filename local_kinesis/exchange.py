"""The way back to the client of one request, whatever carries it."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import NoReturn, Protocol

from local_kinesis.answer import Answer, BrokenAnswer, LaterReply, Reply, StreamedAnswer

Header = tuple[bytes, bytes]


class Truncated(Exception):
    """An answer will not be finished, of which the client may have seen the beginning: it can only
    be told by cutting the connection.
    """


class Exchange(Protocol):
    """Answers one request: with `answer`, or with `begin`, any number of `send`s and `end`.

    All of it may be called when the client is gone already, to no effect.
    """

    def ask_for_body(self) -> None:
        """Tells a client that waits to be told (`Expect: 100-continue`) to send the body."""
        ...

    def answer(self, answer: Answer, *, body_taken: bool = True) -> None:
        """Sends a whole answer. `body_taken` is False where the request's body was not read."""
        ...

    def begin(self, status: int, headers: Sequence[Header], *, delimited: bool) -> None:
        """Sends the head of an answer. `headers` say nothing about framing but perhaps
        Content-Length; `delimited` is False when only the end of the connection it came by showed
        where the body ends.
        """
        ...

    def begin_stream(self, content_type: str) -> None:
        """Sends the head of an answer of ours that comes in pieces."""
        ...

    def send(self, data: bytes) -> None:
        """Queues a piece of the body."""
        ...

    async def drained(self) -> None:
        """Waits until the client has taken most of what was sent."""
        ...

    def end(self) -> None:
        """Says that the body is whole."""
        ...


async def deliver(reply: Reply | LaterReply, exchange: Exchange) -> None:
    """Answers with what is not at hand whole."""
    if not isinstance(reply, Answer | StreamedAnswer | BrokenAnswer):
        reply = await reply
    if isinstance(reply, Answer):
        exchange.answer(reply)
        return
    if isinstance(reply, BrokenAnswer):
        await _break_off(reply.answer, exchange)
    exchange.begin_stream(reply.content_type)
    async with aclosing(reply.pieces) as pieces:
        async for piece in pieces:
            exchange.send(piece)
            await exchange.drained()
    exchange.end()


async def _break_off(answer: Answer | None, exchange: Exchange) -> NoReturn:
    if answer is not None:
        headers = [
            (b"Content-Type", answer.content_type.encode("ascii")),
            (b"Content-Length", b"%d" % len(answer.body)),
        ]
        exchange.begin(answer.status, headers, delimited=True)
        exchange.send(answer.body[: len(answer.body) // 2])
        await exchange.drained()
    raise Truncated
