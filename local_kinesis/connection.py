"""One client's HTTP/1.1 connection: any number of requests, pipelined or not, answered in their
order.

A Kinesis request is answered within the call that brought its last byte: no task, no queue. A
request for moto, and an answer that comes later or in pieces, is a task, and what comes after it
waits. Nothing grows without bound: while answers are not taken, or requests wait, the client is not
read from.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine
from typing import Any, Final, cast

from local_kinesis.answer import Answer, StreamedAnswer
from local_kinesis.exchange import Truncated, deliver
from local_kinesis.gateway import Gateway
from local_kinesis.http1_exchange import Http1Exchange
from local_kinesis.http_message import AnswerHeads, RequestHead
from local_kinesis.lingering import linger
from local_kinesis.open_connections import OpenConnection
from local_kinesis.request_reader import Incoming, Refused, RequestReader
from local_kinesis.upload import Upload

logger = logging.getLogger(__name__)

_STALL_S: Final = 60.0


class Connection(asyncio.Protocol):
    """The server's side of one connection. Is in `connections` while it is open."""

    def __init__(
        self, gateway: Gateway, heads: AnswerHeads, connections: set[OpenConnection]
    ) -> None:
        self._gateway = gateway
        self._heads = heads
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._reader = RequestReader(
            upload_for=self._upload_for, arrived=self._arrived, progressed=self._advance
        )
        self._waiting: deque[Incoming] = deque()
        self._last_word: Answer | None = None
        """What to say when all that waits is answered; the connection ends with it."""
        self._exchange: Http1Exchange | None = None
        """The one that `_task` answers."""
        self._task: asyncio.Task[None] | None = None
        self._streaming = False
        self._upload: Upload | None = None
        self._deaf = False
        self._peer_done = False
        self._ended = False
        self._reading_paused = False
        self._room = asyncio.Event()
        self._room.set()
        self._last_data_s = 0.0
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods and not the class.
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._last_data_s = self._loop.time()
        try:
            self._reader.feed(data)
        except Refused as refused:
            self._refuse(refused.answer)

    def eof_received(self) -> bool:
        # A client may say that it has no more to ask and still wait for what it asked.
        self._peer_done = True
        if self._streaming:
            # An answer without an end is for nobody then.
            self._transport.abort()
        self._stop_reading()
        return self.busy

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        self._deaf = True
        self._waiting.clear()
        self._room.set()
        if self._task is not None:
            self._task.cancel()
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._room.clear()
        self._regulate()

    def resume_writing(self) -> None:
        self._room.set()
        self._advance()

    # What the endpoint calls.

    @property
    def busy(self) -> bool:
        """Whether an answer is owed."""
        return self._task is not None or bool(self._waiting)

    def check_stall(self) -> None:
        """Ends a connection on which half a request came and then nothing more."""
        stalled = self._reader.unfinished is not None and not self._reading_paused
        if stalled and self._loop.time() - self._last_data_s > _STALL_S:
            self._refuse(Refused(408, "RequestTimeout", "half a request came").answer)

    def finish(self) -> None:
        """Takes no more requests, and ends when those that came are answered."""
        self._stop_reading()
        if not self.busy:
            self._transport.close()

    def abort(self) -> None:
        """Ends it now."""
        self._transport.abort()

    # Requests, one after the other.

    def _upload_for(self, head: RequestHead) -> Upload | None:
        return Upload(self._regulate) if self._gateway.forwards(head) else None

    def _arrived(self, incoming: Incoming) -> None:
        if not self._deaf:
            self._waiting.append(incoming)
            self._advance()

    def _advance(self) -> None:
        """Answers what can be answered now."""
        waiting = self._waiting
        while waiting and self._task is None and self._room.is_set():
            incoming = waiting[0]
            if incoming.upload is not None:
                waiting.popleft()
                self._upload = incoming.upload
                exchange = self._exchange_for(incoming.head)
                self._run(exchange, self._gateway.forward(incoming.head, incoming.upload, exchange))
            elif incoming.complete:
                waiting.popleft()
                self._answer(incoming)
            else:
                self._exchange_for(incoming.head).ask_for_body()
                break
        if self._deaf and not self.busy:
            self._end()
        self._regulate()

    def _answer(self, incoming: Incoming) -> None:
        head = incoming.head
        exchange = self._exchange_for(head)
        reply = self._gateway.answer(head, b"".join(incoming.body))
        if isinstance(reply, Answer):
            exchange.answer(reply)
            self._answered(exchange)
        else:
            self._streaming = isinstance(reply, StreamedAnswer)
            self._run(exchange, deliver(reply, exchange))

    def _exchange_for(self, head: RequestHead) -> Http1Exchange:
        return Http1Exchange(
            head, self._transport, self._room, self._heads, self._gateway.service.clock
        )

    def _answered(self, exchange: Http1Exchange) -> None:
        if not exchange.keep_alive:
            self._stop_reading()
            self._waiting.clear()

    def _run(self, exchange: Http1Exchange, answering: Coroutine[Any, Any, None]) -> None:
        self._exchange = exchange
        self._task = self._loop.create_task(answering)
        self._task.add_done_callback(self._ran)

    def _ran(self, task: "asyncio.Task[None]") -> None:
        exchange = self._exchange
        assert exchange is not None
        self._task = self._upload = self._exchange = None
        self._streaming = False
        if task.cancelled():
            self._transport.abort()
        elif (error := task.exception()) is not None:
            if not isinstance(error, Truncated):
                logger.error("an answer could not be finished", exc_info=error)
            self._transport.abort()
        else:
            self._answered(exchange)
            self._advance()

    # The end of it.

    def _refuse(self, answer: Answer) -> None:
        """Ends the connection with `answer`, after the answers that are owed before it."""
        if self._deaf:
            return
        self._last_word = answer
        self._stop_reading()
        self._advance()

    def _stop_reading(self) -> None:
        """What else the client sends is not looked at; a request it has not sent whole is void."""
        unfinished = self._reader.unfinished
        if self._deaf or unfinished is None:
            self._deaf = True
            return
        self._deaf = True
        if unfinished.upload is not None:
            # Half a body must not look like a whole one to moto, whose answer there is none to.
            unfinished.upload.fail()
            self._last_word = None
        elif self._waiting and self._waiting[-1] is unfinished:
            self._waiting.pop()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._last_word is not None:
            self._exchange_for(RequestHead()).answer(self._last_word, body_taken=False)
        if self._peer_done or not self._transport.can_write_eof():
            self._transport.close()
        else:
            linger(self._transport)

    def _regulate(self) -> None:
        """Reads from the client only what there is room for."""
        transport = self._transport
        if transport.is_closing():
            return
        held_up = self._task is not None and bool(self._waiting)
        full = self._upload is not None and self._upload.full
        pause = held_up or full or not self._room.is_set()
        if pause and not self._reading_paused:
            transport.pause_reading()
        elif self._reading_paused and not pause:
            transport.resume_reading()
        self._reading_paused = pause
