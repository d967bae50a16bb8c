"""The order of things: read everything, the stream before what is made of it, then compare.

Whatever the stream says to be complete when it is read has landed everywhere by the time that the
other places are read, or is late: so the system may run on meanwhile.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from analytics_sql.plan import Application
from awsio.clients import AwsClients
from awsio.retry import OnWait
from sinks.dynamodb_table import table_key
from wildrydes.stream_record import StreamRecord
from wildrydes.verification.archive import ArchiveReading
from wildrydes.verification.archive_check import NAME as ARCHIVE, compare_archive
from wildrydes.verification.comparison import Comparison
from wildrydes.verification.database import Database
from wildrydes.verification.extent import Extent
from wildrydes.verification.found_rows import SUMMARY, TABLE, read_summary, read_table
from wildrydes.verification.ledgers import NAME as LEDGER, compare_ledgers, load_ledgers
from wildrydes.verification.letters import NAME as LETTERS, compare_letters, load_letters
from wildrydes.verification.readings import Readings
from wildrydes.verification.reference_rows import load_references
from wildrydes.verification.row_check import compare_rows
from wildrydes.verification.rows import Rows
from wildrydes.verification.stream import StreamExtent, StreamReading

IN_SUMMARY: Final = "windows vs summary stream"
IN_TABLE: Final = "windows vs DynamoDB"
OnRead = Callable[[str, int], None]
"""Told of what, and how many more of it were read."""


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """What `wildrydes verify` was asked for."""

    application: Application
    stream: str
    summary_stream: str
    table: str
    archive_bucket: str
    """Only used when the archive is compared."""
    parts: Collection[str]
    """Of comparison.PARTS, those that are compared."""
    ledgers: Sequence[Path]
    letters: Path | None
    """The file of dead letters."""
    since_ms: int | None
    settle_ms: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it."""

    extent: Extent
    records: int
    shards: int
    comparisons: Sequence[Comparison]
    newest_ms: int | None
    """ROWTIME of the newest row that was found anywhere."""

    @property
    def wrong(self) -> int:
        """How many mistakes there are."""
        return sum(comparison.wrong for comparison in self.comparisons)

    @property
    def judged(self) -> int:
        """How many windows' rows, records and entries were compared."""
        return sum(comparison.expected for comparison in self.comparisons)


async def verify(
    settings: VerifySettings, aws: AwsClients, on_wait: OnWait | None, on_read: OnRead
) -> Verdict:
    """Raises ResourceMissing and ConfigError when something to compare is not there."""
    with Database() as database:
        return await _Verification(settings, aws, database, on_wait, on_read).run()


class _Verification:
    def __init__(
        self,
        settings: VerifySettings,
        aws: AwsClients,
        database: Database,
        on_wait: OnWait | None,
        on_read: OnRead,
    ) -> None:
        self._settings = settings
        self._aws = aws
        self._database = database
        self._on_wait = on_wait
        self._on_read = on_read
        self._key: Sequence[str] = ()
        self._archive_window_ms = 1

    async def run(self) -> Verdict:
        settings, database = self._settings, self._database
        load_ledgers(database, settings.ledgers, settings.stream, self._reads("ledger entries"))
        readings = Readings(database, settings.application)
        stream = await self._read_stream(readings)
        extent = Extent.of(stream, settle_ms=settings.settle_ms, since_ms=settings.since_ms)
        references = await load_references(
            database, settings.application.tables, self._aws, self._on_wait
        )
        rows = Rows(database, settings.application, references)
        if readings.why is not None:
            rows.none_can_be_judged(readings.why)
        await self._read_places(rows)
        load_letters(database, settings.letters)
        self._on_read("windows", 0)
        # In a thread, so that Ctrl-C is heard.
        comparisons = await asyncio.to_thread(self._compare, rows, extent)
        return Verdict(
            extent,
            database.number("SELECT count(*) FROM records"),
            len(stream.shards),
            comparisons,
            self._newest_ms(),
        )

    def _reads(self, what: str) -> Callable[[int], None]:
        return lambda count: self._on_read(what, count)

    async def _read_stream(self, readings: Readings) -> StreamExtent:
        stream = self._settings.stream

        def take(records: Sequence[StreamRecord], taken: int) -> None:
            readings.take(records, taken)
            self._on_read(f"records of stream {stream}", len(records))

        return await StreamReading(await self._aws.kinesis(), stream, take, self._on_wait).read()

    async def _read_places(self, rows: Rows) -> None:
        settings = self._settings
        if "archive" in settings.parts:
            bucket = settings.archive_bucket
            reads = self._reads(f"lines of bucket {bucket}")
            archive = ArchiveReading(self._aws, bucket, self._database, self._on_wait, reads)
            await archive.read()
            self._archive_window_ms = archive.window_ms
        if "summary" in settings.parts:
            name = settings.summary_stream
            reads = self._reads(f"rows of stream {name}")
            await read_summary(await self._aws.kinesis(), name, rows, self._on_wait, reads)
        if "table" in settings.parts:
            dynamodb = await self._aws.dynamodb()
            key = await table_key(dynamodb, settings.table, on_wait=self._on_wait)
            self._key = [column.name for column in key]
            reads = self._reads(f"rows of table {settings.table}")
            await read_table(dynamodb, settings.table, self._key, rows, self._on_wait, reads)

    def _compare(self, rows: Rows, extent: Extent) -> list[Comparison]:
        settings, database = self._settings, self._database
        rows.compute(self._key)
        if settings.ledgers:
            ledger = compare_ledgers(database, extent)
        else:
            ledger = Comparison(LEDGER, skipped="no --ledger was given")
        if "archive" in settings.parts:
            archive = compare_archive(database, extent.archived(self._archive_window_ms))
        else:
            archive = Comparison(ARCHIVE, skipped="skipped")
        return [
            ledger,
            archive,
            self._compare_summary(rows, extent),
            self._compare_table(rows, extent),
            self._compare_letters(rows, extent),
        ]

    def _compare_summary(self, rows: Rows, extent: Extent) -> Comparison:
        comparison = Comparison(IN_SUMMARY, repeats_allowed=True)
        comparison.skipped = self._no_rows("summary", rows)
        if comparison.skipped is None:
            compare_rows(
                self._database, comparison, extent,
                found=SUMMARY, identity="identity", refused_by="sink kinesis",
                not_judged=rows.not_judged_outputs,
            )  # fmt: skip
        return comparison

    def _compare_table(self, rows: Rows, extent: Extent) -> Comparison:
        comparison = Comparison(IN_TABLE)
        comparison.skipped = self._no_rows("table", rows)
        if comparison.skipped is None and (strange := rows.strangers(self._key)):
            comparison.skipped = (
                f"not judged: table {self._settings.table} is keyed by {', '.join(strange)}, "
                "which no stream of the application has"
            )
        if comparison.skipped is None:
            compare_rows(
                self._database, comparison, extent,
                found=TABLE, identity="table_identity", refused_by="sink dynamodb",
                not_judged=rows.not_judged_outputs,
            )  # fmt: skip
        return comparison

    def _compare_letters(self, rows: Rows, extent: Extent) -> Comparison:
        if rows.not_judged:
            [(stream, why), *_] = rows.not_judged.items()
            return Comparison(LETTERS, skipped=f"not judged: {stream} has {why}")
        return compare_letters(self._database, extent, self._settings.letters)

    def _no_rows(self, part: str, rows: Rows) -> str | None:
        if part not in self._settings.parts:
            return "skipped"
        if not rows.judged:
            why = dict.fromkeys(rows.not_judged.values())
            return f"not judged: {'; '.join(why)}"
        return None

    def _newest_ms(self) -> int | None:
        made = [table for part, table in (("summary", SUMMARY), ("table", TABLE))
                if part in self._settings.parts]  # fmt: skip
        newest = [
            time_ms
            for table in made
            for (time_ms,) in self._database.rows(f"SELECT max(end_ms) FROM {table}")
            if time_ms is not None
        ]
        return max(newest, default=None)
