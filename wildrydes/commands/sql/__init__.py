"""`wildrydes sql`: check, explain, run and test SQL applications, with no stream and no clock."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {
    "check": "Say what is wrong with applications: every error, with its place and a remedy.",
    "explain": "Show the plan: streams, pumps, windows, keys, state, what can fail.",
    "discover": "Find out the schema of an input from a sample of its records.",
    "import": "Make an application's folder of what you have of it from the service.",
    "run": "Run an application over a file of records; rows as JSON lines.",
    "shell": "Type queries against a live stream or a file, and see their rows scroll.",
    "test": "Run golden cases, each in several ways, and show what differs.",
}


@click.command(
    "sql",
    cls=CommandGroup,
    package="wildrydes.commands.sql",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes sql check rides.sql
  wildrydes sql explain rides.sql
  wildrydes sql run rides.sql --input rides.jsonl
  wildrydes sql test tests/
""",
)
def command() -> None:
    """Check, explain, run and test SQL applications on this machine.

    APP is a folder with app.sql and application.toml, the name of an application that ships with
    the program, or a file of SQL with the schema of its input beside it: rides.sql and
    rides.schema.json, or schema.json.
    """
