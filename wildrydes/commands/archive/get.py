"""`wildrydes archive get`."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

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
    untimed_text,
)
from wildrydes.archives.whole_file import whole_file

if TYPE_CHECKING:
    from sinks.archive_reader import ArchivedRecord
    from sinks.archive_settings import Column

PROGRESS_RECORDS = 100_000


@click.command(
    "get",
    epilog="""\b
Examples:
  wildrydes archive get --last 1h | jq -r .Name | sort | uniq -c
  wildrydes archive get --from "2026-01-01 00:00" --to "2026-01-01 01:00" --output hour.jsonl
  wildrydes archive get --last 1h --format records | wildrydes sql run rides.sql --input -
  wildrydes archive get --last 1d --format parquet --output day.parquet

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@range_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "records", "parquet"]),
    default="json",
    show_default=True,
    help="json: the readings as they were sent, a line each. records: every record as GetRecords "
    "returns it, poison too. parquet: the readings with typed columns, into --output.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: standard output]",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Input schema for --format parquet.  [default: the workshop's]",
)
@place_options
def command(
    settings: AwsSettings,
    archive_bucket: str | None,
    folder: Path | None,
    from_ms: int | None,
    to_ms: int | None,
    last_ms: int | None,
    form: str,
    output: Path | None,
    schema: Path | None,
) -> None:
    """Write the records of a range of time in the order in which they arrived.

    A file appears under its name when it is whole.
    """
    from wildrydes.pipe_reader import ends_with_reader

    if form == "parquet" and output is None:
        raise click.UsageError("--format parquet needs --output FILE")
    place = archive_place(settings, archive_bucket, folder)
    times = time_range(from_ms, to_ms, last_ms)
    with ends_with_reader():
        if form == "parquet":
            from analytics_sql.application_file import WORKSHOP_SCHEMA
            from wildrydes.archives.columns import schema_columns

            columns = schema_columns(schema or WORKSHOP_SCHEMA)
            assert output is not None
            with whole_file(output) as path:
                asyncio.run(_write_parquet(place, times, path, columns))
        elif output is not None:
            with whole_file(output) as path:
                asyncio.run(_write_lines(place, times, path, form))
        else:
            asyncio.run(_write_lines(place, times, None, form))


async def _write_lines(place: ArchivePlace, times: TimeRange, path: Path | None, form: str) -> None:
    from wildrydes.archives.text import LINES
    from wildrydes.output import Output

    lines = LINES[form]
    if path is None:
        out = Output()

        async def print_chunk(records: "list[ArchivedRecord]") -> None:
            await out.write(lines(records))

        await _each(place, times, print_chunk, with_errors=form == "records")
        return
    with path.open("wb") as file:

        async def write_chunk(records: "list[ArchivedRecord]") -> None:
            file.write(lines(records))

        await _each(place, times, write_chunk, with_errors=form == "records")


async def _write_parquet(
    place: ArchivePlace, times: TimeRange, path: Path, columns: "tuple[Column, ...]"
) -> None:
    from wildrydes.archives.parquet_writer import ParquetWriter

    with ParquetWriter(path, columns) as writer:

        async def write_chunk(records: "list[ArchivedRecord]") -> None:
            writer.write(records)

        await _each(place, times, write_chunk, with_errors=False)


async def _each(
    place: ArchivePlace,
    times: TimeRange,
    take: "Callable[[list[ArchivedRecord]], Awaitable[None]]",
    *,
    with_errors: bool,
) -> None:
    from awsio.clients import AwsClients
    from sinks.archive_reader import ArchiveReader
    from wildrydes.lifecycle import complain

    count = told = untimed = 0
    async with AwsClients(place.settings) as aws:
        store = place.store(aws)
        reader = ArchiveReader(store)
        async for chunk in reader.records(times.from_ms, times.to_ms, with_errors=with_errors):
            await take(list(chunk))
            count += len(chunk)
            untimed += sum(not record.is_timed for record in chunk)
            if count - told >= PROGRESS_RECORDS:
                told = count
                complain(f"wildrydes: {count:,} records")
        if not count:
            raise nothing_there(store.where, times)
    if untimed:
        complain(untimed_text(untimed))
