"""`wildrydes archive ls`."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from fleet.settings import AwsSettings
from fleet.timestamp import timestamp_text
from wildrydes.archives.place import (
    ArchivePlace,
    TimeRange,
    archive_place,
    nothing_there,
    place_options,
    range_options,
    time_range,
)
from wildrydes.options import json_option
from wildrydes.table import print_table

HEADS = ("hour", "objects", "compacted", "readings", "errors", "bytes")
HOURS_AT_ONCE = 8


@click.command(
    "ls",
    epilog="""\b
Examples:
  wildrydes archive ls
  wildrydes archive ls --from "2026-01-01 00:00" --to "2026-01-02 00:00"
  wildrydes archive ls --last 1d --json | jq -s 'map(.readings) | add'

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@range_options
@place_options
@json_option("One hour a line, as a JSON object.")
def command(
    settings: AwsSettings,
    archive_bucket: str | None,
    folder: Path | None,
    from_ms: int | None,
    to_ms: int | None,
    last_ms: int | None,
    as_json: bool,
) -> None:
    """List the hours of the archive that have objects, with what counts in them.

    Objects and bytes are those of readings and errors, compressed; what a compaction has replaced
    does not count. Counting records reads a small object for each object that is not compacted.
    """
    place = archive_place(settings, archive_bucket, folder)
    hours = asyncio.run(_hours(place, time_range(from_ms, to_ms, last_ms)))
    if as_json:
        for hour in hours:
            click.echo(json.dumps(hour))
        return
    rows = [[_cell(hour[name]) for name in HEADS] for hour in hours]
    total = {name: sum(hour[name] for hour in hours) for name in HEADS[1:]}
    rows.append([f"{len(hours)} hours", *(_cell(total[name]) for name in HEADS[1:])])
    print_table(HEADS, rows, numbers=HEADS[1:])


async def _hours(place: ArchivePlace, times: TimeRange) -> list[dict[str, Any]]:
    from awsio.clients import AwsClients
    from awsio.parallel import in_parallel
    from sinks.archive_hour import list_hours, read_hour
    from sinks.archive_reader import ArchiveReader

    found: dict[int, dict[str, Any]] = {}
    async with AwsClients(place.settings) as aws:
        store = place.store(aws)
        reader = ArchiveReader(store)

        async def look(hour_ms: int) -> None:
            hour = await read_hour(store, hour_ms)
            readings, errors = await reader.counts(hour)
            if hour.objects or hour.errors:
                found[hour_ms] = {
                    "hour": timestamp_text(hour_ms)[:16],
                    "objects": hour.objects + len(hour.errors),
                    "compacted": len(hour.manifest.objects),
                    "readings": readings,
                    "errors": errors,
                    "bytes": hour.size_bytes,
                }

        hours = await list_hours(store, times.from_ms, times.to_ms)
        await in_parallel(hours, look, at_most=HOURS_AT_ONCE)
        if not found:
            raise nothing_there(store.where, times)
    return [found[hour_ms] for hour_ms in sorted(found)]


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,}"
