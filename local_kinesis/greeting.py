"""The first bytes of a connection: HTTP/2 with prior knowledge says so, all else is HTTP/1.1."""

import asyncio

from local_kinesis.connection import Connection
from local_kinesis.gateway import Gateway
from local_kinesis.http2_connection import Http2Connection
from local_kinesis.http2_protocol import PREFACE
from local_kinesis.http_message import AnswerHeads
from local_kinesis.open_connections import OpenConnection

_TELLING = len(b"PRI ")
"""After so many bytes of the preface it can be nothing else: no method is called PRI."""


class Greeting(asyncio.Protocol):
    """Hands a connection over to who speaks its protocol. Is in `connections` until then."""

    def __init__(
        self, gateway: Gateway, heads: AnswerHeads, connections: set[OpenConnection]
    ) -> None:
        self._gateway = gateway
        self._heads = heads
        self._connections = connections
        self._seen = b""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        telling = self._seen[:_TELLING]
        if PREFACE.startswith(telling) and len(telling) < _TELLING:
            return
        speaker = Http2Connection if PREFACE.startswith(telling) else Connection
        protocol = speaker(self._gateway, self._heads, self._connections)
        self._connections.discard(self)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(self._seen)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        self.closed.set_result(None)

    # What the endpoint calls.

    def check_stall(self) -> None:
        """See OpenConnection. A client may be silent for as long as it likes."""

    def finish(self) -> None:
        """See OpenConnection."""
        self._transport.close()

    def abort(self) -> None:
        """See OpenConnection."""
        self.finish()
