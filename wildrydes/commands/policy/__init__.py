"""`wildrydes policy`: S3 bucket policies."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {"public-read": "Let everybody read a bucket's objects."}


@click.command(
    "policy",
    cls=CommandGroup,
    package="wildrydes.commands.policy",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes policy public-read my-rides
""",
)
def command() -> None:
    """Write S3 bucket policies, and apply them when told to."""
