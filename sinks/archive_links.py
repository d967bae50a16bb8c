"""Which objects count in an hour, for readers that know symbolic links and no manifests: Athena,
Hive, Trino, Spark with `SymlinkTextInputFormat`.

    links/year=/month=/day=/hour=/objects.txt      the address of each object that counts, a line

S3 replaces one object in one step and never two, so a reader that lists the objects themselves sees
an hour half while they are exchanged. The file of links is the one object that is replaced: before
it is, the originals count, and from then on those that stand for them. Originals are deleted only
after that (sinks/archive_compaction.py).
"""

from typing import Final

from fleet.errors import FleetError
from sinks.archive_hour import read_hour
from sinks.archive_layout import place
from sinks.archive_store import ArchiveStore

LINKS: Final = "links"
TRIES: Final = 10


def links_key(hour_ms: int) -> str:
    """Where the links of an hour are."""
    return f"{LINKS}/{place(hour_ms)}/objects.txt"


async def link_hour(store: ArchiveStore, hour_ms: int) -> bool:
    """Writes the links of an hour, if they say something else now; returns whether it did. Raises
    FleetError when others keep writing them.

    They are read before the objects are listed, and replaced only if nobody else has replaced them
    since: so what stands there is never older than what stood there before.
    """
    key = links_key(hour_ms)
    for _ in range(TRIES):
        body, tag = await store.get_tagged(key) or (None, None)
        hour = await read_hour(store, hour_ms)
        links = "".join(f"{store.location}/{name}\n" for name in sorted(hour.keys)).encode()
        if links == (body or b""):
            return False
        if await store.put_if(key, links, etag=tag):
            return True
    raise FleetError(
        f"the links of {place(hour_ms)} in {store.where} were written by others, {TRIES} times",
        remedy="another compaction may be at work; run it again when that has ended",
    )
