"""HTTP/2 by hand: a client that speaks it without TLS, and as slowly as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import h2.events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from tests.local_kinesis.wire import Reply

JSON = "application/x-amz-json-1.1"


@dataclass
class Arriving:
    """An answer as it comes."""

    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    interim: list[str] = field(default_factory=list)
    ended: bool = False
    reset: int | None = None


class Http2Client:
    """One connection. `greedy` gives the server room again for what has come; without it, what
    fits the first windows is all that comes.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.answers: dict[int, Arriving] = {}
        self.greedy = True
        self.goodbye: h2.events.ConnectionTerminated | None = None

    async def greet(self, window_bytes: int | None = None) -> None:
        self.h2.initiate_connection()
        if window_bytes is not None:
            self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window_bytes})
        await self.flush()

    def begin(self, headers: list[tuple[str, str]], *, end: bool = False) -> int:
        """Sends a request's head; returns its stream."""
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, headers, end_stream=end)
        self.answers[stream_id] = Arriving()
        return stream_id

    async def send_body(self, stream_id: int, body: bytes) -> None:
        """Sends a body as the server's windows allow."""
        while body:
            size = min(
                self.h2.local_flow_control_window(stream_id),
                self.h2.max_outbound_frame_size,
                len(body),
            )
            if size:
                self.h2.send_data(stream_id, body[:size])
                body = body[size:]
                await self.flush()
            else:
                await self.receive()
        self.h2.end_stream(stream_id)
        await self.flush()

    async def ask(self, operation: str, body: bytes = b"{}", content_type: str = JSON) -> int:
        """Sends a Kinesis request; returns its stream."""
        stream_id = self.begin(kinesis_headers(operation, content_type))
        await self.send_body(stream_id, body)
        return stream_id

    async def reply(self, stream_id: int) -> Reply:
        """Waits for the whole answer."""
        answer = self.answers[stream_id]
        while not answer.ended:
            assert answer.reset is None, answer
            await self.receive()
        return Reply(int(answer.headers[":status"]), answer.headers, bytes(answer.body))

    async def receive(self) -> None:
        """Takes in what comes next. Raises EOFError."""
        async with asyncio.timeout(60):
            data = await self.reader.read(65536)
        if not data:
            raise EOFError
        for event in self.h2.receive_data(data):
            self._take(event)
        await self.flush()

    async def until_end(self) -> None:
        """Takes in all there is until the server closes."""
        with suppress(EOFError):
            while True:
                await self.receive()

    async def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.InformationalResponseReceived():
                headers = dict(event.headers)
                self.answers[event.stream_id].interim.append(str(headers[":status"]))
            case h2.events.ResponseReceived():
                headers = {str(name): str(value) for name, value in event.headers}
                self.answers[event.stream_id].headers = headers
            case h2.events.DataReceived():
                self.answers[event.stream_id].body += event.data
                if self.greedy:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case h2.events.StreamEnded():
                self.answers[event.stream_id].ended = True
            case h2.events.StreamReset():
                self.answers[event.stream_id].reset = event.error_code
            case h2.events.ConnectionTerminated():
                self.goodbye = event


def kinesis_headers(operation: str, content_type: str = JSON) -> list[tuple[str, str]]:
    return [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "127.0.0.1"),
        ("x-amz-target", f"Kinesis_20131202.{operation}"),
        ("content-type", content_type),
    ]


@asynccontextmanager
async def http2_client(port: int, window_bytes: int | None = None) -> AsyncIterator[Http2Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        client = Http2Client(reader, writer)
        await client.greet(window_bytes)
        yield client
    finally:
        writer.close()
        await writer.wait_closed()
