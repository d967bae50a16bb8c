"""Puts records back on a stream, each once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from awsio.put_records import Ack, Entry, put_records
from awsio.retry import OnWait
from awsio.streams import summarize_stream
from fleet.errors import ConfigError
from sinks.dead_letter_log import StoredLetter
from wildrydes.dead_letters.marks import Identity, Marks, identity

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

CALL_RECORDS: Final = 100
CALL_BYTES: Final = 4 * 1024 * 1024


@dataclass(slots=True)
class Tally:
    """What a replay did, or would do. Counts of letters."""

    replayed: int = 0
    bytes: int = 0
    already: int = 0
    """Put back earlier."""
    left: dict[str, int] = field(default_factory=dict)
    """Reason -> how many were not put back for it."""
    streams: dict[str, int] = field(default_factory=dict)
    """Stream -> how many went there."""
    stopped: bool = False
    """Whether it was stopped before all were put back."""

    def leave(self, reason: str) -> None:
        """Counts one that is not put back."""
        self.left[reason] = self.left.get(reason, 0) + 1


ROW: Final = "a row that a pump or sink refused, not a record: find its record by shard and number"
PARTIAL: Final = "other rows of the record were used and would count twice (--partial puts it)"
IN_DOUBT: Final = (
    "an earlier replay was interrupted while it put them: look on the stream (--again)"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be put, and where."""

    stream: str | None = None
    """None: the stream that each came from."""
    partial: bool = False
    again: bool = False


def due(
    letters: Iterator[StoredLetter], marks: Marks, terms: Terms, tally: Tally
) -> Iterator[tuple[str, StoredLetter]]:
    """The letters to put back, each with its stream; the others are counted in `tally`.

    Raises ConfigError for one that does not say where it came from.
    """
    seen: set[Identity] = set()
    for stored in letters:
        if not stored.is_record:
            tally.leave(ROW)
        elif marks.is_replayed(stored) or identity(stored) in seen:
            tally.already += 1
        elif stored.letter.partial and not terms.partial:
            tally.leave(PARTIAL)
        elif marks.is_in_doubt(stored) and not terms.again:
            tally.leave(IN_DOUBT)
        else:
            seen.add(identity(stored))
            stream = terms.stream or stored.stream
            if not stream:
                raise ConfigError(
                    f"letter {stored.number} does not say which stream it came from",
                    remedy="name the stream with --stream",
                )
            yield stream, stored


def calls(
    letters: Iterator[tuple[str, StoredLetter]],
) -> Iterator[tuple[str, list[StoredLetter]]]:
    """Runs of letters of one stream, each small enough to be in doubt together."""
    chunk: list[StoredLetter] = []
    size, to = 0, ""
    for stream, stored in letters:
        length = len(stored.letter.data)
        if chunk and (stream != to or len(chunk) >= CALL_RECORDS or size + length > CALL_BYTES):
            yield to, chunk
            chunk, size = [], 0
        chunk.append(stored)
        size, to = size + length, stream
    if chunk:
        yield to, chunk


async def replay(
    chunks: Iterator[tuple[str, list[StoredLetter]]],
    client: "KinesisClient",
    marks: Marks,
    tally: Tally,
    stop: asyncio.Event,
    *,
    on_call: Callable[[Tally], None],
    on_wait: OnWait,
) -> None:
    """Puts chunk by chunk until all are put or `stop` is set; the chunk begun is ended.

    Raises ResourceMissing when there is no such stream.
    """
    known: set[str] = set()
    for stream, letters in chunks:
        if stop.is_set():
            tally.stopped = True
            return
        if stream not in known:
            # A stream that is not there must leave nothing in doubt.
            await summarize_stream(client, stream, on_wait=on_wait)
            known.add(stream)
        await _put(stream, letters, client, marks, tally, on_wait)
        on_call(tally)


async def _put(
    stream: str,
    letters: list[StoredLetter],
    client: "KinesisClient",
    marks: Marks,
    tally: Tally,
    on_wait: OnWait,
) -> None:
    marks.send(letters, stream)
    entries = [Entry(stored.letter.partition_key, stored.letter.data) for stored in letters]
    sent = {id(entry): stored for entry, stored in zip(entries, letters, strict=True)}
    landed: list[tuple[StoredLetter, Ack]] = []

    def note(entry: Entry, ack: Ack) -> None:
        landed.append((sent[id(entry)], ack))

    try:
        await put_records(client, stream, entries, on_wait=on_wait, on_ack=note)
    finally:
        marks.acknowledge(landed, stream)
        count(stream, [stored for stored, _ in landed], tally)


def count(stream: str, letters: Sequence[StoredLetter], tally: Tally) -> None:
    """Enters in the tally what was put, or would be."""
    tally.replayed += len(letters)
    tally.bytes += sum(len(stored.letter.data) for stored in letters)
    tally.streams[stream] = tally.streams.get(stream, 0) + len(letters)
