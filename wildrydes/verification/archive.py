"""The archive as a table: each line of each object that counts, in the order of its run.

    archived    object, object_line, hour, shard, first, line, digest, data
    unreadable  object, reason

`first` is the sequence number of the run's first record, `line` counts the records of the run and
its errors together, in their order; see docs/sinks.md. What a manifest replaced does not count, as
for every reader; what else lies among the objects is unreadable, since a query would read it.
"""

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from awsio.clients import AwsClients
from awsio.parallel import in_parallel
from awsio.retry import OnWait
from fleet.errors import FleetError, ResourceMissing
from fleet.timestamp import timestamp_text
from sinks.archive_hour import RunPlace, list_hours, read_hour
from sinks.archive_layout import ERRORS, PARQUET_SUFFIX, READINGS, object_name
from sinks.archive_settings import WINDOW_MS, stored_settings
from sinks.archive_store import S3Store
from wildrydes.verification.database import Database
from wildrydes.verification.readings import digest

HOURS_AT_ONCE: Final = 2
RUNS_AT_ONCE: Final = 4
TRIES: Final = 3
"""Of an hour whose objects go while they are read, because they are being compacted."""
HOUR: Final = len("2026-01-01 00")


class _Gone(Exception):
    """An object that was listed is not there any more."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A record in the archive."""

    object: str
    number: int
    """Of its line in the object, from 1."""
    data: bytes


class ArchiveReading:
    """Reads the archive once."""

    def __init__(
        self,
        aws: AwsClients,
        bucket: str,
        database: Database,
        on_wait: OnWait | None,
        on_lines: Callable[[int], None],
    ) -> None:
        self._store = S3Store(aws, bucket, on_wait=on_wait)
        self._database = database
        self._on_lines = on_lines
        self.window_ms = WINDOW_MS
        """Records are held back until so much time of arrival is full."""
        database.execute(
            "CREATE TABLE archived (object VARCHAR, object_line BIGINT, hour VARCHAR, "
            "shard VARCHAR, first VARCHAR, line BIGINT, digest BIGINT, data BLOB);"
            "CREATE TABLE unreadable (object VARCHAR, reason VARCHAR)"
        )

    async def read(self) -> None:
        """Raises ResourceMissing when there is no such bucket, ConfigError when the archive is one
        in Parquet and the library for it is not installed.
        """
        try:
            settings = await stored_settings(self._store)
        except ResourceMissing:
            raise ResourceMissing(
                f"there is no {self._store.where}",
                remedy="--archive-bucket names another; --skip archive leaves it out",
            ) from None
        if settings is not None:
            self.window_ms = settings.window_ms
            if settings.format == "parquet":
                from sinks.archive_parquet import require_pyarrow

                require_pyarrow()
        for prefix in (READINGS, ERRORS):
            for item in await self._store.listing(f"{prefix}/"):
                if object_name(item.key) is None:
                    self._unreadable(item.key, "no name of an archived object")
        hours = await list_hours(self._store)
        await in_parallel(hours, self._read_hour, at_most=HOURS_AT_ONCE)

    async def _read_hour(self, hour_ms: int) -> None:
        for attempt in range(TRIES):
            hour = await read_hour(self._store, hour_ms)
            runs = [run for of_shard in hour.runs().values() for run in of_shard]
            found: list[tuple[RunPlace, list[_Line]]] = []
            problems: list[tuple[str, str]] = []

            async def read(run: RunPlace) -> None:
                found.append((run, await self._run(run, problems)))  # noqa: B023

            try:
                await in_parallel(runs, read, at_most=RUNS_AT_ONCE)
            except _Gone as gone:
                if attempt < TRIES - 1:
                    continue
                problems.append((str(gone), "it was listed and is gone"))
            for run, lines in found:
                self._insert(hour_ms, run, lines)
            for key, reason in problems:
                self._unreadable(key, reason)
            return

    def _insert(self, hour_ms: int, run: RunPlace, lines: list[_Line]) -> None:
        count = len(lines)
        if not count:
            return
        self._database.insert(
            "archived",
            {
                "object": [line.object for line in lines],
                "object_line": [line.number for line in lines],
                "hour": [timestamp_text(hour_ms)[:HOUR]] * count,
                "shard": [run.shard_id] * count,
                "first": [run.first_sequence_number] * count,
                "line": range(count),
                "digest": [digest(line.data) for line in lines],
                "data": [line.data for line in lines],
            },
        )
        self._on_lines(count)

    async def _run(self, run: RunPlace, problems: list[tuple[str, str]]) -> list[_Line]:
        """The records of a run; each error stands at its index."""
        errors = await self._errors(run.errors, problems)
        readings: list[bytes] = []
        if run.readings is not None:
            whole = await self._lines(run.readings, problems)
            readings = whole[run.skip : None if run.count is None else run.skip + run.count]
        lines: list[_Line] = []
        for number, reading in enumerate(readings, start=run.skip + 1):
            while (error := errors.pop(len(lines), None)) is not None:
                lines.append(error)
            lines.append(_Line(run.readings or "", number, reading))
        # What is left comes after the last reading, or has an index that cannot be.
        return lines + [errors[index] for index in sorted(errors)]

    async def _errors(self, key: str | None, problems: list[tuple[str, str]]) -> dict[int, _Line]:
        """The wrapped records, by their index in the run."""
        found: dict[int, _Line] = {}
        if key is None:
            return found
        for number, line in enumerate(await self._lines(key, problems), start=1):
            try:
                wrapped = json.loads(line)
                index = wrapped["index"]
                if not isinstance(index, int) or index in found:
                    raise ValueError("its index cannot be")
                data = base64.b64decode(wrapped["data_base64"], validate=True)
                found[index] = _Line(key, number, data)
            except (ValueError, KeyError, TypeError, binascii.Error) as error:
                problems.append((key, f"line {number}: {error!r}"))
        return found

    async def _lines(self, key: str, problems: list[tuple[str, str]]) -> list[bytes]:
        packed = await self._store.get(key)
        if packed is None:
            raise _Gone(key)
        try:
            if key.endswith(PARQUET_SUFFIX):
                return _parquet_lines(packed, key)
            data = gzip.decompress(packed)
        except (OSError, EOFError, ValueError, FleetError, zlib.error) as error:
            problems.append((key, f"it cannot be read: {error}"))
            return []
        return data.removesuffix(b"\n").split(b"\n") if data else []

    def _unreadable(self, key: str, reason: str) -> None:
        self._database.insert("unreadable", {"object": [key], "reason": [reason]})


def _parquet_lines(packed: bytes, key: str) -> list[bytes]:
    """The records as they were sent, which the file can give back."""
    from sinks.archive_parquet import read_table, readings_of

    lines, _ = readings_of(read_table(packed, key), key)
    return lines
