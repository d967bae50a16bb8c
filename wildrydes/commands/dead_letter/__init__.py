"""`wildrydes dead-letter`: the records that could not be used."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {
    "list": "Count letters by what went wrong, and list the latest.",
    "show": "Show a letter whole, with the place where it failed.",
    "replay": "Put the records of letters back on their stream, each once.",
}


@click.command(
    "dead-letter",
    cls=CommandGroup,
    package="wildrydes.commands.dead_letter",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes dead-letter list
  wildrydes dead-letter show 17
  wildrydes dead-letter replay --reason "is not a SMALLINT" --dry-run
""",
)
def command() -> None:
    """Look at the records and rows that the processor could not use, and put records back.

    They are in the processor's --data folder; a processor may run meanwhile.
    """
