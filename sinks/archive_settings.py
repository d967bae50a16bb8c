"""How an archive is cut into objects: part of what it is, and kept in it as `archive.json`.

Objects are named after their first record, so whoever reads records again after a crash has to cut
where the first reader cut: otherwise old objects stay beside the new ones and records are there
twice. That is why an archive's settings never change; other settings need another bucket.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from fleet.errors import ConfigError
from sinks.archive_layout import ERRORS, HOUR_MS, READINGS

if TYPE_CHECKING:
    from sinks.archive_store import ArchiveStore

SETTINGS_KEY: Final = "archive.json"
MEBIBYTE: Final = 1024 * 1024
OBJECT_BYTES: Final = 5 * MEBIBYTE
WINDOW_MS: Final = 60_000
OWN_COLUMNS: Final = (
    "kinesis_arrival",
    "kinesis_shard",
    "kinesis_sequence",
    "kinesis_key",
    "kinesis_data",
)
"""What a reading in Parquet has beside the schema's columns."""
PARTITIONS: Final = ("year", "month", "day", "hour")
"""What the names of folders say."""

Format = Literal["json", "parquet"]


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column of an archive in Parquet."""

    name: str
    type: str
    """As the input schema writes it: VARCHAR(16), DOUBLE, TIMESTAMP..."""
    path: tuple[str, ...]
    """Names that lead from the record to the value."""


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """An object ends at the end of its window of arrival time, or with the record that makes its
    data `object_bytes` or more before compression. Raises ConfigError.
    """

    format: Format = "json"
    object_bytes: int = OBJECT_BYTES
    window_ms: int = WINDOW_MS
    columns: tuple[Column, ...] = ()
    """Of Parquet. Not part of the identity: with other columns a replay writes other bytes under
    the same names.
    """

    def __post_init__(self) -> None:
        taken = {name.lower() for name in (*OWN_COLUMNS, *PARTITIONS)}
        if clash := [column.name for column in self.columns if column.name.lower() in taken]:
            raise ConfigError(
                f"an archive in Parquet has a column {clash[0]} of its own",
                remedy="archive as JSON, or name that column of the schema otherwise",
            )
        if self.object_bytes < 1:
            raise ConfigError("objects of the archive need a size above zero")
        if not 1000 <= self.window_ms <= HOUR_MS or HOUR_MS % self.window_ms:
            raise ConfigError(
                f"objects of the archive cannot span {self.window_ms / 1000:g} s",
                remedy="the time has to divide an hour: 60s, 2m, 5m, 10m or 15m, for example",
            )

    @property
    def identity(self) -> dict[str, Any]:
        """What may not change."""
        return {
            "format": self.format,
            "object_bytes": self.object_bytes,
            "window_ms": self.window_ms,
        }

    def __str__(self) -> str:
        size = f"{self.object_bytes / MEBIBYTE:g} MiB"
        return f"format {self.format}, objects of {size} or {self.window_ms / 1000:g} s"


async def stored_settings(store: "ArchiveStore") -> ArchiveSettings | None:
    """How an archive is cut; None: there is none yet. One without `archive.json` was begun before
    settings were kept: it has the default ones. Raises ConfigError.
    """
    body = await store.get(SETTINGS_KEY)
    if body is not None:
        return _read(body, store.where)
    return ArchiveSettings() if await _is_begun(store) else None


async def claim(store: "ArchiveStore", settings: ArchiveSettings) -> None:
    """Makes these the archive's settings, or finds that they are. Raises ConfigError when the
    archive has others.
    """
    body = await store.get(SETTINGS_KEY)
    if body is None:
        wanted = ArchiveSettings() if await _is_begun(store) else settings
        body = msgspec.json.encode(wanted.identity) + b"\n"
        if not await store.put_if(SETTINGS_KEY, body, etag=None):
            # Another writer was first.
            body = await store.get(SETTINGS_KEY) or b""
    found = _read(body, store.where)
    if found.identity != settings.identity:
        raise ConfigError(
            f"the archive in {store.where} has {found}; asked for is {settings}",
            remedy="an archive keeps its settings, since a replay has to cut where the first "
            "reader cut: give those, or another --archive-bucket",
        )


async def _is_begun(store: "ArchiveStore") -> bool:
    return any([await store.listing(f"{prefix}/", at_most=1) for prefix in (READINGS, ERRORS)])


def _read(body: bytes, where: str) -> ArchiveSettings:
    try:
        value = msgspec.json.decode(body, type=dict[str, Any])
        return ArchiveSettings(value["format"], value["object_bytes"], value["window_ms"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        raise ConfigError(
            f"{SETTINGS_KEY} in {where} is not what an archive has there",
            remedy="name another bucket, or put the file back as it was",
        ) from None
