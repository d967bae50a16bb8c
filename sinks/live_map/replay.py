"""The archive as the map shows the present: for the page's time slider.

A replay is as fast as its reader: the server writes no further than the reader has taken, so that
pausing is not reading, and leaving is closing the connection. It holds one object of each shard,
and one picture.
"""

import struct
from collections.abc import AsyncIterator
from typing import Final

import numpy as np

from fleet.reading import Reading
from sinks.archive_reader import ArchivedRecord, ArchiveReader
from sinks.live_map.documents import encode_end, encode_frame_json, encode_hello, encode_names
from sinks.live_map.frame import encode_frame
from sinks.live_map.intake import Intake
from sinks.live_map.picture import Picture

SECOND_MS: Final = 1_000
HEAD: Final = struct.Struct("<II")
"""Length and type of a message."""
TEXT: Final = 1
BINARY: Final = 2
ALIGNED: Final = 8
"""Lengths are multiples of it, so that columns stay aligned in the whole body."""


def packed_message(type_: int, payload: bytes) -> bytes:
    """A message of a replay's body. JSON may end in blanks."""
    payload += b" " * (-len(payload) % ALIGNED)
    return HEAD.pack(len(payload), type_) + payload


class Replay:
    """What was archived from `from_ms` to before `to_ms`, second by second of arrival."""

    def __init__(self, archive: ArchiveReader, from_ms: int, to_ms: int, *, as_json: bool) -> None:
        self._archive = archive
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._as_json = as_json
        self._picture = Picture()
        self._intake = Intake(self._picture)
        self._readings = 0
        self._named = 0

    async def body(self) -> AsyncIterator[bytes]:
        """The body, piece by piece; a piece is the news of one second. Raises FleetError when the
        archive cannot be read."""
        yield self._document(
            encode_hello(
                self._picture.feed,
                SECOND_MS,
                names_max=self._picture.unicorns_max,
                replay=True,
                from_ms=self._from_ms,
                to_ms=self._to_ms,
            )
        )
        second: list[ArchivedRecord] = []
        records = self._archive.records(self._from_ms, self._to_ms, with_errors=False)
        async for chunk in records:
            for record in chunk:
                if second and record.arrival_ms // SECOND_MS != second[0].arrival_ms // SECOND_MS:
                    yield self._news(second)
                    second = []
                second.append(record)
        if second:
            yield self._news(second)
        yield self._document(encode_end(self._readings, self._intake.hidden.as_dict()))

    def _news(self, second: list[ArchivedRecord]) -> bytes:
        readings: list[Reading] = []
        arrival_ms: list[int] = []
        for record in second:
            reading = self._intake.readable(record.data)
            if reading is not None:
                readings.append(reading)
                arrival_ms.append(record.arrival_ms)
        self._readings += len(readings)
        if readings:
            self._intake.show(readings, np.array(arrival_ms))
        end_ms = (second[0].arrival_ms // SECOND_MS + 1) * SECOND_MS
        tick = self._picture.tick(end_ms)
        still = self._picture.still(end_ms)
        frame = still.changes(tick.sequence - 1)
        if self._as_json:
            return self._document(encode_frame_json(frame, still.names))
        names = b""
        if tick.names:
            names = self._document(encode_names(tick.first_name, tick.names))
        return names + packed_message(BINARY, encode_frame(frame))

    def _document(self, document: bytes) -> bytes:
        return document + b"\n" if self._as_json else packed_message(TEXT, document)
