"""The archive's objects of some hours as files that DuckDB reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from awsio.parallel import in_parallel
from fleet.errors import ConfigError, FleetError
from sinks.archive_hour import ArchiveHour, list_hours, read_hour
from sinks.archive_store import ArchiveStore

FETCHES_AT_ONCE = 16
TRIES = 3
"""Of an hour whose objects go while they are fetched, because they are being compacted."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a query reads."""

    files: Sequence[str]
    size_bytes: int
    hours: int


class ObjectFiles:
    """`with ObjectFiles(...) as files:`; what was fetched goes with the block.

    Objects of a folder are read where they are; those of a bucket are fetched into a temporary
    folder, at most `disk_bytes_max` of them at once.
    """

    def __init__(self, store: ArchiveStore, folder: Path | None, disk_bytes_max: int) -> None:
        self._store = store
        self._folder = folder
        self._disk_bytes_max = disk_bytes_max
        self._temporary: TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    async def hours(self) -> list[int]:
        """When the hours begin that the archive has."""
        return await list_hours(self._store)

    async def fetch(self, hours: Collection[int]) -> Fetched:
        """The files with the readings of these hours. Raises ConfigError when they are more than
        the disk is allowed to hold.
        """
        views = [await read_hour(self._store, hour_ms) for hour_ms in sorted(hours)]
        size_bytes = sum(hour.readings_bytes for hour in views)
        if self._folder is not None:
            files = [str(self._folder / key) for hour in views for key in hour.keys]
            return Fetched(files, size_bytes, len(views))
        if size_bytes > self._disk_bytes_max:
            raise ConfigError(
                f"this query reads {size_bytes:,} bytes of {self._store.where}, and "
                f"{self._disk_bytes_max:,} may be fetched to this machine",
                remedy="ask for fewer hours (WHERE year = ... AND month = ... AND day = ...), "
                "raise --disk-max, or run it on Athena with --athena",
            )
        self._temporary = TemporaryDirectory(prefix="wildrydes-query-")
        files = []
        for hour in views:
            files += await self._fetch_hour(hour, Path(self._temporary.name))
        return Fetched(files, size_bytes, len(views))

    async def _fetch_hour(self, hour: ArchiveHour, folder: Path) -> list[str]:
        for _ in range(TRIES):
            gone: list[str] = []
            files: list[str] = []

            async def fetch(key: str) -> None:
                body = await self._store.get(key)
                if body is None:
                    gone.append(key)  # noqa: B023
                    return
                path = folder / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(body)
                files.append(str(path))  # noqa: B023

            await in_parallel(hour.keys, fetch, at_most=FETCHES_AT_ONCE)
            if not gone:
                return sorted(files)
            # Compacted meanwhile: the objects that count are others now.
            hour = await read_hour(self._store, hour.start_ms)
        raise FleetError(f"{gone[0]} has gone from {self._store.where}, {TRIES} times in a row")
