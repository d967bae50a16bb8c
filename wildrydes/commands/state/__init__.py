"""`wildrydes state`: the snapshots that processors go on from."""

import click

from wildrydes.command_group import CommandGroup

COMMANDS = {
    "show": "Show what a snapshot holds: positions, times, windows, who saved it.",
    "export": "Write the newest snapshot to a file.",
    "import": "Put a snapshot from a file into a store.",
    "reset": "Set an application's snapshots aside, so that it begins anew.",
}


@click.command(
    "state",
    cls=CommandGroup,
    package="wildrydes.commands.state",
    summaries=COMMANDS,
    epilog="""\b
Examples:
  wildrydes state show
  wildrydes state export rides.snapshot
  wildrydes state import rides.snapshot --state-store s3://my-bucket/state
  wildrydes state reset --app rides
""",
)
def command() -> None:
    """Look at an application's snapshot, move it to another place, or put it away.

    A snapshot is what a processor goes on from after a restart: how far every shard was read, and
    the open windows.
    """
