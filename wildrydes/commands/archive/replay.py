"""`wildrydes archive replay`."""

import asyncio
import sys
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fleet.settings import AwsSettings
from fleet.timestamp import timestamp_text
from wildrydes.application_option import ApplicationPath
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
from wildrydes.event_time_option import event_time_options
from wildrydes.options import StreamName
from wildrydes.reference_option import reference_option

if TYPE_CHECKING:
    from analytics_sql.plan import Application
    from sinks.archive_reader import ArchivedRecord
    from wildrydes.archives.stream_replay import Put
    from wildrydes.trial.row_text import RowText

PROGRESS_S = 5.0


class Speed(click.ParamType[float | None]):
    """1x, 2.5x, 60x or max; as a number, None for max."""

    name = "speed"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        text = str(value)
        if text == "max":
            return None
        try:
            number = float(text.removesuffix("x"))
        except ValueError:
            number = 0.0
        if not 0.001 <= number <= 1_000_000:
            self.fail(f"{value!r} is not a speed such as 1x, 60x or max", param, ctx)
        return number


@click.command(
    "replay",
    epilog="""\b
Examples:
  wildrydes archive replay --stream wildrydes-again --last 1h --speed 60x
  wildrydes archive replay --stream again --from "2026-01-01 00:00" --to "2026-01-02 00:00"
  wildrydes archive replay --app rides.sql --from "2026-01-01 00:00" --to "2026-01-01 01:00"
  wildrydes archive replay --app rides.sql --folder archive --output RIDES | jq .METRES

\b
Exit codes: 0 ok, 1 failure or stopped before the end, 2 usage.
""",
)
@range_options
@click.option("--stream", type=StreamName(), help="Stream to put the records into.")
@click.option(
    "--speed",
    type=Speed(),
    default="max",
    show_default=True,
    help="Into a stream: 1x as the records arrived, 60x an hour a minute, max as fast as the "
    "stream takes them.",
)
@click.option(
    "--skip",
    type=click.IntRange(0),
    default=0,
    help="Into a stream: pass over so many records of the range, those that an earlier replay has "
    "put.",
)
@click.option(
    "--app",
    "application",
    type=ApplicationPath(),
    help="Run this application over the records and print its rows, instead of --stream.",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Input schema of --app.  [default: what application.toml names; of a file, "
    "FILE.schema.json or schema.json beside it]",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="STREAM",
    help="In-application stream of --app to print, or error_stream; several with several --output."
    "  [default: those that no pump reads]",
)
@reference_option("a file")
@event_time_options
@place_options
def command(
    settings: AwsSettings,
    archive_bucket: str | None,
    folder: Path | None,
    from_ms: int | None,
    to_ms: int | None,
    last_ms: int | None,
    stream: str | None,
    speed: float | None,
    skip: int,
    application: Path | None,
    schema: Path | None,
    outputs: tuple[str, ...],
    references: tuple[tuple[str, str], ...],
    event_time: Mapping[str, str],
) -> int:
    """Put the records of a range of time into a stream, or run an application over them.

    Into a stream: records keep their bytes, their partition keys and the order of each key; they
    arrive anew. What is stopped says with which --skip it goes on. Through an application: ROWTIME
    is the time at which each record arrived, so that the rows are those of the first time; a row is
    a line as `wildrydes sql run` prints it, and at the end of the range every window closes.
    """
    from analytics_sql.application_file import load_application

    if (stream is None) == (application is None):
        raise click.UsageError("give --stream or --app")
    if stream is not None and (schema or outputs or references or event_time):
        raise click.UsageError("--schema, --output, --reference and --event-time go with --app")
    if application is not None and (speed is not None or skip):
        raise click.UsageError("--speed and --skip go with --stream")
    place = archive_place(settings, archive_bucket, folder)
    times = time_range(from_ms, to_ms, last_ms)
    if application is not None:
        loaded = load_application(
            application,
            schema_path=schema,
            references=dict(references),
            event_time=event_time,
        )
        _print_rows(place, times, loaded, outputs)
        return 0
    assert stream is not None
    return int(not _put_records(place, times, stream, speed, skip))


def _put_records(
    place: ArchivePlace, times: TimeRange, stream: str, speed: float | None, skip: int
) -> bool:
    from awsio.clients import AwsClients
    from awsio.streams import describe_stream
    from sinks.archive_reader import ArchiveReader
    from wildrydes.archives.stream_replay import Put, replay_into
    from wildrydes.lifecycle import complain, run, wait_line

    put = Put()
    ended = False

    async def main(stop: asyncio.Event) -> None:
        nonlocal ended
        async with AwsClients(place.settings) as aws:
            store = place.store(aws)
            client = await aws.kinesis()
            await describe_stream(client, stream)
            ended = await replay_into(
                client,
                stream,
                ArchiveReader(store).records(times.from_ms, times.to_ms),
                stop,
                speed=speed,
                skip=skip,
                put=put,
                on_progress=_Progress(),
                on_wait=lambda why, _: complain(wait_line("the stream", why)),
            )
            if ended and not put.records and not skip:
                raise nothing_there(store.where, times)

    try:
        run(main)
    finally:
        if put.untimed:
            complain(untimed_text(put.untimed))
        if not ended and put.records + skip:
            complain(f"wildrydes: to go on, give the same range and --skip {put.records + skip}")
    click.echo(f"{put.records:,} records put into {stream}" + ("" if ended else "; stopped"))
    return ended


class _Progress:
    """Tells now and then how far a replay has come."""

    def __init__(self) -> None:
        self._told_s: float | None = None

    def __call__(self, put: "Put") -> None:
        from wildrydes.lifecycle import complain

        now_s = asyncio.get_running_loop().time()
        if self._told_s is None:
            self._told_s = now_s
        if now_s - self._told_s >= PROGRESS_S and put.last_arrival_ms is not None:
            self._told_s = now_s
            reached = timestamp_text(put.last_arrival_ms)
            complain(f"wildrydes: {put.records:,} records put, those up to {reached}")


def _print_rows(
    place: ArchivePlace,
    times: TimeRange,
    application: "Application",
    outputs: Sequence[str],
) -> None:
    from wildrydes.lifecycle import complain
    from wildrydes.pipe_reader import ends_with_reader
    from wildrydes.trial.row_text import RowText

    text = RowText(application, outputs or None)
    with asyncio.Runner() as runner, ends_with_reader():
        _run_through(runner, place, times, application, text)
    if text.unseen_errors:
        complain(
            f"wildrydes: {application.name}: records or rows that went to error_stream: "
            f"{text.unseen_errors}; the first because: {text.first_error}\n"
            "  --output error_stream shows them"
        )


def _run_through(
    runner: asyncio.Runner,
    place: ArchivePlace,
    times: TimeRange,
    application: "Application",
    text: "RowText",
) -> None:
    from awsio.clients import AwsClients
    from sinks.archive_reader import ArchiveReader
    from wildrydes.archives.engine_replay import batches_of
    from wildrydes.lifecycle import complain
    from wildrydes.trial.trial import Trial

    untimed = 0
    aws = AwsClients(place.settings)
    try:
        store = place.store(aws)
        reader = ArchiveReader(store)
        shards = runner.run(_shards(reader, times))
        if not shards:
            raise nothing_there(store.where, times)
        records = reader.records(times.from_ms, times.to_ms)

        def chunks() -> "Iterator[Sequence[ArchivedRecord]]":
            nonlocal untimed
            # The engine is synchronous: the archive is read while it waits for records.
            while (chunk := runner.run(_next(anext(records, None)))) is not None:
                untimed += sum(not record.is_timed for record in chunk)
                yield chunk

        for rows in Trial(application).run_batches(batches_of(chunks(), shards), shards):
            sys.stdout.buffer.write(text.lines(rows))
            sys.stdout.buffer.flush()
    finally:
        runner.run(aws.__aexit__(None, None, None))
    if untimed:
        complain(untimed_text(untimed))


async def _next(
    chunk: "Awaitable[Sequence[ArchivedRecord] | None]",
) -> "Sequence[ArchivedRecord] | None":
    return await chunk


async def _shards(reader: Any, times: TimeRange) -> list[str]:
    found: set[str] = set()
    async for hour in reader.hours(times.from_ms, times.to_ms):
        found.update(hour.runs())
    return sorted(found)
