"""One client's HTTP/2 connection, in clear text: many requests at once, each answered when it can
be.

The library keeps the protocol's state; here is what it leaves open: who answers, and that nothing
grows without bound. A client may send as much as its windows allow, and they open again as bodies
are taken; it may ask for as much as it likes, but requests wait while it does not take answers.
"""

import asyncio
import logging
from collections import deque
from functools import partial
from typing import Final, cast

from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError
from hyperframe.frame import GoAwayFrame

from local_kinesis.answer import Answer
from local_kinesis.exchange import Truncated, deliver
from local_kinesis.gateway import BODY_BYTES_MAX, Gateway
from local_kinesis.http2_protocol import Http2Protocol, request_head
from local_kinesis.http2_stream import Http2Stream
from local_kinesis.http_message import AnswerHeads
from local_kinesis.lingering import linger
from local_kinesis.open_connections import OpenConnection
from local_kinesis.request_reader import Refused
from local_kinesis.upload import Upload

logger = logging.getLogger(__name__)

_HELD_BYTES_MAX: Final = 32 * 1024 * 1024
"""Of bodies, and as much of answers."""
_STALL_S: Final = 60.0


class Http2Connection(asyncio.Protocol):
    """The server's side of one connection. Is in `connections` while it is open."""

    def __init__(
        self, gateway: Gateway, heads: AnswerHeads, connections: set[OpenConnection]
    ) -> None:
        self._gateway = gateway
        self._heads = heads
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._h2 = Http2Protocol()
        self._streams: dict[int, Http2Stream] = {}
        self._ready: deque[Http2Stream] = deque()
        """Requests that are there whole and wait until the client has taken more answers."""
        self._held_bytes = 0
        self._newest_id = 0
        self._finishing = False
        self._ended = False
        self._writable = True
        self._pumping = False
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods and not the class.
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)
        self._h2.greet()
        self._flush()

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        try:
            events = self._h2.receive_data(data)
        except ProtocolError:
            # The library has put what is wrong into a GOAWAY.
            self._flush()
            self._end()
            return
        for event in events:
            self._handle(event)
        self._pump()

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        for stream in list(self._streams.values()):
            self._drop(stream)
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._writable = False
        # Whoever does not read must not make us write: acknowledgements, if nothing else.
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._writable = True
        if not self._transport.is_closing():
            self._transport.resume_reading()
        self._pump()

    # What the endpoint calls.

    def check_stall(self) -> None:
        """Refuses requests of which half came and then nothing more."""
        now_s = self._loop.time()
        for stream in list(self._streams.values()):
            waiting = not stream.complete and not stream.owed_bytes and not stream.over
            if waiting and now_s - stream.last_data_s > _STALL_S:
                self._refuse(stream, Refused(408, "RequestTimeout", "half a request came").answer)
        self._pump()

    def finish(self) -> None:
        """Takes no more requests, and ends when those that came are answered."""
        self._finishing = True
        # The library's own close_connection() would let nothing more be sent.
        self._transport.write(GoAwayFrame(0, last_stream_id=self._newest_id).serialize())
        self._pump()

    def abort(self) -> None:
        """Ends it now."""
        self._transport.abort()

    # Requests.

    def _handle(self, event: Event) -> None:
        match event:
            case RequestReceived():
                self._begin(event)
            case DataReceived():
                self._take(event)
            case StreamEnded():
                self._complete(self._streams.get(event.stream_id))
            case StreamReset():
                if stream := self._streams.get(event.stream_id):
                    self._drop(stream)
            case ConnectionTerminated():
                self._finishing = True

    def _begin(self, event: RequestReceived) -> None:
        assert event.stream_id is not None
        assert event.headers is not None
        if self._finishing:
            self._reset(event.stream_id, ErrorCodes.REFUSED_STREAM)
            return
        head = request_head(event.headers)
        stream = Http2Stream(
            event.stream_id,
            head,
            self._h2,
            self._heads,
            self._gateway.service.clock,
            self._send_soon,
        )
        stream.last_data_s = self._loop.time()
        self._newest_id = event.stream_id
        self._streams[stream.id] = stream
        if not self._gateway.forwards(head):
            if (head.content_length or 0) > BODY_BYTES_MAX:
                self._refuse(stream, _too_large())
            else:
                stream.ask_for_body()
            return
        # Without a length, moto is told the end of the body by the last chunk.
        head.chunked = head.content_length is None and event.stream_ended is None
        stream.upload = Upload(partial(self._credit, stream))
        self._run(stream)

    def _take(self, event: DataReceived) -> None:
        assert event.flow_controlled_length is not None
        stream = self._streams.get(event.stream_id)
        if stream is None:
            self._acknowledge(event.flow_controlled_length, event.stream_id)
            return
        stream.last_data_s = self._loop.time()
        stream.owed_bytes += event.flow_controlled_length
        if stream.upload is not None:
            stream.upload.feed(event.data)
            if not stream.upload.full:
                self._credit(stream)
            return
        if not stream.over:
            stream.body.append(event.data)
            stream.body_bytes += len(event.data)
            self._held_bytes += len(event.data)
            if stream.body_bytes > BODY_BYTES_MAX:
                self._refuse(stream, _too_large())
        self._credit_bodies()

    def _credit_bodies(self) -> None:
        """Lets clients go on with bodies; the oldest always, so that there is always one that comes
        to its end.
        """
        first = True
        for stream in list(self._streams.values()):
            if stream.complete or stream.upload is not None:
                continue
            if stream.owed_bytes and (first or self._held_bytes < _HELD_BYTES_MAX):
                self._credit(stream)
            first = False

    def _credit(self, stream: Http2Stream) -> None:
        owed_bytes, stream.owed_bytes = stream.owed_bytes, 0
        if owed_bytes and stream.id in self._streams:
            self._acknowledge(owed_bytes, stream.id)
            self._send_soon()

    def _acknowledge(self, size: int, stream_id: int) -> None:
        try:
            self._h2.acknowledge_received_data(size, stream_id)
        except ProtocolError:
            # The connection is ending.
            return

    def _complete(self, stream: Http2Stream | None) -> None:
        if stream is None:
            return
        stream.complete = True
        if stream.upload is not None:
            stream.upload.end()
        elif not stream.over and not stream.begun:
            self._ready.append(stream)

    def _answer(self, stream: Http2Stream) -> None:
        body = b"".join(stream.body)
        self._release(stream)
        reply = self._gateway.answer(stream.head, body)
        if isinstance(reply, Answer):
            stream.answer(reply)
        else:
            stream.task = self._loop.create_task(deliver(reply, stream))
            stream.task.add_done_callback(partial(self._ran, stream))

    def _run(self, stream: Http2Stream) -> None:
        assert stream.upload is not None
        stream.task = self._loop.create_task(
            self._gateway.forward(stream.head, stream.upload, stream)
        )
        stream.task.add_done_callback(partial(self._ran, stream))

    def _ran(self, stream: Http2Stream, task: "asyncio.Task[None]") -> None:
        stream.task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            if not isinstance(error, Truncated):
                logger.error("an answer could not be finished", exc_info=error)
            self._reset(stream.id, ErrorCodes.INTERNAL_ERROR)
            self._drop(stream)
        self._send_soon()

    def _refuse(self, stream: Http2Stream, answer: Answer) -> None:
        """Answers at once; what else comes of the request is thrown away."""
        self._release(stream)
        if not stream.begun:
            stream.answer(answer)

    def _release(self, stream: Http2Stream) -> None:
        self._held_bytes -= stream.body_bytes
        stream.body_bytes = 0
        stream.body.clear()

    def _drop(self, stream: Http2Stream) -> None:
        """The client has gone, or has all of its answer."""
        self._release(stream)
        self._credit(stream)
        self._streams.pop(stream.id, None)
        stream.give_up()
        if stream.upload is not None and not stream.complete:
            stream.upload.fail()
        if stream.task is not None:
            stream.task.cancel()

    def _reset(self, stream_id: int, code: ErrorCodes) -> None:
        try:
            self._h2.reset_stream(stream_id, code)
        except ProtocolError:
            # It is closed already.
            return

    # Answers.

    def _send_soon(self) -> None:
        """What changed outside of `data_received` is sent in the same turn of the loop."""
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Answers what can be answered, and sends what the client has room for: each answer in its
        turn, a frame at a time.
        """
        self._pumping = True
        sending = deque(stream for stream in self._streams.values() if stream.sending)
        while True:
            while self._writable and sending:
                stream = sending.popleft()
                if stream.pump():
                    sending.append(stream)
                self._flush()
            unsent_bytes = sum(stream.unsent_bytes for stream in self._streams.values())
            if not self._ready or unsent_bytes > _HELD_BYTES_MAX:
                break
            stream = self._ready.popleft()
            if stream.id in self._streams:
                self._answer(stream)
                if stream.sending:
                    sending.append(stream)
        for stream in list(self._streams.values()):
            if stream.over and stream.task is None:
                if not stream.complete:
                    # The answer is whole without the rest of the request. Source: RFC 9113, 8.1.
                    self._reset(stream.id, ErrorCodes.NO_ERROR)
                self._drop(stream)
        self._credit_bodies()
        self._flush()
        self._pumping = False
        if self._finishing and not self._streams:
            self._end()

    def _end(self) -> None:
        if not self._ended and not self._transport.is_closing():
            self._ended = True
            linger(self._transport)

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and not self._ended and not self._transport.is_closing():
            self._transport.write(data)


def _too_large() -> Answer:
    message = f"the body of a request may have {BODY_BYTES_MAX >> 20} MiB"
    return Refused(413, "RequestEntityTooLargeException", message).answer
