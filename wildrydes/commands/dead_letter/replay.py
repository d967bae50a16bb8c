"""`wildrydes dead-letter replay`."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from fleet.errors import ConfigError, ResourceMissing
from fleet.settings import AwsSettings
from wildrydes.commands.dead_letter.choosing import choice, file_options, filter_options
from wildrydes.options import StreamName, aws_options, json_option

if TYPE_CHECKING:
    from wildrydes.dead_letters.choice import Choice
    from wildrydes.dead_letters.replay import Tally, Terms


@click.command(
    "replay",
    epilog="""\b
Examples:
  wildrydes dead-letter replay --dry-run
  wildrydes dead-letter replay --stage decode --reason "is not a SMALLINT"
  wildrydes dead-letter replay 17 18 --stream wildrydes-mended

\b
Exit codes: 0 all was put back, 1 failure or some were left, 2 usage.
""",
)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(1))
@file_options
@filter_options
@click.option(
    "--stream", type=StreamName(), help="Stream to put them on.  [default: where each came from]"
)
@click.option("--dry-run", is_flag=True, help="Say what would be put back, and put nothing.")
@click.option("--partial", is_flag=True, help="Records too of which other rows were used.")
@click.option("--again", is_flag=True, help="Those too that an interrupted replay left in doubt.")
@aws_options
@json_option("What was done, as one object at the end.")
def command(
    numbers: tuple[int, ...],
    data: Path,
    application: str | None,
    shard: str | None,
    stage: str | None,
    reason: str | None,
    last_ms: int | None,
    stream: str | None,
    dry_run: bool,
    partial: bool,
    again: bool,
    settings: AwsSettings,
    as_json: bool,
) -> int:
    """Put the records of letters back on the stream they came from, as new records.

    Each keeps its bytes and partition key, gets a new sequence number and a new arrival time, and
    is entered in dead-letter.jsonl.replayed, so that a second replay does not put it twice. Mend
    what made the records fail before: the SQL, the schema. Rows that a pump or a sink refused are
    no records and are left. Ctrl-C ends it after the call that is under way.
    """
    from wildrydes.dead_letters.replay import Terms

    chosen = choice(data, application, shard, stage, reason, last_ms, numbers)
    terms = Terms(stream, partial, again)
    tally = _plan(chosen, terms) if dry_run else _replay(chosen, terms, settings)
    if as_json:
        click.echo(msgspec.json.encode({"dry_run": dry_run, **msgspec.to_builtins(tally)}))
    else:
        _say(tally, dry_run)
    return int(bool(tally.left) or tally.stopped)


def _plan(chosen: "Choice", terms: "Terms") -> "Tally":
    from wildrydes.dead_letters.marks import Marks
    from wildrydes.dead_letters.replay import Tally, calls, count, due

    tally = Tally()
    for to, letters in calls(due(chosen.letters(), Marks(chosen.path), terms, tally)):
        count(to, letters, tally)
    return tally


def _replay(chosen: "Choice", terms: "Terms", settings: AwsSettings) -> "Tally":
    from awsio.clients import AwsClients
    from wildrydes.dead_letters.marks import Marks
    from wildrydes.dead_letters.replay import Tally, calls, due, replay
    from wildrydes.lifecycle import complain, run, wait_line

    tally = Tally()

    async def main(stop: asyncio.Event) -> None:
        with Marks(chosen.path) as marks:
            chunks = calls(due(chosen.letters(), marks, terms, tally))
            async with AwsClients(settings) as aws:
                try:
                    await replay(
                        chunks,
                        await aws.kinesis(),
                        marks,
                        tally,
                        stop,
                        on_call=_Report(),
                        on_wait=lambda why, _: complain(wait_line("stream", why)),
                    )
                except ResourceMissing as error:
                    raise ResourceMissing(
                        str(error), remedy="name another with --stream, or create it"
                    ) from None

    if not chosen.path.exists():
        raise ConfigError(f"there are no dead letters: no file {chosen.path}")
    run(main)
    return tally


class _Report:
    """Says how far it is, once a second."""

    def __init__(self) -> None:
        self._said_s = time.monotonic()

    def __call__(self, tally: "Tally") -> None:
        now_s = time.monotonic()
        if now_s - self._said_s >= 1:
            self._said_s = now_s
            click.echo(f"wildrydes: {tally.replayed:,} put back", err=True)


def _say(tally: "Tally", dry_run: bool) -> None:
    verb = "would be put back" if dry_run else "put back"
    places = "; ".join(f"{count:,} on {name}" for name, count in tally.streams.items())
    where = f" ({places}; {tally.bytes:,} bytes)" if places else ""
    click.echo(f"{tally.replayed:,} {verb}{where}")
    if tally.already:
        click.echo(f"{tally.already:,} were put back before")
    for reason, count in tally.left.items():
        click.echo(f"{count:,} left: {reason}")
    if tally.stopped:
        click.echo("stopped as asked: run it again for the rest")
