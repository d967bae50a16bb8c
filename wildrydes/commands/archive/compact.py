"""`wildrydes archive compact`."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from fleet.errors import FleetError
from fleet.settings import AwsSettings, process_clock
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
from wildrydes.size_option import Size
from wildrydes.time_option import Duration

HOUR_MS = 3_600_000


@click.command(
    "compact",
    epilog="""\b
Examples:
  wildrydes archive compact
  wildrydes archive compact --last 1d --object-size 128MiB
  wildrydes archive compact --keep-originals --json

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@range_options
@click.option(
    "--object-size",
    "object_bytes",
    type=Size(),
    default="64MiB",
    show_default=True,
    help="Of a compacted object, at most, unless one object is larger already.",
)
@click.option(
    "--closed-for",
    "closed_ms",
    type=Duration(),
    default="10m",
    show_default=True,
    help="Compact hours that have been over for so long.",
)
@click.option(
    "--keep-originals",
    is_flag=True,
    help="Delete nothing: for readers that do not follow the manifests.",
)
@place_options
@json_option("One hour a line, as a JSON object.")
def command(
    settings: AwsSettings,
    archive_bucket: str | None,
    folder: Path | None,
    from_ms: int | None,
    to_ms: int | None,
    last_ms: int | None,
    object_bytes: int,
    closed_ms: int,
    keep_originals: bool,
    as_json: bool,
) -> int:
    """Make the many small objects of each past hour few big ones, at least one a shard.

    May be stopped or killed at any moment, and run again; readers of this program see every record
    once all the while, since an hour's manifest names the objects that count. Records that are
    archived later count as well, and go into the next compaction. Other readers of the bucket:
    docs/archive.md says what they see.
    """
    from wildrydes.lifecycle import run

    times = time_range(from_ms, to_ms, last_ms)
    closed_before_ms = process_clock().now_ms() - closed_ms
    place = archive_place(settings, archive_bucket, folder)
    options = {"object_bytes": object_bytes, "keep_originals": keep_originals}
    failed: list[int] = []

    async def main(stop: asyncio.Event) -> None:
        failed.extend(await _compact(place, times, closed_before_ms, options, as_json, stop))

    run(main)
    return int(bool(failed))


async def _compact(
    place: ArchivePlace,
    times: TimeRange,
    closed_before_ms: int,
    options: dict[str, Any],
    as_json: bool,
    stop: asyncio.Event,
) -> list[int]:
    """The hours that could not be compacted; each has been told."""
    from awsio.clients import AwsClients
    from sinks.archive_compaction import Compaction
    from sinks.archive_hour import list_hours
    from wildrydes.lifecycle import complain

    async with AwsClients(place.settings) as aws:
        store = place.store(aws)
        listed = await list_hours(store, times.from_ms, times.to_ms)
        if not listed:
            raise nothing_there(store.where, times)
        hours = [hour_ms for hour_ms in listed if hour_ms + HOUR_MS <= closed_before_ms]
        compaction = Compaction(store, **options)
        changed = 0
        failed: list[int] = []
        for hour_ms in hours:
            if stop.is_set():
                break
            try:
                done = await compaction.compact(hour_ms, process_clock().now_ms())
            except FleetError as error:
                # One hour that cannot be read must not keep all the others as they are.
                failed.append(hour_ms)
                complain(f"wildrydes: {timestamp_text(hour_ms)[:16]}: {error}")
                continue
            is_news = done.objects_after != done.objects_before or done.deleted > 0
            changed += is_news
            line = {
                "hour": timestamp_text(hour_ms)[:16],
                "objects_before": done.objects_before,
                "objects_after": done.objects_after,
                "deleted": done.deleted,
            }
            if as_json:
                click.echo(json.dumps(line))
            elif is_news:
                click.echo(
                    f"{line['hour']}  {done.objects_before:,} objects of readings are now "
                    f"{done.objects_after:,}; {done.deleted:,} objects deleted"
                )
    if not as_json:
        still = len(listed) - len(hours)
        click.echo(
            f"{changed} of {len(listed)} hours compacted"
            + (f"; {len(failed)} failed" if failed else "")
            + (f"; {still} not over for long enough" if still else "")
            + ("; stopped" if stop.is_set() else "")
        )
    return failed
