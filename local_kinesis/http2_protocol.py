"""What the h2 package is told to do, and the one thing it is kept from doing."""

from collections.abc import Iterable
from typing import Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, Event
from h2.settings import SettingCodes, Settings
from hyperframe.frame import Frame, GoAwayFrame

from local_kinesis.exchange import Header
from local_kinesis.http_message import RequestHead

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client says first. Source: RFC 9113, 3.4."""

_STREAMS_MAX: Final = 256
_WINDOW_BYTES: Final = 256 * 1024
_DEFAULT_WINDOW_BYTES: Final = 65_535


class Http2Protocol(H2Connection):
    """The server's state of one connection."""

    def __init__(self) -> None:
        super().__init__(H2Configuration(client_side=False, header_encoding=None))
        self.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS_MAX,
                SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW_BYTES,
            },
        )

    def greet(self) -> None:
        """Says what a client may do."""
        self.initiate_connection()
        # Few large frames cost less than many; holds from the client's acknowledgement on.
        self.update_settings({SettingCodes.MAX_FRAME_SIZE: _WINDOW_BYTES})
        # All streams' windows together, so that one that must wait holds up no other.
        self.increment_flow_control_window(_STREAMS_MAX * _WINDOW_BYTES - _DEFAULT_WINDOW_BYTES)

    def _receive_goaway_frame(self, frame: GoAwayFrame) -> tuple[list[Frame], list[Event]]:
        """The library takes a GOAWAY for the end of everything and refuses what comes after it. It
        only announces that its sender will begin nothing more, and Node's client sends it while it
        waits for answers. Source: RFC 9113, 6.8.
        """
        return [], [ConnectionTerminated()]


def request_head(headers: Iterable[Header]) -> RequestHead:
    """A request's pseudo-headers and headers, as HTTP/1.1 has them."""
    head = RequestHead()
    for name, value in headers:
        match name:
            case b":method":
                head.method = value
            case b":path":
                head.url = value
            case b":authority":
                head.add(b"Host", value)
            case b":scheme":
                continue
            case _:
                head.add(name, value)
    return head
