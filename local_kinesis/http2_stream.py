"""One HTTP/2 stream: a request as it arrives, and the way back to its client."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from h2.connection import H2Connection
from h2.exceptions import ProtocolError

from fleet.clock import Clock
from local_kinesis.answer import Answer
from local_kinesis.exchange import Header
from local_kinesis.http_message import AnswerHeads, RequestHead
from local_kinesis.upload import Upload

_UNSENT_BYTES_MAX: Final = 64 * 1024
"""How much of an answer in pieces waits for the client before the next piece is asked for."""


class Http2Stream:
    """See exchange.Exchange. What it sends waits until `pump` finds that the client's windows are
    open; `changed` is called whenever there is more to send.
    """

    def __init__(
        self,
        stream_id: int,
        head: RequestHead,
        h2: H2Connection,
        heads: AnswerHeads,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self.id = stream_id
        self.head = head
        self.body: list[bytes] = []
        self.body_bytes = 0
        self.complete = False
        """Whether the request is there whole."""
        self.upload: Upload | None = None
        """Where the body goes instead when the request is forwarded."""
        self.owed_bytes = 0
        """How much of what came the client has not been given room for again."""
        self.last_data_s = 0.0
        self.task: asyncio.Task[None] | None = None
        self.unsent_bytes = 0
        self.begun = False
        """Whether the client has been sent anything of the answer."""
        self.over = False
        """Whether nothing more can be sent: all of it was, or the client has gone."""
        self._h2 = h2
        self._heads = heads
        self._clock = clock
        self._changed = changed
        self._unsent: deque[memoryview] = deque()
        self._ended = False
        self._room = asyncio.Event()
        self._room.set()

    @property
    def sending(self) -> bool:
        """Whether there is something to send."""
        return not self.over and (bool(self._unsent) or self._ended)

    def ask_for_body(self) -> None:
        """See Exchange."""
        if self.head.expects_continue:
            self.head.expects_continue = False
            self._send_headers([(b":status", b"100")], end_stream=False)

    def answer(self, answer: Answer, *, body_taken: bool = True) -> None:
        """See Exchange. A body that was not taken is refused by `Http2Connection`."""
        headers = self._heads.fields(answer.content_type, now_ms=self._clock.now_ms())
        headers.append((b"content-length", b"%d" % len(answer.body)))
        self.begin(answer.status, headers, delimited=True)
        if self.head.method != b"HEAD":
            self.send(answer.body)
        self.end()

    def begin(self, status: int, headers: Sequence[Header], *, delimited: bool) -> None:
        """See Exchange."""
        self.begun = True
        fields = [(name.lower(), value) for name, value in headers]
        self._send_headers([(b":status", b"%d" % status), *fields], end_stream=False)

    def begin_stream(self, content_type: str) -> None:
        """See Exchange."""
        headers = self._heads.fields(content_type, now_ms=self._clock.now_ms())
        self.begin(200, headers, delimited=True)

    def send(self, data: bytes) -> None:
        """See Exchange."""
        if data and not self.over:
            self._unsent.append(memoryview(data))
            self.unsent_bytes += len(data)
            if self.unsent_bytes > _UNSENT_BYTES_MAX:
                self._room.clear()
            self._changed()

    async def drained(self) -> None:
        """See Exchange."""
        await self._room.wait()

    def end(self) -> None:
        """See Exchange."""
        self._ended = True
        self._changed()

    def pump(self) -> bool:
        """Sends one frame; returns whether there is more that can be sent now."""
        try:
            window = min(
                self._h2.local_flow_control_window(self.id), self._h2.max_outbound_frame_size
            )
            if not self._unsent:
                self._h2.end_stream(self.id)
                self.give_up()
                return False
            if window <= 0:
                return False
            piece = self._unsent.popleft()
            data, rest = piece[:window], piece[window:]
            if rest:
                self._unsent.appendleft(rest)
            last = self._ended and not self._unsent
            self._h2.send_data(self.id, bytes(data), end_stream=last)
        except ProtocolError:
            self.give_up()
            return False
        self.unsent_bytes -= len(data)
        if self.unsent_bytes <= _UNSENT_BYTES_MAX:
            self._room.set()
        if last:
            self.give_up()
        return self.sending

    def give_up(self) -> None:
        """Sends nothing more."""
        self.over = True
        self._unsent.clear()
        self.unsent_bytes = 0
        self._room.set()

    def _send_headers(self, headers: list[Header], *, end_stream: bool) -> None:
        if self.over:
            return
        try:
            self._h2.send_headers(self.id, headers, end_stream=end_stream)
        except ProtocolError:
            # The client has reset the stream, or gone, and says so in the next event.
            self.give_up()
        self._changed()
