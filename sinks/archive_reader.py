"""Reads an archive back: the records of a range of time, in the order in which they arrived.

Whoever reads an archive reads it through here: manifests are followed, so that no record of a
compacted hour is seen twice or missed, also while it is being compacted.
"""

import heapq
from base64 import b64decode
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from fleet.errors import FleetError
from fleet.timestamp import timestamp_ms
from sinks.archive_arrivals import Arrivals
from sinks.archive_hour import ArchiveHour, RunPlace, list_hours, read_hour
from sinks.archive_object import lines_of
from sinks.archive_store import ArchiveStore

CHUNK_RECORDS: Final = 1000

_decode_error = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """A record as it was read from the stream."""

    shard_id: str
    sequence_number: str
    """Empty when the archive does not say (see `is_timed`)."""
    partition_key: str
    arrival_ms: int
    data: bytes
    is_reading: bool = True
    """Whether it is a JSON object; the other ones stand under errors/."""
    is_timed: bool = True
    """Whether the archive knows when it arrived: archives begun before arrivals were kept know the
    hour, and `arrival_ms` is a guess.
    """


class ArchiveReader:
    """Reads from a bucket, a folder or memory. Holds in memory one object of each shard."""

    def __init__(self, store: ArchiveStore) -> None:
        self._store = store

    async def hours(
        self, from_ms: int | None = None, to_ms: int | None = None
    ) -> AsyncIterator[ArchiveHour]:
        """The hours that overlap from `from_ms` to before `to_ms`, with what counts in them."""
        for hour_ms in await list_hours(self._store, from_ms, to_ms):
            hour = await read_hour(self._store, hour_ms)
            if hour.objects or hour.errors:
                yield hour

    async def records(
        self, from_ms: int | None = None, to_ms: int | None = None, *, with_errors: bool = True
    ) -> AsyncIterator[Sequence[ArchivedRecord]]:
        """The records that arrived from `from_ms` to before `to_ms`, by time of arrival and within
        a shard as they stood there, about a thousand at a time. Raises FleetError for objects that
        cannot be read.
        """
        chunk: list[ArchivedRecord] = []
        async for hour in self.hours(from_ms, to_ms):
            async for record in self._of_hour(hour, with_errors):
                if (from_ms is not None and record.arrival_ms < from_ms) or (
                    to_ms is not None and record.arrival_ms >= to_ms
                ):
                    continue
                chunk.append(record)
                if len(chunk) == CHUNK_RECORDS:
                    yield chunk
                    chunk = []
        if chunk:
            yield chunk

    async def counts(self, hour: ArchiveHour) -> tuple[int, int]:
        """How many readings and errors an hour has."""
        readings = errors = 0
        objects = _Objects(self._store, hour)
        for runs in hour.runs().values():
            for run in runs:
                if run.count is not None:
                    readings += run.count
                elif run.readings is not None:
                    readings += await objects.count(run)
                if run.errors is not None:
                    errors += len(await objects.error_lines(run.errors))
        return readings, errors

    async def _of_hour(self, hour: ArchiveHour, with_errors: bool) -> AsyncIterator[ArchivedRecord]:
        objects = _Objects(self._store, hour)
        feeds = [_Feed(objects, runs, with_errors) for runs in hour.runs().values()]
        heads: list[tuple[int, int]] = []
        for number, feed in enumerate(feeds):
            if await feed.fill():
                heapq.heappush(heads, (feed.records[0].arrival_ms, number))
        while heads:
            _, number = heads[0]
            feed = feeds[number]
            yield feed.records.popleft()
            if feed.records or await feed.fill():
                heapq.heapreplace(heads, (feed.records[0].arrival_ms, number))
            else:
                heapq.heappop(heads)


class _Feed:
    """The records of one shard in one hour, a run at a time."""

    def __init__(self, objects: "_Objects", runs: Sequence[RunPlace], with_errors: bool) -> None:
        self._objects = objects
        self._runs = deque(runs)
        self._with_errors = with_errors
        self._reached_ms = 0
        self.records: deque[ArchivedRecord] = deque()

    async def fill(self) -> bool:
        """Whether there are more records."""
        while not self.records and self._runs:
            run = self._runs.popleft()
            for record in await self._objects.records(run, with_errors=self._with_errors):
                # A guess may lie before what is known of the record before it.
                if not record.is_timed and record.arrival_ms < self._reached_ms:
                    record = replace(record, arrival_ms=self._reached_ms)
                self._reached_ms = record.arrival_ms
                self.records.append(record)
        return bool(self.records)


class _Objects:
    """The objects of one hour. What goes because it is being compacted is found where it is now."""

    def __init__(self, store: ArchiveStore, hour: ArchiveHour) -> None:
        self._store = store
        self._hour = hour
        self._open: dict[str, tuple[str, list[bytes], Arrivals | None]] = {}

    async def count(self, run: RunPlace) -> int:
        """How many readings a run has that is alone in its object."""
        if run.arrivals is not None and (body := await self._store.get(run.arrivals)) is not None:
            return sum(len(arrivals) for arrivals in _arrivals(body, run.arrivals))
        return len((await self._readings(run))[0])

    async def records(self, run: RunPlace, *, with_errors: bool) -> list[ArchivedRecord]:
        """The records of a run, in order."""
        readings: list[ArchivedRecord] = []
        if run.readings is not None:
            lines, arrivals = await self._readings(run)
            readings = _timed(run, lines, arrivals)
        if run.errors is None or not with_errors:
            return readings
        return _merged(readings, await self.error_lines(run.errors), run.errors)

    async def error_lines(self, key: str) -> list[bytes]:
        """The lines of an object of errors."""
        body = await self._store.get(key)
        if body is None:
            raise FleetError(f"{key} has gone from {self._store.where} while it was read")
        return lines_of(body, key)

    async def _readings(self, run: RunPlace) -> tuple[list[bytes], Arrivals | None]:
        assert run.readings is not None
        found = await self._opened(run.shard_id, run.readings)
        if found is None:
            run = await self._moved(run)
            assert run.readings is not None
            found = await self._opened(run.shard_id, run.readings)
            if found is None:
                raise FleetError(f"{run.readings} has gone from {self._store.where}")
        lines, arrivals = found
        end = len(lines) if run.count is None else run.skip + run.count
        if arrivals is not None:
            arrivals = arrivals.part(run.skip, end)
        return lines[run.skip : end], arrivals

    async def _opened(self, shard_id: str, key: str) -> tuple[list[bytes], Arrivals | None] | None:
        """An object's lines and their arrivals. One of each shard is kept: the runs of a compacted
        object are read one after the other.
        """
        if shard_id in self._open and self._open[shard_id][0] == key:
            return self._open[shard_id][1:]
        # Arrivals first, since a compaction deletes them last: none beside an object that is there
        # means that it never had them.
        arrivals = await self._arrivals_of(key)
        body = await self._store.get(key)
        if body is None:
            return None
        if key.endswith(".parquet"):
            from sinks.archive_parquet import read_table, readings_of

            lines, arrivals = readings_of(read_table(body, key), key)
        else:
            lines = lines_of(body, key)
        if arrivals is not None and len(arrivals) != len(lines):
            raise FleetError(
                f"{key} in {self._store.where} has {len(lines)} readings, and their arrivals "
                f"are {len(arrivals)}"
            )
        self._open[shard_id] = (key, lines, arrivals)
        return lines, arrivals

    async def _arrivals_of(self, key: str) -> Arrivals | None:
        arrivals_at = RunPlace("", "", 0, key).arrivals
        body = None if arrivals_at is None else await self._store.get(arrivals_at)
        if body is None or arrivals_at is None:
            return None
        parts = _arrivals(body, arrivals_at)
        whole = Arrivals.none(parts[0].shard_id if parts else "")
        for part in parts:
            whole.extend(part)
        return whole

    async def _moved(self, run: RunPlace) -> RunPlace:
        hour = await read_hour(self._store, self._hour.start_ms)
        for other in hour.runs().get(run.shard_id, []):
            if other.first_sequence_number == run.first_sequence_number and other.readings:
                return other
        raise FleetError(
            f"{run.readings} has gone from {self._store.where}, and no manifest says where to",
            remedy="was it deleted by hand or by a lifecycle rule?",
        )


def _timed(
    run: RunPlace, lines: Sequence[bytes], arrivals: Arrivals | None
) -> list[ArchivedRecord]:
    if arrivals is None:
        return [
            ArchivedRecord(run.shard_id, "", "", run.start_ms, line, is_timed=False)
            for line in lines
        ]
    return [
        ArchivedRecord(run.shard_id, number, key, arrival_ms, line)
        for line, number, arrival_ms, key in zip(
            lines,
            arrivals.sequence_numbers,
            arrivals.arrivals_ms,
            arrivals.partition_keys,
            strict=True,
        )
    ]


def _merged(
    readings: list[ArchivedRecord], error_lines: Sequence[bytes], key: str
) -> list[ArchivedRecord]:
    """Each error back at its place among the records of its run."""
    for line in error_lines:
        try:
            wrapped = _decode_error(line)
            record = ArchivedRecord(
                wrapped["shard_id"],
                wrapped["sequence_number"],
                wrapped["partition_key"],
                timestamp_ms(wrapped["arrival"]),
                b64decode(wrapped["data_base64"]),
                is_reading=False,
            )
            readings.insert(wrapped["index"], record)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise FleetError(f"{key} has a line that is no record: {error!r}") from None
    return readings


def _arrivals(body: bytes, key: str) -> list[Arrivals]:
    lines = lines_of(body, key)
    try:
        return [Arrivals.from_line(line) for line in lines]
    except FleetError as error:
        raise FleetError(f"{key}: {error}") from None
