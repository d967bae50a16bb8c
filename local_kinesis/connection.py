"""One client's HTTP/1.1 connection: any number of requests, pipelined or not, answered in their
order.

A Kinesis request is answered within the call that brought its last byte: no task, no queue. A
request for moto is a task, and what comes after it waits. Nothing grows without bound: while
answers are not taken, or requests wait, the client is not read from.
"""

import asyncio
import logging
from collections import deque
from typing import Final, cast

from local_kinesis.forwarder import Truncated
from local_kinesis.gateway import Gateway
from local_kinesis.http_message import CONTINUE, AnswerHeads, RequestHead
from local_kinesis.request_reader import Incoming, Refused, RequestReader
from local_kinesis.service import Answer
from local_kinesis.upload import Upload

logger = logging.getLogger(__name__)

_STALL_S: Final = 60.0
_LINGER_S: Final = 1.0


class Connection(asyncio.Protocol):
    """The server's side of one connection. Is in `connections` while it is open."""

    def __init__(
        self, gateway: Gateway, heads: AnswerHeads, connections: "set[Connection]"
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
        self._forwarding: asyncio.Task[bool] | None = None
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
        self._stop_reading()
        return self.busy

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        self._deaf = True
        self._waiting.clear()
        self._room.set()
        if self._forwarding is not None:
            self._forwarding.cancel()
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._room.clear()
        self._regulate()

    def resume_writing(self) -> None:
        self._room.set()
        self._advance()

    # What the endpoint and the forwarder call.

    @property
    def busy(self) -> bool:
        """Whether an answer is owed."""
        return self._forwarding is not None or bool(self._waiting)

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

    def send(self, data: bytes) -> None:
        """See forwarder.Client."""
        self._transport.write(data)

    async def drained(self) -> None:
        """See forwarder.Client."""
        await self._room.wait()

    def send_answer(self, head: RequestHead, answer: Answer, *, keep_alive: bool) -> None:
        """See forwarder.Client."""
        first = self._heads.write(
            answer.status,
            answer.content_type,
            len(answer.body),
            keep_alive=keep_alive,
            now_ms=self._gateway.service.clock.now_ms(),
        )
        self._transport.writelines((first,) if head.method == b"HEAD" else (first, answer.body))

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
        while waiting and self._forwarding is None and self._room.is_set():
            incoming = waiting[0]
            if incoming.upload is not None:
                waiting.popleft()
                self._forward(incoming.head, incoming.upload)
            elif incoming.complete:
                waiting.popleft()
                self._answer(incoming)
            else:
                self._ask_for_body(incoming.head)
                break
        if self._deaf and not self.busy:
            self._end()
        self._regulate()

    def _answer(self, incoming: Incoming) -> None:
        head = incoming.head
        answer = self._gateway.answer(head, b"".join(incoming.body))
        self.send_answer(head, answer, keep_alive=head.keep_alive)
        if not head.keep_alive:
            self._stop_reading()
            self._waiting.clear()

    def _ask_for_body(self, head: RequestHead) -> None:
        if head.expects_continue:
            head.expects_continue = False
            self._transport.write(CONTINUE)

    def _forward(self, head: RequestHead, upload: Upload) -> None:
        self._upload = upload
        self._forwarding = self._loop.create_task(self._gateway.forward(head, upload, self))
        self._forwarding.add_done_callback(self._forwarded)

    def _forwarded(self, task: "asyncio.Task[bool]") -> None:
        self._forwarding = self._upload = None
        if task.cancelled():
            self._transport.abort()
        elif (error := task.exception()) is not None:
            if not isinstance(error, Truncated):
                logger.error("forwarding to moto failed", exc_info=error)
            self._transport.abort()
        else:
            if not task.result():
                self._stop_reading()
                self._waiting.clear()
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
            self.send_answer(RequestHead(), self._last_word, keep_alive=False)
        if self._peer_done or not self._transport.can_write_eof():
            self._transport.close()
        else:
            # Closing while the client still sends would reset the connection before the client has
            # read the answer: it is shown the end, and has a moment to close its side.
            self._transport.write_eof()
            self._loop.call_later(_LINGER_S, self._stop_lingering)

    def _stop_lingering(self) -> None:
        if self._transport.get_write_buffer_size():
            self._loop.call_later(_LINGER_S, self._stop_lingering)
        else:
            self._transport.abort()

    def _regulate(self) -> None:
        """Reads from the client only what there is room for."""
        transport = self._transport
        if transport.is_closing():
            return
        held_up = self._forwarding is not None and bool(self._waiting)
        full = self._upload is not None and self._upload.full
        pause = held_up or full or not self._room.is_set()
        if pause and not self._reading_paused:
            transport.pause_reading()
        elif self._reading_paused and not pause:
            transport.resume_reading()
        self._reading_paused = pause
