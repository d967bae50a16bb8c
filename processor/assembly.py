"""Puts the processor together: the one file of this package that knows concrete sinks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from aiohttp import web

from analytics_sql.application_file import WORKSHOP, load_application, preprocessed
from analytics_sql.flat_columns import flat_columns
from analytics_sql.plan import Application
from awsio.clients import AwsClients
from awsio.retry import OnWait
from awsio.streams import StreamSummary, create_stream, summarize_stream
from fleet.clock import Clock
from fleet.errors import ConfigError, ResourceMissing, StopCutShort, Superseded
from fleet.race import done_before, finish_in_time
from fleet.settings import AwsSettings, process_clock
from fleet.timestamp import timestamp_text
from processor import error_stream
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import SNAPSHOT_PART, SOURCE_PART, Pipeline
from processor.progress import Progress
from processor.reference_tables.place import places_of
from processor.reference_tables.tables import ReferenceTables, TableSettings
from processor.resume import StatePolicy, resume
from processor.service import Service
from processor.snapshot.base import StreamIdentity
from processor.snapshot.dynamodb import KEY as STATE_KEY
from processor.snapshot.place import Place, parse_place
from processor.source.gap import Gap, fail_on_gap
from processor.source.kinesis import KinesisSource
from processor.source.start import SourceSettings
from processor.standby import until_free
from sinks.archive import create_bucket
from sinks.archive_parquet import require_pyarrow
from sinks.archive_settings import ArchiveSettings, Column
from sinks.archive_store import S3Store
from sinks.dead_letter import FILE_NAME
from sinks.dynamodb_item import KeyColumn
from sinks.dynamodb_table import create_table
from sinks.live_map import LiveMap
from sinks.live_map.access.gate import Gate
from sinks.live_map.access.settings import AccessSettings, open_gate
from sinks.live_map.tile_source import TileSource
from sinks.live_map.unicorn_routes import table_history
from sinks.output import Output, check_streams, sink_names
from sinks.registry import (
    LOCAL_BUCKET,
    SinkSettings,
    archive_bucket,
    check,
    create_resources,
    dead_letter_sink,
    record_sinks,
    row_sinks,
)
from sinks.row_columns import RowColumn

STOP_PATIENCE_S = 4.0
"""How long finishing may take after a stop: a sink that is down must not hold the process."""

STANDBY_PART = "predecessor"
"""What it calls the processor whose end is waited for."""

TABLES_PART = "reference tables"
"""What it calls the places of reference tables then."""

log = logging.getLogger(__name__)

OnReady = Callable[[str, str], None]
"""Told once: the live map's address, and a sentence on what the start goes on from."""


@dataclass(frozen=True, slots=True)
class StateSettings:
    """What becomes of the state: --state, --state-store and --state-max."""

    policy: StatePolicy = "exact"
    store: str | None = None
    """Where snapshots are kept: see parse_place; None: in the data folder."""
    bytes_max: int | None = None
    """See Engine."""


@dataclass(frozen=True, slots=True)
class SinkChoice:
    """Where rows and raw records were asked to go."""

    outputs: tuple[Output, ...]
    records: tuple[str, ...]
    """The sinks of raw records that are on, by name."""
    archive_bucket: str | None
    archive: ArchiveSettings
    """Without columns: those of Parquet are the application's."""
    archive_through: str = ""
    """The delivery stream of the sink `firehose_archive`."""


@dataclass(frozen=True, slots=True)
class ProcessorSettings:
    """What `wildrydes processor` was asked for."""

    application: Path | None
    schema: Path | None
    stream: str
    sinks: SinkChoice
    create_missing: bool
    shards: int
    data: Path
    host: str
    port: int
    state: StateSettings = field(default_factory=StateSettings)
    preprocessor: str | None = None
    """package.module:function, in place of the application's own."""
    tables: TableSettings = field(default_factory=TableSettings)
    event_time: Mapping[str, str] = field(default_factory=dict)
    """What was given beside the application's own: see analytics_sql.event_time_settings."""
    source: SourceSettings = field(default_factory=SourceSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    tiles: TileSource | None = None
    standby: bool = False
    """Wait until no other processor of the application is at work, and again when superseded."""


async def run_processor(
    settings: ProcessorSettings,
    aws_settings: AwsSettings,
    stop: asyncio.Event,
    progress: Progress,
    on_ready: OnReady,
) -> None:
    """Runs until `stop` is set. Raises FleetError when it cannot start or cannot go on; Superseded,
    alone or in a group, when a newer processor has taken over and this one does not stand by.
    """
    clock = process_clock()
    application = _application(settings)
    # A setting that is wrong ends the start before anything else does.
    sinks = _sink_settings(settings, aws_settings, application, settings.data / application.name)
    place = state_place(settings.state, settings.data, aws_settings)
    async with (
        AwsClients(aws_settings) as aws,
        open_gate(settings.access, aws_settings, settings.host) as gate,
        _serving(settings, sinks, aws, gate, progress) as (live_map, service),
    ):
        places = places_of(application.tables, aws)
        tables = ReferenceTables(application.tables, places, progress, settings.tables)
        parts = _Parts(settings, application, sinks, place, aws, live_map, tables, clock, progress)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(tables.watch(), name="watch reference tables")
            await _run(parts, gate, service, stop, on_ready)
            watching.cancel()


async def _run(
    parts: "_Parts", gate: Gate, service: Service, stop: asyncio.Event, on_ready: OnReady
) -> None:
    """One pipeline, or with `standby` one after another."""
    settings = parts.settings
    policy = settings.state.policy
    while not stop.is_set():
        # A dead endpoint is waited for, but not against the user's will.
        made = await done_before(stop, parts.pipeline(policy))
        if made is None:
            return
        pipeline, found = made
        # What was set aside once is not set aside again when this process takes over again.
        policy = "exact" if policy == "discard" else policy
        key = await done_before(stop, gate.door.prepare())
        on_ready(service.url, f"{found}; sign in with {key}" if key else found)
        try:
            finished = await finish_in_time(stop, pipeline.run(stop), STOP_PATIENCE_S)
        except* Superseded as superseded:
            if not settings.standby:
                raise
            log.warning("%s; standing by", superseded.exceptions[0])
        else:
            if not finished:
                raise _cut_short(parts.progress)
            return


def _cut_short(progress: Progress) -> StopCutShort:
    """What a stop that could not be finished leaves to the next start."""
    awaited = "; ".join(f"{part}: {reason}" for part, reason in progress.waiting.items())
    saved = f", of {timestamp_text(progress.saved_ms)} UTC" if progress.saved_ms else ""
    return StopCutShort(
        f"not finished {STOP_PATIENCE_S:g} s after the stop, and ended all the same: "
        + (f"waiting for {awaited}" if awaited else "still at work"),
        remedy=f"nothing is lost: the next start goes on from the newest snapshot{saved}, and "
        "reads and writes again what came after it",
    )


@asynccontextmanager
async def _serving(
    settings: ProcessorSettings,
    sinks: SinkSettings,
    aws: AwsClients,
    gate: Gate,
    progress: Progress,
) -> AsyncIterator[tuple[LiveMap, Service]]:
    """The live map behind the HTTP server, with what its panel and its time slider look up."""
    clock = process_clock()
    tables = [output.place for output in sinks.outputs if output.scheme == "dynamodb"]
    live_map = LiveMap(
        clock,
        gate=gate,
        history=table_history(aws, tables[0]) if tables else None,
        archive=S3Store(aws, sinks.archive_bucket) if "archive" in sinks.records else None,
        tiles=settings.tiles,
    )
    app = web.Application()
    live_map.add_routes(app)
    async with Service(app, settings.host, settings.port, progress, clock) as service:
        yield live_map, service


@dataclass(frozen=True, slots=True)
class _Parts:
    """What every run of a pipeline in this process shares."""

    settings: ProcessorSettings
    application: Application
    sinks: SinkSettings
    place: Place
    aws: AwsClients
    live_map: LiveMap
    tables: ReferenceTables
    clock: Clock
    progress: Progress

    async def pipeline(self, policy: StatePolicy) -> tuple[Pipeline, str]:
        """A pipeline that goes on from what is stored, whose epoch is the newest now, and a
        sentence that says from what. With `standby`, waits until nobody else is at work.
        """
        settings, progress, aws = self.settings, self.progress, self.aws
        # Before the epoch is raised: a table that cannot be had must not stop who is at work.
        await self.tables.load(progress.waits(TABLES_PART))
        progress.went_on(TABLES_PART)
        stream = await self._stream()
        waits = progress.waits(SNAPSHOT_PART)
        if settings.create_missing:
            await create_state_place(self.place, aws, waits)
        snapshots = self.place.open(self.application.name, aws, on_wait=waits)
        if settings.standby:
            await until_free(snapshots, progress.waits(STANDBY_PART))
            progress.went_on(STANDBY_PART)
            await self.tables.look()
        start, found = await resume(
            snapshots,
            self.application,
            StreamIdentity(stream.arn, stream.created_ms),
            source_now_ms=stream.answered_ms,
            policy=policy,
            start_ms=settings.source.start.fixed(stream),
        )
        if changed := self.tables.changed_since(start.tables):
            found += f"; reference tables changed since then: {', '.join(changed)}"
        start = replace(start, tables=self.tables.digests)
        engine = Engine(self.application, state_bytes_max=settings.state.bytes_max)
        self.tables.fill(engine)
        source = KinesisSource(
            aws,
            settings.stream,
            start=start.start_ms,
            clocks_ms=start.clocks_ms,
            on_wait=progress.waits(SOURCE_PART),
            on_gap=fail_on_gap if settings.source.on_gap == "fail" else self._skip,
        )
        outputs = self._outputs(replace(self.sinks, epoch=start.epoch))
        pipeline = Pipeline(
            engine, source, outputs, snapshots, start, self.clock, progress, self.tables
        )
        return pipeline, found

    def _outputs(self, sinks: SinkSettings) -> Outputs:
        async def prepare() -> None:
            if self.settings.create_missing:
                await create_resources(sinks, self.aws)

        waits, given = self.progress.waits, sinks.outputs
        named = {output.stream for output in given if output.stream is not None}
        takes: dict[str, Collection[str]] = {self.live_map.rows.name: self.application.outputs}
        for name, output in zip(sink_names(given), given, strict=True):
            takes[name] = self.application.outputs if output.stream is None else {output.stream}
        return Outputs(
            streams=named | self.application.outputs,
            rows=[self.live_map.rows, *row_sinks(sinks, self.aws, waits)],
            takes=takes,
            records=[self.live_map, *record_sinks(sinks, self.aws, waits)],
            dead_letters=dead_letter_sink(sinks, waits),
            prepare=prepare,
        )

    def _skip(self, gap: Gap) -> None:
        log.warning("%s", gap, extra={"shard": gap.shard_id, "epoch": self.progress.epoch})
        self.progress.gaps += 1
        self.progress.gap_ms += gap.length_ms

    async def _stream(self) -> StreamSummary:
        """Looks the stream up, or makes it if asked to."""
        settings = self.settings
        on_wait = self.progress.waits(SOURCE_PART)
        client = await self.aws.kinesis()
        if settings.create_missing:
            await create_stream(client, settings.stream, settings.shards, on_wait=on_wait)
        try:
            return await summarize_stream(client, settings.stream, on_wait=on_wait)
        except ResourceMissing:
            raise ResourceMissing(
                f"there is no stream {settings.stream}",
                remedy="create it with `wildrydes simulator --create-stream`, "
                "or let --create-missing create all that is missing",
            ) from None


def state_place(state: StateSettings, data: Path, aws: AwsSettings) -> Place:
    """Where snapshots are kept. Raises ConfigError for what is no place."""
    return Place(folder=data) if state.store is None else parse_place(state.store, aws)


async def create_state_place(place: Place, aws: AwsClients, on_wait: OnWait) -> None:
    """Makes the table and the bucket that are not there."""
    if place.table is not None:
        await create_table(aws, place.table, (KeyColumn(STATE_KEY, "S"),), on_wait=on_wait)
    if place.bucket is not None:
        await create_bucket(aws, place.bucket, on_wait=on_wait)


def _application(settings: ProcessorSettings) -> Application:
    application = load_application(
        settings.application or WORKSHOP,
        schema_path=settings.schema,
        references=settings.tables.sources,
        event_time=settings.event_time,
    )
    if settings.preprocessor is not None:
        # Named in a shell: its module stands where that is, or beside the application.
        application = preprocessed(application, settings.preprocessor, Path())
    return application


def _sink_settings(
    settings: ProcessorSettings, aws_settings: AwsSettings, application: Application, home: Path
) -> SinkSettings:
    choice = settings.sinks
    bucket, archive = LOCAL_BUCKET, choice.archive
    check_streams(choice.outputs, [*sorted(_streams(application)), error_stream.NAME])
    if "archive" in choice.records:
        bucket = archive_bucket(aws_settings, choice.archive_bucket)
        if archive.format == "parquet":
            require_pyarrow()
            archive = replace(archive, columns=archive_columns(application))
    sinks = SinkSettings(
        dead_letters=home / FILE_NAME,
        stream=settings.stream,
        archive_bucket=bucket,
        archive=archive,
        outputs=choice.outputs,
        records=choice.records,
        archive_through=choice.archive_through,
        application=application.name,
        streams={
            stream.name: [RowColumn(column.name, str(column.type)) for column in stream.columns]
            for stream in (*application.streams, error_stream.STREAM)
        },
        output_streams=application.outputs,
    )
    check(sinks)
    return sinks


def _streams(application: Application) -> set[str]:
    """Its in-application streams, those included that only feed pumps."""
    return {stream.name for stream in application.streams}


def archive_columns(application: Application) -> tuple[Column, ...]:
    """The typed columns that an archive in Parquet has for the application's input. Raises
    ConfigError for an input that has no such columns.
    """
    source = application.sources[0]
    columns = flat_columns(source.format, source.columns)
    if not columns or application.preprocessor is not None:
        raise ConfigError(
            f"the records of {application.name} have no columns that Parquet could have",
            remedy="archive them with --archive-format json: its lines are the records themselves",
        )
    return tuple(Column(*column) for column in columns)
