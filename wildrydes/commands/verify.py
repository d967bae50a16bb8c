"""`wildrydes verify`: proves that nothing was lost, doubled or computed wrong."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fleet.errors import ConfigError
from fleet.reading import STREAM, SUMMARY_STREAM, TABLE
from fleet.settings import AwsSettings, process_clock
from wildrydes.application_option import ApplicationPath
from wildrydes.options import StreamName, aws_options, json_option
from wildrydes.reference_option import reference_option
from wildrydes.time_option import Duration, Moment
from wildrydes.verification.comparison import PARTS

if TYPE_CHECKING:
    from analytics_sql.plan import Application
    from wildrydes.verification.verification import Verdict, VerifySettings

NOTHING_JUDGED = 4
CLOCKS_APART_MS = 3_600_000
"""Beyond what is wrong with machines' clocks."""

EPILOG = """\b
Examples:
  wildrydes verify
  wildrydes verify --ledger rides.ledger.jsonl --data ~/.local/state/wildrydes
  wildrydes verify --app rides.sql --skip archive --since "2026-01-01 00:00"
  wildrydes verify --json | jq '.comparisons[] | select(.ok == false)'

\b
Exit codes: 0 all right, 1 something is wrong or failed, 2 usage, 4 nothing to judge yet.
"""


@click.command("verify", epilog=EPILOG)
@click.option(
    "--ledger",
    "ledgers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="What `wildrydes simulator --ledger` wrote; can be given several times.",
)
@click.option(
    "--stream",
    "-stream",
    type=StreamName(),
    default=STREAM,
    show_default=True,
    help="Kinesis stream of the readings.",
)
@click.option(
    "--app",
    "application",
    type=ApplicationPath(),
    help="Application that the processor runs, if it is not the workshop's application.",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Input schema of --app.  [default: what application.toml names; of a file, "
    "FILE.schema.json or schema.json beside it]",
)
@reference_option("a file or s3://bucket/key")
@click.option(
    "--event-time",
    "event_time",
    metavar="COLUMN",
    help="The processor's --event-time, if it has one: its windows are not judged, all else is.",
)
@click.option(
    "--summary-stream",
    type=StreamName(),
    default=SUMMARY_STREAM,
    show_default=True,
    help="Kinesis stream of the rows.",
)
@click.option("--table", default=TABLE, show_default=True, help="DynamoDB table of the rows.")
@click.option(
    "--archive-bucket",
    help="Bucket of the archive.  [default: wildrydes-archive on a local endpoint]",
)
@click.option(
    "--skip",
    type=click.Choice(PARTS),
    multiple=True,
    help="Leave out what is not there; can be given several times.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The processor's (or up's) --data folder, to compare its dead letters too.",
)
@click.option("--since", "since_ms", type=Moment(), help="Judge what began then or later, UTC.")
@click.option(
    "--settle",
    "settle_ms",
    type=Duration(),
    default="10s",
    show_default=True,
    help="How long rows and objects may take to land: what ended later is not judged.",
)
@aws_options
@json_option("The verdict as one JSON object.")
def command(
    ledgers: tuple[Path, ...],
    stream: str,
    application: Path | None,
    schema: Path | None,
    references: tuple[tuple[str, str], ...],
    event_time: str | None,
    summary_stream: str,
    table: str,
    archive_bucket: str | None,
    skip: tuple[str, ...],
    data: Path | None,
    since_ms: int | None,
    settle_ms: int,
    settings: AwsSettings,
    as_json: bool,
) -> int:
    """Compare everything that was sent with everything that came of it.

    Reads the stream, the archive, the summary stream and the table, computes each window again from
    the raw records, with DuckDB, and says what is missing, extra, different or repeated. The system
    may run on meanwhile: only windows that have ended are judged.
    """
    from sinks.registry import archive_bucket as bucket_of
    from wildrydes.lifecycle import run
    from wildrydes.verification.letters import find_letters
    from wildrydes.verification.report import is_empty, print_verdict, verdict_json
    from wildrydes.verification.verification import VerifySettings

    plan = _application(application, schema, dict(references), event_time)
    wanted = VerifySettings(
        application=plan,
        stream=stream,
        summary_stream=summary_stream,
        table=table,
        archive_bucket="" if "archive" in skip else bucket_of(settings, archive_bucket),
        parts=[part for part in PARTS if part not in skip],
        ledgers=ledgers,
        letters=None if data is None else find_letters(data, plan.name),
        since_ms=since_ms,
        # A clock that runs faster passes more time while a row is on its way.
        settle_ms=round(settle_ms * process_clock().scale),
    )
    started_ms = process_clock().now_ms()
    verdicts: list[Verdict] = []

    async def main(stop: asyncio.Event) -> None:
        if (verdict := await _verify(wanted, settings, stop)) is not None:
            verdicts.append(verdict)

    run(main)
    if not verdicts:
        raise click.Abort
    [verdict] = verdicts
    _check_clock(verdict.extent.until_ms + wanted.settle_ms - started_ms)
    if as_json:
        click.echo(json.dumps(verdict_json(verdict), ensure_ascii=False))
    else:
        print_verdict(verdict)
    if verdict.wrong:
        return 1
    return NOTHING_JUDGED if is_empty(verdict) else 0


async def _verify(
    wanted: "VerifySettings", settings: AwsSettings, stop: asyncio.Event
) -> "Verdict | None":
    from awsio.clients import AwsClients
    from fleet.race import done_before
    from wildrydes.lifecycle import complain
    from wildrydes.verification.progress import ReadingProgress
    from wildrydes.verification.verification import verify

    progress = ReadingProgress(complain)
    async with AwsClients(settings) as aws:
        return await done_before(stop, verify(wanted, aws, progress.waits, progress.read))


def _check_clock(ahead_ms: int) -> None:
    """Says when the stream's clock is another one than this process has, which can only be one that
    runs faster: `--settle` is then too short.
    """
    from wildrydes.lifecycle import complain

    if process_clock().scale == 1.0 and abs(ahead_ms) > CLOCKS_APART_MS:
        complain(
            f"wildrydes: the stream's clock is {ahead_ms / 3_600_000:+.1f} hours off this one; if "
            "its endpoint has --time-scale, export WILDRYDES_CLOCK as it prints it"
        )


def _application(
    path: Path | None, schema: Path | None, references: Mapping[str, str], event_time: str | None
) -> "Application":
    from analytics_sql.application_file import WORKSHOP, load_application

    given = {} if event_time is None else {"column": event_time}
    plan = load_application(
        path or WORKSHOP, schema_path=schema, references=references, event_time=given
    )
    if plan.preprocessor is not None:
        raise ConfigError(
            f"{plan.name} has a preprocessor, and verify reckons from the records as they came in",
            remedy="test it with `wildrydes sql test`; without [preprocessor] in a copy of "
            "application.toml, verify takes records that need none",
        )
    return plan
