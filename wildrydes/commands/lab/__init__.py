"""`wildrydes lab`: the batch labs."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {
    "list": "List the labs, with the question each answers.",
    "run": "Run a lab, and write its report.",
    "serve": "Serve what a lab trained, or the service that it ran on.",
    "sql": "Ask a DuckDB file in the browser.",
}


@click.command(
    "lab",
    cls=CommandGroup,
    package="wildrydes.commands.lab",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes lab list
  wildrydes lab run cloudfront
  wildrydes lab run banking --data bank-additional-full.csv --out banking
  wildrydes lab sql
""",
)
def command() -> None:
    """Run the batch labs of the course that the streaming workshop comes from, with no account.

    They need more libraries than the rest: pip install 'wildrydes[labs]'.
    """
