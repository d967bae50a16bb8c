"""How a viewer is spoken to: the same news as websocket messages, as lines of JSON or as
server-sent events."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_TEXT, _BINARY, _CLOSE = 0x81, 0x82, 0x88

GOING_AWAY: Final = 1001
POLICY: Final = 1008
ANOTHER_VERSION: Final = 4400
SESSION_OVER: Final = 4401


@dataclass(frozen=True, slots=True)
class Speech:
    """One way of putting news on the wire."""

    is_binary: bool
    """Whether frames go as bytes; else they are documents too."""
    document: Callable[[bytes, bytes, bytes], bytes]
    """`(type, document, token) -> bytes`; the token is what the viewer may resume from."""
    frame: Callable[[bytes], bytes]
    farewell: Callable[[int], bytes]
    """What ends the conversation politely, for a websocket's close code."""


def websocket_message(first_byte: int, payload: bytes) -> bytes:
    """RFC 6455, section 5.2: an unfragmented, unmasked message of a server."""
    size = len(payload)
    if size < 126:
        return bytes((first_byte, size)) + payload
    if size < 65_536:
        return struct.pack(">BBH", first_byte, 126, size) + payload
    return struct.pack(">BBQ", first_byte, 127, size) + payload


def http_chunk(payload: bytes) -> bytes:
    """RFC 9112, section 7.1."""
    return b"%x\r\n%b\r\n" % (len(payload), payload)


def websocket_text(_type: bytes, document: bytes, _token: bytes) -> bytes:
    """A document as a message."""
    return websocket_message(_TEXT, document)


def websocket_binary(frame: bytes) -> bytes:
    """A frame as a message."""
    return websocket_message(_BINARY, frame)


def websocket_farewell(code: int) -> bytes:
    """RFC 6455, section 5.5.1."""
    return websocket_message(_CLOSE, struct.pack(">H", code))


def http_line(_type: bytes, document: bytes, _token: bytes) -> bytes:
    """A document as a line, a chunk of a response without end."""
    return http_chunk(document + b"\n")


def http_event(type_: bytes, document: bytes, token: bytes) -> bytes:
    """A document as a server-sent event (HTML standard, section 9.2.6). JSON has no line breaks."""
    return http_chunk(b"event: %b\nid: %b\ndata: %b\n\n" % (type_, token, document))


def http_farewell(_code: int) -> bytes:
    """The last chunk."""
    return b"0\r\n\r\n"


def _no_frames(_frame: bytes) -> bytes:
    raise AssertionError("frames are documents here")


FRAMES: Final = Speech(True, websocket_text, websocket_binary, websocket_farewell)
"""What the page understands."""
MESSAGES: Final = Speech(False, websocket_text, _no_frames, websocket_farewell)
LINES: Final = Speech(False, http_line, _no_frames, http_farewell)
EVENTS: Final = Speech(False, http_event, _no_frames, http_farewell)
