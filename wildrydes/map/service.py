"""A map that reads the streams and shows them: in one process, or with workers that show."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace

from awsio.clients import AwsClients
from fleet.errors import ResourceMissing
from fleet.race import done_before
from fleet.reading import STREAM
from fleet.settings import process_clock
from sinks.live_map import LiveMap
from sinks.live_map.access.settings import open_gate
from wildrydes.map.report import MapReport
from wildrydes.map.server import listener, lookups, served, url_of
from wildrydes.map.settings import MapSettings
from wildrydes.map.source import follow_readings, follow_rows
from wildrydes.map.workers import Workers


async def run_map(settings: MapSettings, stop: asyncio.Event, report: MapReport) -> None:
    """Runs until `stop` is set. Raises FleetError when it cannot start or go on."""
    settings.access.check(settings.host, settings.aws)
    bound = listener(settings.host, settings.port, shared=settings.workers > 1)
    try:
        async with AwsClients(settings.aws) as aws:
            run = _alone if settings.workers == 1 else _with_workers
            await run(settings, aws, bound, stop, report)
    finally:
        bound.close()
    report.stopped()


async def _alone(
    settings: MapSettings,
    aws: AwsClients,
    bound: socket.socket,
    stop: asyncio.Event,
    report: MapReport,
) -> None:
    async with open_gate(settings.access, settings.aws, settings.host) as gate:
        history, archive = lookups(settings, aws)
        live_map = LiveMap(
            process_clock(), gate=gate, history=history, archive=archive, tiles=settings.tiles
        )

        def status() -> Mapping[str, int]:
            viewers = live_map.viewers
            return {
                "unicorns": len(live_map.picture),
                "viewers": len(viewers),
                "skipped": viewers.skipped,
                "dropped": viewers.dropped,
                "hidden": live_map.intake.hidden.total,
            }

        async with served(live_map.show, bound):
            if (key := await done_before(stop, gate.door.prepare())) is not None:
                report.on_ready(url_of(bound), key, gate.door.mode)
                await _follow(settings, live_map, aws, stop, report, status)


async def _with_workers(
    settings: MapSettings,
    aws: AwsClients,
    bound: socket.socket,
    stop: asyncio.Event,
    report: MapReport,
) -> None:
    # A pool that is made has to be the same for all.
    async with open_gate(settings.access, settings.aws, settings.host) as gate:
        if (key := await done_before(stop, gate.door.prepare())) is None:
            return
    if key:
        access = replace(settings.access, identity_pool_id=key.removeprefix("identity pool "))
        settings = replace(settings, access=access)
    # The bound socket keeps the port; the workers listen on it too.
    settings = replace(settings, port=bound.getsockname()[1])
    workers = Workers(settings, report.say)
    live_map = LiveMap(process_clock(), relay=workers)

    def status() -> Mapping[str, int]:
        return {
            "unicorns": len(live_map.picture),
            **workers.watching(),
            "hidden": live_map.intake.hidden.total,
        }

    async with workers.running(live_map, stop):
        report.on_ready(url_of(bound), key, settings.access.mode)
        await _follow(settings, live_map, aws, stop, report, status)


async def _follow(
    settings: MapSettings,
    live_map: LiveMap,
    aws: AwsClients,
    stop: asyncio.Event,
    report: MapReport,
    status: Callable[[], Mapping[str, int]],
) -> None:
    async def follow() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                follow_readings(live_map, aws, settings.stream, report.on_wait, settings.fan_out)
            )
            tasks.create_task(report.tell(status))
            if settings.summary_stream is not None:
                tasks.create_task(
                    follow_rows(live_map, aws, settings.summary_stream, report.on_wait, report.say)
                )

    try:
        await done_before(stop, follow())
    except* ResourceMissing as missing:
        remedy = "check --stream, --region and --endpoint-url"
        if settings.stream == STREAM:
            remedy = f"`wildrydes simulator --create-stream` creates it; or {remedy}"
        raise ResourceMissing(str(missing.exceptions[0]), remedy=remedy) from None
    finally:
        await live_map.close()
