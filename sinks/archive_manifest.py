"""What counts in an hour whose objects were compacted.

A manifest names the compacted objects of its hour and the objects that each of them stands for.
What is in the bucket and not named in it counts as well: a record that is archived late is never
lost to a reader, and an object that a replay writes once more, after it was compacted, is not
there twice. A manifest is replaced in one step, on condition that nobody else replaced it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from fleet.errors import FleetError


@dataclass(frozen=True, slots=True)
class CompactedRun:
    """One run inside a compacted object, in their order."""

    first_sequence_number: str
    readings: int
    size_bytes: int
    """Of the object that it stood in."""
    object: str
    """The key of the object that it stood in, which does not count any more."""
    start_ms: int | None = None
    """When its records arrived, nearly, where nothing says it better."""


@dataclass(frozen=True, slots=True)
class CompactedObject:
    """A line of a manifest."""

    object: str
    """The key."""
    shard_id: str
    readings: int
    size_bytes: int
    runs: tuple[CompactedRun, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The compacted objects of one hour."""

    objects: tuple[CompactedObject, ...] = ()

    @property
    def replaced(self) -> frozenset[str]:
        """The keys of objects that do not count."""
        return frozenset(run.object for item in self.objects for run in item.runs)

    def body(self) -> bytes:
        """JSON lines, one a compacted object."""
        return b"".join(msgspec.json.encode(item) + b"\n" for item in self.objects)


def read_manifest(body: bytes | None, where: str) -> Manifest:
    """The inverse of `Manifest.body`; None is the manifest of an hour that has none. Raises
    FleetError for a body that is none, naming `where` it lies.
    """
    lines: Sequence[bytes] = (body or b"").splitlines()
    try:
        return Manifest(tuple(msgspec.json.decode(line, type=CompactedObject) for line in lines))
    except msgspec.MsgspecError as error:
        raise FleetError(
            f"{where} is not a manifest of an archive: {error}",
            remedy="with the manifest gone, what is in readings/ counts, and nothing compacted",
        ) from None
