"""`wildrydes archive link`."""

import asyncio
from pathlib import Path

import click

from fleet.settings import AwsSettings
from wildrydes.archives.place import (
    ArchivePlace,
    TimeRange,
    archive_place,
    nothing_there,
    place_options,
    range_options,
    time_range,
)


@click.command(
    "link",
    epilog="""\b
Examples:
  wildrydes archive link
  wildrydes archive link --last 2h
  wildrydes query --ddl athena-links

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@range_options
@place_options
def command(
    settings: AwsSettings,
    archive_bucket: str | None,
    folder: Path | None,
    from_ms: int | None,
    to_ms: int | None,
    last_ms: int | None,
) -> None:
    """Write down which objects count in each hour, for Athena's table of links.

    `wildrydes query --ddl athena-links` prints that table. It sees each hour whole and once, also
    while it is compacted: compaction writes the links of its hours by itself. Objects that were
    archived since come in with the next run of this, so let it run every few minutes.
    """
    from wildrydes.lifecycle import run

    times = time_range(from_ms, to_ms, last_ms)
    place = archive_place(settings, archive_bucket, folder)

    async def main(stop: asyncio.Event) -> None:
        await _link(place, times, stop)

    run(main)


async def _link(place: ArchivePlace, times: TimeRange, stop: asyncio.Event) -> None:
    from awsio.clients import AwsClients
    from sinks.archive_hour import list_hours
    from sinks.archive_links import link_hour

    async with AwsClients(place.settings) as aws:
        store = place.store(aws)
        hours = await list_hours(store, times.from_ms, times.to_ms)
        if not hours:
            raise nothing_there(store.where, times)
        written = 0
        for hour_ms in hours:
            if stop.is_set():
                break
            written += await link_hour(store, hour_ms)
    click.echo(f"links of {written} of {len(hours)} hours written; the others were right")
