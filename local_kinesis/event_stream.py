"""The framing of SubscribeToShard's answer, `application/vnd.amazon.eventstream`.

A message is, big-endian: its length, the length of its headers, the CRC-32 of those two; headers;
payload; the CRC-32 of all before. Source: "Event stream encoding" of the Amazon Transcribe
developer guide, which is the same for all services; botocore's eventstream.py reads it.
"""

import struct
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final
from zlib import crc32

from local_kinesis.codec import Codec
from local_kinesis.errors import ServiceError
from local_kinesis.subscription import SubscriptionEvent

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"

_OVERHEAD_BYTES: Final = 16
_STRING: Final = 7


async def messages(
    events: AsyncGenerator[SubscriptionEvent, None], codec: Codec
) -> AsyncGenerator[bytes, None]:
    """The events of a subscription as messages; an error of the service is the last one."""
    yield _event("initial-response", codec, codec.encode({}))
    async with aclosing(events):
        try:
            async for event in events:
                yield _event("SubscribeToShardEvent", codec, codec.encode_event(event))
        except ServiceError as error:
            headers = {
                ":message-type": "exception",
                ":exception-type": error.kind,
                ":content-type": codec.CONTENT_TYPE,
            }
            yield message(headers, codec.encode_error(error))


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message."""
    fields = b"".join(_header(name, value) for name, value in headers.items())
    size = len(fields) + len(payload) + _OVERHEAD_BYTES
    prelude = struct.pack(">II", size, len(fields))
    checked = b"".join((prelude, struct.pack(">I", crc32(prelude)), fields, payload))
    return checked + struct.pack(">I", crc32(checked))


def _event(kind: str, codec: Codec, payload: bytes) -> bytes:
    headers = {
        ":message-type": "event",
        ":event-type": kind,
        ":content-type": codec.CONTENT_TYPE,
    }
    return message(headers, payload)


def _header(name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode("ascii"), value.encode("ascii")
    return struct.pack(
        f">B{len(name_bytes)}sBH{len(value_bytes)}s",
        len(name_bytes),
        name_bytes,
        _STRING,
        len(value_bytes),
        value_bytes,
    )
