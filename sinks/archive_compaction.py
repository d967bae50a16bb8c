"""Makes the many small objects of an hour few big ones. It may be killed at any step, and readers
may read at any moment.

The order makes it so:

1. the compacted objects are put, under names that no reader knows yet;
2. the manifest is put, in one step and only if nobody else changed it: from here on the compacted
   objects count, and those that they stand for do not;
3. the links are put, for readers that follow those (sinks/archive_links.py);
4. what does not count any more is deleted.

Killed before 2, an hour is as it was, with objects that nobody reads; the next compaction makes the
same ones again. Killed after it, the next one does what is left. A compacted object of JSON is
the GZIP files that it stands for, one after the other, which are one GZIP file (RFC 1952, 2.2).
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fleet.errors import FleetError
from sinks.archive_arrivals import Arrivals
from sinks.archive_hour import ArchiveHour, RunPlace, arrivals_key, read_hour
from sinks.archive_layout import (
    ARRIVALS,
    COMPACTED,
    COMPACTED_ARRIVALS,
    JSON_SUFFIX,
    PARQUET_SUFFIX,
    ObjectName,
    manifest_key,
    place,
)
from sinks.archive_links import link_hour
from sinks.archive_manifest import CompactedObject, CompactedRun, Manifest
from sinks.archive_object import compressed, lines_of
from sinks.archive_store import ArchiveStore, StoredObject

if TYPE_CHECKING:
    import pyarrow as pa

OBJECT_BYTES: Final = 64 * 1024 * 1024
"""Compressed. Engines that read Parquet from S3 like objects of 64 MiB and more."""
ORPHAN_MS: Final = 24 * 3_600_000
"""After this time an object that no manifest names is not one that is just being made."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was done with an hour."""

    objects_before: int
    objects_after: int
    deleted: int
    """Objects, those of arrivals included."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One run that is to go into a compacted object."""

    run: RunPlace
    size_bytes: int
    origin: str
    """The object of readings that it was archived as."""
    offset: int = 0
    """Where its bytes begin, in a compacted object."""
    place: int = 0
    """Which of the runs of that object it is."""
    has_arrivals: bool = True
    """Archives that were begun before arrivals were kept go on with them: never in one object."""


class Compaction:
    """Compacts the hours of one archive."""

    def __init__(
        self, store: ArchiveStore, *, object_bytes: int = OBJECT_BYTES, keep_originals: bool = False
    ) -> None:
        self._store = store
        self._object_bytes = object_bytes
        self._keep_originals = keep_originals
        self._fetched: dict[str, tuple[str, bytes]] = {}

    async def compact(self, hour_ms: int, now_ms: int) -> Compacted:
        """Compacts one hour, or finishes what was begun; `now_ms` tells old leavings from what
        somebody is just making. Raises FleetError when another compaction was quicker.
        """
        hour = await read_hour(self._store, hour_ms)
        kept: list[CompactedObject] = []
        made: list[CompactedObject] = []
        arrivals = {item.key for item in await self._arrivals_objects(hour_ms)}
        for shard_id, pieces in _pieces(hour, arrivals).items():
            present = [item for item in hour.manifest.objects if item.shard_id == shard_id]
            groups = list(_groups(pieces, self._object_bytes))
            objects = {piece.run.readings for piece in pieces}
            if len(groups) >= len(objects):
                kept += present
                continue
            made += [await self._put(hour_ms, shard_id, group) for group in groups]
        if made:
            await self._put_manifest(hour, Manifest((*kept, *made)))
        await self._link(hour_ms)
        after = await read_hour(self._store, hour_ms)
        deleted = 0 if self._keep_originals else await self._clean(after, now_ms)
        return Compacted(hour.objects, after.objects, deleted)

    async def _put(self, hour_ms: int, shard_id: str, group: Sequence[_Piece]) -> CompactedObject:
        first = group[0].run.first_sequence_number
        digest = hashlib.sha256("\n".join(piece.origin for piece in group).encode()).hexdigest()[
            :16
        ]
        is_parquet = group[0].origin.endswith(PARQUET_SUFFIX)
        suffix = PARQUET_SUFFIX if is_parquet else JSON_SUFFIX
        key = ObjectName(COMPACTED, hour_ms, shard_id, first, suffix, digest).key
        if is_parquet:
            body, runs = await self._joined_parquet(group)
        else:
            body, runs = await self._joined_json(group, arrivals_key(key) or "")
        await self._store.put(key, body)
        return CompactedObject(
            key, shard_id, sum(run.readings for run in runs), len(body), tuple(runs)
        )

    async def _joined_json(
        self, group: Sequence[_Piece], arrivals_at: str
    ) -> tuple[bytes, list[CompactedRun]]:
        bodies: list[bytes] = []
        lines: list[bytes] = []
        runs: list[CompactedRun] = []
        for piece in group:
            key = piece.run.readings or ""
            whole = await self._get(key)
            body = whole[piece.offset : piece.offset + piece.size_bytes]
            readings = _count(body, key)
            if piece.has_arrivals:
                arrivals = await self._arrivals(piece)
                if len(arrivals) != readings:
                    raise FleetError(f"{key} has {readings} readings, {len(arrivals)} arrivals")
                lines.append(arrivals.line())
            bodies.append(body)
            runs.append(_compacted_run(piece, readings))
        if lines:
            await self._store.put(arrivals_at, compressed(lines))
        return b"".join(bodies), runs

    async def _joined_parquet(self, group: Sequence[_Piece]) -> tuple[bytes, list[CompactedRun]]:
        from sinks.archive_parquet import joined, read_table, write_table

        tables: list[pa.Table] = []
        runs: list[CompactedRun] = []
        for piece in group:
            key = piece.run.readings or ""
            table = read_table(await self._get(key), key)
            if piece.run.count is not None:
                table = table.slice(piece.run.skip, piece.run.count)
            tables.append(table)
            runs.append(_compacted_run(piece, table.num_rows))
        return write_table(joined(tables)), runs

    async def _arrivals(self, piece: _Piece) -> Arrivals:
        key = piece.run.arrivals or ""
        body = await self._fetch("arrivals", key) or b""
        try:
            return Arrivals.from_line(lines_of(body, key)[piece.place])
        except IndexError:
            raise FleetError(f"{key} has no arrivals for all of its readings") from None

    async def _put_manifest(self, hour: ArchiveHour, manifest: Manifest) -> None:
        key = manifest_key(hour.start_ms)
        if not await self._store.put_if(key, manifest.body(), etag=hour.manifest_tag):
            raise FleetError(
                f"another compaction of {place(hour.start_ms)} in {self._store.where} was quicker",
                remedy="nothing is lost; run it again when the other one has ended",
            )

    async def _link(self, hour_ms: int) -> None:
        await link_hour(self._store, hour_ms)

    async def _clean(self, hour: ArchiveHour, now_ms: int) -> int:
        """Deletes what does not count any more. Arrivals go last: whoever finds none beside an
        object takes it for one that never had them.
        """
        named = {item.object for item in hour.manifest.objects}
        unnamed = [
            item.key
            for item in await self._store.listing(f"{COMPACTED}/{place(hour.start_ms)}/")
            if item.key not in named and item.modified_ms < now_ms - ORPHAN_MS
        ]
        objects = [item.key for item in hour.replaced] + unnamed
        gone = {arrivals_key(key) for key in (*hour.manifest.replaced, *unnamed)}
        beside = [
            item.key for item in await self._arrivals_objects(hour.start_ms) if item.key in gone
        ]
        for keys in (objects, beside):
            if keys:
                await self._store.delete(keys)
        return len(objects) + len(beside)

    async def _arrivals_objects(self, hour_ms: int) -> list[StoredObject]:
        return [
            item
            for prefix in (ARRIVALS, COMPACTED_ARRIVALS)
            for item in await self._store.listing(f"{prefix}/{place(hour_ms)}/")
        ]

    async def _get(self, key: str) -> bytes:
        body = await self._fetch("readings", key)
        if body is None:
            raise FleetError(
                f"{key} has gone from {self._store.where} while it was compacted",
                remedy="another compaction may be at work; run it again when that has ended",
            )
        return body

    async def _fetch(self, kind: str, key: str) -> bytes | None:
        """An object, of which the last one of a kind is kept: the runs of a compacted object are
        asked for one after the other.
        """
        if kind in self._fetched and self._fetched[kind][0] == key:
            return self._fetched[kind][1]
        body = await self._store.get(key)
        if body is not None:
            self._fetched[kind] = (key, body)
        return body


def _pieces(hour: ArchiveHour, arrivals: Collection[str]) -> dict[str, list[_Piece]]:
    """The runs of each shard that have readings, in order."""
    sizes = {item.key: item.size_bytes for item in hour.readings}
    packed: dict[tuple[str, str], tuple[CompactedRun, int, int]] = {}
    for item in hour.manifest.objects:
        offset = 0
        for number, run in enumerate(item.runs):
            packed[item.shard_id, run.first_sequence_number] = (run, offset, number)
            offset += run.size_bytes
    found: dict[str, list[_Piece]] = {}
    for shard_id, runs in hour.runs().items():
        for at in runs:
            if at.readings is None:
                continue
            has_arrivals = at.arrivals is None or at.arrivals in arrivals
            if at.count is None:
                piece = _Piece(at, sizes[at.readings], at.readings, has_arrivals=has_arrivals)
            else:
                run, offset, number = packed[shard_id, at.first_sequence_number]
                piece = _Piece(at, run.size_bytes, run.object, offset, number, has_arrivals)
            found.setdefault(shard_id, []).append(piece)
    return found


def _groups(pieces: Sequence[_Piece], object_bytes: int) -> Iterator[list[_Piece]]:
    """Consecutive runs that make an object of nearly that size."""
    group: list[_Piece] = []
    size_bytes = 0
    for piece in pieces:
        is_full = size_bytes + piece.size_bytes > object_bytes
        if group and (is_full or piece.has_arrivals != group[0].has_arrivals):
            yield group
            group, size_bytes = [], 0
        group.append(piece)
        size_bytes += piece.size_bytes
    if group:
        yield group


def _compacted_run(piece: _Piece, readings: int) -> CompactedRun:
    return CompactedRun(
        piece.run.first_sequence_number,
        readings,
        piece.size_bytes,
        piece.origin,
        piece.run.start_ms,
    )


def _count(body: bytes, key: str) -> int:
    """How many lines there are; reading them all also shows that the object is sound."""
    try:
        return len(lines_of(body, key))
    except FleetError as error:
        raise FleetError(str(error), remedy="the hour was left as it is") from None
