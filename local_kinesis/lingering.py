"""How a connection ends of which the client has not yet read everything."""

import asyncio
from typing import Final

_LINGER_S: Final = 1.0


def linger(transport: asyncio.Transport) -> None:
    """Shows the client the end, and gives it a moment to close its side: closing while it still
    sends would reset the connection before it has read what it was told.
    """
    transport.write_eof()
    _abort_later(transport)


def _abort_later(transport: asyncio.Transport) -> None:
    asyncio.get_running_loop().call_later(_LINGER_S, _abort, transport)


def _abort(transport: asyncio.Transport) -> None:
    if transport.get_write_buffer_size():
        _abort_later(transport)
    else:
        transport.abort()
