"""Where things stand in an archive: the names of its objects, and the hours that they belong to.

    archive.json                                   how objects are cut (sinks/archive_settings.py)
    readings/year=/month=/day=/hour=/<name>        the records that are JSON objects
    errors/.../<name>.json.gz                      the other ones, wrapped
    arrivals/.../<name>.json.gz                    when each reading arrived, its number and key
    compacted/.../<name>-<of what>, compacted-arrivals/...    several objects made one
    manifests/.../manifest.json                    which of them count (sinks/archive_manifest.py)
    links/.../objects.txt                          their addresses (sinks/archive_links.py)

Hours are hours of arrival, UTC. Keys sort by time, so that a range of time is a range of keys.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

HOUR_MS: Final = 3_600_000

READINGS: Final = "readings"
ERRORS: Final = "errors"
ARRIVALS: Final = "arrivals"
COMPACTED: Final = "compacted"
COMPACTED_ARRIVALS: Final = "compacted-arrivals"
MANIFESTS: Final = "manifests"
"""The top-level prefixes."""

JSON_SUFFIX: Final = ".json.gz"
PARQUET_SUFFIX: Final = ".parquet"

_KEY = re.compile(
    r"([a-z-]+)/year=(\d{4})/month=(\d\d)/day=(\d\d)/hour=(\d\d)/"
    r"(?:(.+)_(\d+)(?:-([0-9a-f]+))?(\.json\.gz|\.parquet)|manifest\.json)"
)


@dataclass(frozen=True, slots=True)
class ObjectName:
    """What the key of an object says."""

    prefix: str
    hour_ms: int
    """When its hour begins, since 1970."""
    shard_id: str
    first_sequence_number: str
    """Of the first record of its (first) run."""
    suffix: str = JSON_SUFFIX
    of: str = ""
    """Of a compacted object: which objects it was made of, as a digest."""

    @property
    def key(self) -> str:
        """The key."""
        digest = f"-{self.of}" if self.of else ""
        name = f"{self.shard_id}_{self.first_sequence_number}{digest}{self.suffix}"
        return f"{self.prefix}/{place(self.hour_ms)}/{name}"


def place(time_ms: int) -> str:
    """1767225600000 -> 'year=2026/month=01/day=01/hour=00'."""
    hour = datetime.fromtimestamp(time_ms // 1000, UTC)
    return f"year={hour:%Y}/month={hour:%m}/day={hour:%d}/hour={hour:%H}"


def manifest_key(hour_ms: int) -> str:
    """Where the manifest of an hour is."""
    return f"{MANIFESTS}/{place(hour_ms)}/manifest.json"


def hour_of(key: str) -> int | None:
    """When the hour begins to which a key belongs; None: it is no key of an archive."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    try:
        hour = datetime(*(int(part) for part in match.groups()[1:5]), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
    return int(hour.timestamp()) * 1000


def object_name(key: str) -> ObjectName | None:
    """A key taken apart; None for whatever else lies in the bucket."""
    match, hour_ms = _KEY.fullmatch(key), hour_of(key)
    if match is None or hour_ms is None or match[6] is None:
        return None
    return ObjectName(match[1], hour_ms, match[6], match[7], match[9], match[8] or "")
