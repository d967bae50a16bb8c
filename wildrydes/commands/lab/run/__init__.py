"""`wildrydes lab run`: one command a lab."""

import click

from wildrydes.command_group import CommandGroup
from wildrydes.lab_options import summaries


@click.command(
    "run",
    cls=CommandGroup,
    package="wildrydes.commands.lab.run",
    summaries=summaries(),
    epilog="""\b
Examples:
  wildrydes lab run cloudfront
  wildrydes lab run cloudfront --data access.log --out report --json
""",
)
def command() -> None:
    """Run a lab: progress on standard error, its tables on the terminal, and in --out report.html
    for people and report.json for scripts.

    Data that was generated is called so in every output.
    """
