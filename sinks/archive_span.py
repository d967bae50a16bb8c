"""From when to when an archive reaches, without listing all of it."""

from sinks.archive_layout import HOUR_MS, MANIFESTS, READINGS, hour_of, place
from sinks.archive_store import ArchiveStore


async def archive_span(store: ArchiveStore, now_ms: int) -> tuple[int, int] | None:
    """When the first hour with readings begins and the last one ends; None for an empty archive.

    Keys sort by hour, so the last hour is found by halving: about 15 listings of one key
    for a year.
    """
    found = [
        span
        for prefix in (READINGS, MANIFESTS)
        if (span := await _span(store, prefix, now_ms)) is not None
    ]
    if not found:
        return None
    return min(first for first, _ in found), max(last for _, last in found) + HOUR_MS


async def _span(store: ArchiveStore, prefix: str, now_ms: int) -> tuple[int, int] | None:
    first = await _first_hour(store, prefix, "")
    if first is None:
        return None
    last, beyond = first, max(first, now_ms) + 2 * HOUR_MS
    while last + HOUR_MS < beyond:
        middle = last + (beyond - last) // 2 // HOUR_MS * HOUR_MS
        later = await _first_hour(store, prefix, f"{prefix}/{place(middle)}/")
        if later is None:
            beyond = middle
        else:
            last = later
    return first, last


async def _first_hour(store: ArchiveStore, prefix: str, after: str) -> int | None:
    """The first hour with an object whose key lies after `after`."""
    while listed := await store.listing(f"{prefix}/", after=after, at_most=1):
        if (hour_ms := hour_of(listed[0].key)) is not None:
            return hour_ms
        after = listed[0].key
    return None
