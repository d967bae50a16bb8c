"""What the queries of a shell read: a live stream, or a file of records."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from analytics_sql.plan import Application
from awsio.clients import AwsClients
from awsio.retry import OnWait
from awsio.streams import summarize_stream
from fleet.errors import ConfigError, ResourceMissing
from fleet.race import done_before
from fleet.row import Row
from fleet.settings import AwsSettings
from processor.engine import Emitted, Engine
from processor.error_stream import error_row
from processor.progress import Progress
from processor.reference_tables.place import places_of
from processor.reference_tables.tables import ReferenceTables
from processor.source.kinesis import KinesisSource
from processor.source.start import Start
from processor.watermark import Watermark
from wildrydes.trial.record_file import read_records
from wildrydes.trial.trial import Trial


class QueryInput(Protocol):
    """Gives the rows of an application, again for every query."""

    def rows(self, application: Application, stop: asyncio.Event) -> AsyncIterator[list[Row]]:
        """The rows of all its streams and of error_stream, as they come, until `stop` is set or
        the input ends. Raises FleetError.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileInput:
    """A file of records, from its first on; at its end every window closes."""

    path: Path

    async def rows(self, application: Application, stop: asyncio.Event) -> AsyncIterator[list[Row]]:
        """See QueryInput."""
        with self.path.open("rb") as lines:
            records = read_records(lines, str(self.path))
            for rows in Trial(application).run(records):
                yield rows
                # Lets Ctrl-C be heard between batches.
                await asyncio.sleep(0)
                if stop.is_set():
                    return


@dataclass(frozen=True, slots=True)
class StreamInput:
    """A Kinesis stream, from `start` on."""

    stream: str
    start: Start
    settings: AwsSettings
    on_wait: OnWait

    async def rows(self, application: Application, stop: asyncio.Event) -> AsyncIterator[list[Row]]:
        """See QueryInput."""
        async with AwsClients(self.settings) as aws, self._opened(aws) as source:
            places = places_of(application.tables, aws)
            tables = ReferenceTables(application.tables, places, Progress())
            await tables.load(self.on_wait)
            engine = Engine(application)
            tables.fill(engine)
            watermark = Watermark(await source.open({}), {})
            while (batch := await done_before(stop, source.read())) is not None:
                arrived = engine.add(batch)
                watermark.observe(batch, arrived.clock_ms)
                due = engine.advance(watermark.now_ms)
                yield [*_rows(application, arrived), *_rows(application, due)]

    @asynccontextmanager
    async def _opened(self, aws: AwsClients) -> AsyncIterator[KinesisSource]:
        try:
            summary = await summarize_stream(await aws.kinesis(), self.stream, on_wait=self.on_wait)
        except ResourceMissing:
            raise ConfigError(
                f"there is no stream {self.stream}",
                remedy="check --stream, --region and --endpoint-url",
            ) from None
        start_ms = self.start.fixed(summary)
        source = KinesisSource(aws, self.stream, start=start_ms, on_wait=self.on_wait)
        try:
            yield source
        finally:
            await source.close()


def _rows(application: Application, emitted: Emitted) -> Iterator[Row]:
    yield from emitted.rows
    for letter in emitted.letters:
        yield error_row(application.name, letter)
