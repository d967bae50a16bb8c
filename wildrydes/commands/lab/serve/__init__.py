"""`wildrydes lab serve`: what a lab trained, behind HTTP."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {"banking": "Answer who takes the bank's offer, as Amazon ML's Predict did."}


@click.command(
    "serve",
    cls=CommandGroup,
    package="wildrydes.commands.lab.serve",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes lab run banking
  wildrydes lab serve banking
""",
)
def command() -> None:
    """Serve what a lab trained, on this machine."""
