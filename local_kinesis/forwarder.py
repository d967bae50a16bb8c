"""What is not Kinesis goes through to moto, byte by byte, in both directions at once.

Each request gets a connection of its own: moto's server closes it after every answer anyway, and a
request that may not be sent twice is never caught on a connection that is just being closed. The
client's own connection stays. Bodies are never held whole.
"""

import asyncio
from contextlib import suppress
from typing import Final

from httptools import HttpParserError, HttpResponseParser

from local_kinesis.answer import Answer
from local_kinesis.exchange import Exchange, Header, Truncated
from local_kinesis.faults.forwarded import error_answer
from local_kinesis.http_message import HEAD_BYTES_MAX, RequestHead
from local_kinesis.moto_server import MotoServer, MotoUnavailable
from local_kinesis.upload import Upload, UploadBroken

_CHUNK_BYTES: Final = 64 * 1024
_HOP_BY_HOP: Final = frozenset(
    (
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Headers that concern one connection, not the request. Source: RFC 9110, 7.6.1."""


class Forwarder:
    """Sends requests on to moto."""

    def __init__(self, moto: MotoServer) -> None:
        self._moto = moto

    async def forward(self, head: RequestHead, upload: Upload, exchange: Exchange) -> None:
        """Has one request answered. Raises Truncated when the client can only be told by cutting
        its answer off.
        """
        try:
            host, port = await self._moto.address()
            reader, writer = await asyncio.open_connection(host, port, limit=HEAD_BYTES_MAX)
        except (MotoUnavailable, OSError) as error:
            exchange.answer(_unavailable(head, 503, str(error)), body_taken=False)
            return
        exchange.ask_for_body()
        sending = asyncio.create_task(_send(head, upload, writer))
        response = _Response(head)
        try:
            await response.relay(reader, exchange)
        except (EOFError, asyncio.LimitOverrunError, ConnectionError, HttpParserError) as error:
            if upload.broken or response.begun:
                raise Truncated from error
            message = "moto did not answer as it should; should it have ended, it is started anew"
            exchange.answer(_unavailable(head, 502, message), body_taken=False)
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            upload.discard()
            writer.close()


async def _send(head: RequestHead, upload: Upload, writer: asyncio.StreamWriter) -> None:
    """The request to moto, as the client sent it but for what concerned its own connection."""
    lines = [b"%s %s HTTP/1.1" % (head.method, head.url)]
    lines += [
        b"%s: %s" % (name, value) for name, value in head.headers if name.lower() not in _HOP_BY_HOP
    ]
    lines.append(b"Connection: close")
    if head.chunked:
        lines.append(b"Transfer-Encoding: chunked")
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    try:
        while data := await upload.read():
            writer.write(b"%x\r\n%s\r\n" % (len(data), data) if head.chunked else data)
            await writer.drain()
        if head.chunked:
            writer.write(b"0\r\n\r\n")
        await writer.drain()
    except UploadBroken:
        # moto must not take half a body for a whole one.
        writer.transport.abort()
    except ConnectionError:
        # moto may answer without reading everything: what it has to say is read all the same.
        upload.discard()


class _Response:
    """moto's answer on its way to the client.

    Its end is found by parsing: to wait for moto to close the connection would cost each request
    the 10 ms for which moto's server lingers.
    """

    def __init__(self, head: RequestHead) -> None:
        self._asked = head
        self._parser = HttpResponseParser(self)
        self._headers: list[Header] = []
        self._pieces: list[bytes] = []
        self._complete = False
        self._delimited = False
        self.begun = False
        """Whether the client has seen anything of it."""

    async def relay(self, reader: asyncio.StreamReader, exchange: Exchange) -> None:
        """Passes it on. Raises EOFError when moto stops before its end."""
        while True:
            self._parser.feed_data(await reader.readuntil(b"\r\n\r\n"))
            if self._is_final():
                break
            self._headers.clear()
        self.begun = True
        exchange.begin(self._parser.get_status_code(), self._headers, delimited=self._delimited)
        bodiless = self._asked.method == b"HEAD"
        while not (bodiless or self._complete):
            data = await reader.read(_CHUNK_BYTES)
            if data:
                self._parser.feed_data(data)
                exchange.send(b"".join(self._pieces))
                self._pieces.clear()
                await exchange.drained()
            elif self._delimited:
                raise EOFError
            else:
                break
        exchange.end()

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        lowered = name.lower()
        if lowered in (b"content-length", b"transfer-encoding"):
            self._delimited = True
        if lowered not in _HOP_BY_HOP:
            self._headers.append((name, value))

    def on_body(self, data: bytes) -> None:
        self._pieces.append(data)

    def on_message_complete(self) -> None:
        # An interim answer such as 100 is a message too.
        if self._is_final():
            self._complete = self._delimited = True

    def _is_final(self) -> bool:
        return bool(self._parser.get_status_code() >= 200)


def _unavailable(head: RequestHead, status: int, message: str) -> Answer:
    return error_answer(head, status, "ServiceUnavailable", message)
