"""One hour of an archive, as a reader sees it: which runs of records there are, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from sinks.archive_layout import (
    ARRIVALS,
    COMPACTED_ARRIVALS,
    ERRORS,
    MANIFESTS,
    READINGS,
    ObjectName,
    hour_of,
    manifest_key,
    object_name,
    place,
)
from sinks.archive_manifest import CompactedRun, Manifest, read_manifest
from sinks.archive_store import ArchiveStore, StoredObject

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Where one run of a shard's records is."""

    shard_id: str
    first_sequence_number: str
    start_ms: int
    """When its records arrived, nearly: for archives that do not say."""
    readings: str | None = None
    """The key of the object, its own or a compacted one."""
    skip: int = 0
    """Readings before it in a compacted object."""
    count: int | None = None
    """How many are its own; None: all."""
    errors: str | None = None

    @property
    def arrivals(self) -> str | None:
        """The key of the object that knows when its readings arrived, where there may be one."""
        return None if self.readings is None else arrivals_key(self.readings)


@dataclass(frozen=True, slots=True)
class ArchiveHour:
    """The objects that count in one hour. A snapshot: objects may go when they are compacted."""

    start_ms: int
    readings: tuple[StoredObject, ...]
    errors: tuple[StoredObject, ...]
    manifest: Manifest
    manifest_tag: str | None = None
    """Of the manifest as it was read; None: there is none."""
    replaced: tuple[StoredObject, ...] = ()
    """Objects that are still there and do not count any more."""

    @property
    def objects(self) -> int:
        """How many objects of readings count."""
        return len(self.readings) + len(self.manifest.objects)

    @property
    def readings_bytes(self) -> int:
        """Of the objects of readings that count, compressed."""
        compacted = sum(item.size_bytes for item in self.manifest.objects)
        return compacted + sum(item.size_bytes for item in self.readings)

    @property
    def size_bytes(self) -> int:
        """Of the objects that count, errors too, compressed."""
        return self.readings_bytes + sum(item.size_bytes for item in self.errors)

    @property
    def keys(self) -> tuple[str, ...]:
        """The objects of readings that count."""
        compacted = (item.object for item in self.manifest.objects)
        return (*(item.key for item in self.readings), *compacted)

    def runs(self) -> dict[str, list[RunPlace]]:
        """The runs of each shard, in the order of its records."""
        errors = {_run_id(item.key): item.key for item in self.errors}
        found: list[RunPlace] = []
        for item in self.readings:
            shard_id, first = _run_id(item.key)
            near_ms = _near(item, self.start_ms)
            key = errors.pop((shard_id, first), None)
            found.append(RunPlace(shard_id, first, near_ms, item.key, errors=key))
        for compacted in self.manifest.objects:
            skip = 0
            for run in compacted.runs:
                key = errors.pop((compacted.shard_id, run.first_sequence_number), None)
                found.append(_compacted_place(self, compacted.object, run, skip, key))
                skip += run.readings
        # What is left are runs without a reading.
        for (shard_id, first), key in errors.items():
            found.append(RunPlace(shard_id, first, self.start_ms, errors=key))
        shards: dict[str, list[RunPlace]] = {}
        for run_place in sorted(found, key=lambda run: int(run.first_sequence_number)):
            shards.setdefault(run_place.shard_id, []).append(run_place)
        return dict(sorted(shards.items()))


def arrivals_key(readings_key: str) -> str | None:
    """Where the arrivals of an object of readings are; None for Parquet, which holds them."""
    if not readings_key.endswith(".json.gz"):
        return None
    prefix, _, rest = readings_key.partition("/")
    return f"{ARRIVALS if prefix == READINGS else COMPACTED_ARRIVALS}/{rest}"


async def list_hours(
    store: ArchiveStore, from_ms: int | None = None, to_ms: int | None = None
) -> list[int]:
    """When each hour begins that has objects, of those that overlap from `from_ms` to before
    `to_ms`.
    """
    found: set[int] = set()
    for prefix in (READINGS, ERRORS, MANIFESTS):
        after, before = _bounds(prefix, from_ms, to_ms)
        for item in await store.listing(f"{prefix}/", after=after, before=before):
            if (hour_ms := hour_of(item.key)) is not None:
                found.add(hour_ms)
    return sorted(found)


async def read_hour(store: ArchiveStore, hour_ms: int) -> ArchiveHour:
    """What counts in an hour. The listing comes before the manifest: an object that goes in between
    is named in the manifest. The other way round, an object could go after a manifest that does not
    name it yet and before the listing, and nobody would know of its records.
    """
    errors = _known(await store.listing(f"{ERRORS}/{place(hour_ms)}/"))
    readings = _known(await store.listing(f"{READINGS}/{place(hour_ms)}/"))
    key = manifest_key(hour_ms)
    tagged = await store.get_tagged(key)
    body, tag = tagged or (None, None)
    manifest = read_manifest(body, f"{key} in {store.where}")
    replaced = manifest.replaced
    return ArchiveHour(
        hour_ms,
        tuple(item for item in readings if item.key not in replaced),
        tuple(errors),
        manifest,
        tag,
        tuple(item for item in readings if item.key in replaced),
    )


def _bounds(prefix: str, from_ms: int | None, to_ms: int | None) -> tuple[str, str | None]:
    after = "" if from_ms is None else f"{prefix}/{place(from_ms)}/"
    # "0" is the character after "/": the hour that `to_ms` lies in is listed too, unless it only
    # begins there.
    before = None if to_ms is None else f"{prefix}/{place(max(0, to_ms - 1))}0"
    return after, before


def _known(items: Iterable[StoredObject]) -> list[StoredObject]:
    return [item for item in items if object_name(item.key) is not None]


def _run_id(key: str) -> tuple[str, str]:
    name = _named(key)
    return name.shard_id, name.first_sequence_number


def _named(key: str) -> ObjectName:
    name = object_name(key)
    assert name is not None
    return name


def _near(item: StoredObject, hour_ms: int) -> int:
    """The minute before an object was written, which is when its records arrived unless the
    processor was behind: then, the hour's beginning.
    """
    minute_ms = (item.modified_ms - MINUTE_MS) // MINUTE_MS * MINUTE_MS
    return minute_ms if hour_ms <= minute_ms < hour_ms + 60 * MINUTE_MS else hour_ms


def _compacted_place(
    hour: ArchiveHour, key: str, run: CompactedRun, skip: int, errors: str | None
) -> RunPlace:
    start_ms = hour.start_ms if run.start_ms is None else run.start_ms
    shard_id = _named(key).shard_id
    return RunPlace(shard_id, run.first_sequence_number, start_ms, key, skip, run.readings, errors)
