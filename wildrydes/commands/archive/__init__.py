"""`wildrydes archive`: the raw records that the processor archived."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {
    "ls": "List the hours, with their objects, records and bytes.",
    "get": "Write the records of a range of time, in order.",
    "replay": "Put a range of time into a stream, or run an application over it.",
    "compact": "Make the many small objects of past hours few big ones.",
    "link": "Write down which objects count, for Athena.",
}


@click.command(
    "archive",
    cls=CommandGroup,
    package="wildrydes.commands.archive",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes archive ls --last 1d
  wildrydes archive get --last 1h > readings.jsonl
  wildrydes archive replay --app rides.sql --from "2026-01-01 00:00" --to "2026-01-01 01:00"
  wildrydes archive compact
""",
)
def command() -> None:
    """Look at, read, replay and compact the archive of raw records.

    The archive is a bucket, or a folder that looks like one (--folder): `aws s3 sync` makes it.
    Times are times of arrival, UTC.
    """
