"""`wildrydes bench`: load for a deployment of one's own."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {"viewers": "Many viewers of a live map on this machine, some of which stop reading."}


@click.command(
    "bench",
    cls=CommandGroup,
    package="wildrydes.commands.bench",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes bench viewers
  wildrydes bench viewers --viewers 1000 --stuck 10% --url http://127.0.0.1:8080
""",
)
def command() -> None:
    """Put load on a deployment of yours and see what it does. Loopback only."""
