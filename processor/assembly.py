"""Puts the processor together: the one file of this package that knows concrete sinks."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from analytics_sql.application_file import load_application, workshop_application
from analytics_sql.plan import Application
from awsio.clients import AwsClients
from awsio.streams import StreamSummary, create_stream, summarize_stream
from fleet.errors import ResourceMissing
from fleet.race import done_before
from fleet.settings import AwsSettings, process_clock
from processor.engine import Engine
from processor.pipeline import SOURCE_PART, Outputs, Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.service import Service
from processor.snapshot.base import StreamIdentity
from processor.snapshot.disk import DiskSnapshots
from processor.source.kinesis import KinesisSource
from sinks.dynamodb import TableWrites
from sinks.live_map import LiveMap
from sinks.registry import (
    LOCAL_BUCKET,
    SinkSettings,
    archive_bucket,
    create_resources,
    dead_letter_sink,
    record_sinks,
    row_sinks,
)

STOP_PATIENCE_S = 4.0
"""How long finishing may take after a stop: a sink that is down must not hold the process."""

SNAPSHOT_PART = "snapshot"
"""What the progress calls the snapshot store when it has to be waited for."""

OnReady = Callable[[str, str], None]
"""Told once: the live map's address, and a sentence on what the start goes on from."""


@dataclass(frozen=True, slots=True)
class ProcessorSettings:
    """What `wildrydes processor` was asked for."""

    application: Path | None
    schema: Path | None
    stream: str
    summary_stream: str
    table: str
    archive_bucket: str | None
    sinks: tuple[str, ...]
    create_missing: bool
    shards: int
    data: Path
    discard_state: bool
    host: str
    port: int
    state_bytes_max: int | None = None
    """See Engine."""
    table_writes: TableWrites = "conditional"


async def run_processor(
    settings: ProcessorSettings,
    aws_settings: AwsSettings,
    stop: asyncio.Event,
    progress: Progress,
    on_ready: OnReady,
) -> None:
    """Runs until `stop` is set. Raises FleetError when it cannot start or cannot go on."""
    clock = process_clock()
    application = _application(settings)
    home = settings.data / application.name
    # A setting that is wrong ends the start before anything else does.
    sink_settings = _sink_settings(settings, aws_settings, home)
    live_map = LiveMap(clock)
    app = web.Application()
    live_map.add_routes(app)
    async with (
        AwsClients(aws_settings) as aws,
        Service(app, settings.host, settings.port, progress, clock) as service,
    ):
        # A dead endpoint is waited for, but not against the user's will.
        stream = await done_before(stop, _look_up(settings, aws, progress))
        if stream is None:
            return
        snapshots = DiskSnapshots(home, on_wait=progress.waits(SNAPSHOT_PART))
        start, found = await resume(
            snapshots,
            application,
            StreamIdentity(stream.arn, stream.created_ms),
            source_now_ms=stream.answered_ms,
            discard=settings.discard_state,
        )
        sink_settings = replace(sink_settings, epoch=start.epoch)

        async def prepare() -> None:
            if settings.create_missing:
                await create_resources(sink_settings, aws)

        pipeline = Pipeline(
            Engine(application, state_bytes_max=settings.state_bytes_max),
            KinesisSource(aws, settings.stream, on_wait=progress.waits(SOURCE_PART)),
            Outputs(
                streams=application.outputs,
                rows=row_sinks(sink_settings, aws, progress.waits),
                records=[live_map, *record_sinks(sink_settings, aws, progress.waits)],
                dead_letters=dead_letter_sink(sink_settings),
                prepare=prepare,
            ),
            snapshots,
            start,
            clock,
            progress,
        )
        on_ready(service.url, found)
        await _finish_in_time(pipeline.run(stop), stop)


def _application(settings: ProcessorSettings) -> Application:
    if settings.application is None:
        return workshop_application()
    return load_application(settings.application, schema_path=settings.schema)


def _sink_settings(
    settings: ProcessorSettings, aws_settings: AwsSettings, home: Path
) -> SinkSettings:
    bucket = LOCAL_BUCKET
    if "archive" in settings.sinks:
        bucket = archive_bucket(aws_settings, settings.archive_bucket)
    return SinkSettings(
        dead_letters=home / "dead-letter.jsonl",
        archive_bucket=bucket,
        table=settings.table,
        table_writes=settings.table_writes,
        summary_stream=settings.summary_stream,
        names=settings.sinks,
    )


async def _look_up(
    settings: ProcessorSettings, aws: AwsClients, progress: Progress
) -> StreamSummary:
    on_wait = progress.waits(SOURCE_PART)
    client = await aws.kinesis()
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


async def _finish_in_time(work: Coroutine[None, None, None], stop: asyncio.Event) -> None:
    """Runs the pipeline; after a stop it has STOP_PATIENCE_S to finish.

    What does not finish is not lost: its rows are made again by the next start.
    """
    running = asyncio.create_task(work, name="pipeline")
    stopping = asyncio.create_task(stop.wait(), name="wait for stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({running}, timeout=STOP_PATIENCE_S if not running.done() else None)
    finally:
        stopping.cancel()
        if not running.done():
            running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
