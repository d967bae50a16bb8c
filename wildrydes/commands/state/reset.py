"""`wildrydes state reset`."""

import json
from typing import TYPE_CHECKING

import click

from fleet.errors import FleetError
from wildrydes.commands.state.opening import Where, where_options
from wildrydes.options import json_option

if TYPE_CHECKING:
    from processor.snapshot.base import SnapshotStore


@click.command(
    "reset",
    epilog="""\b
Examples:
  wildrydes state reset
  wildrydes state reset --app rides --state-store s3://my-bucket/state --yes

\b
Exit codes: 0 ok, 1 failure or nothing there, 2 usage.
""",
)
@where_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option("One object: `store`, and `set_aside`, where they are now.")
def command(where: Where, yes: bool, as_json: bool) -> None:
    """Set an application's snapshots aside: its next processor begins anew, at --start.

    Nothing is deleted. A processor that is at work on them is superseded and ends. Windows that
    were open stay unfinished unless their records are read again.
    """

    async def reset(store: "SnapshotStore") -> dict[str, str]:
        if await store.newest_epoch() == 0:
            raise FleetError(
                f"there is no snapshot in {store.where}",
                remedy="name another --app, --data or --state-store",
            )
        if not yes:
            click.confirm(f"Set the snapshots in {store.where} aside?", abort=True, err=True)
        home = await store.set_aside("`wildrydes state reset`")
        return {"store": store.where, "set_aside": home}

    done = where.run(reset)
    click.echo(json.dumps(done) if as_json else f"set aside: {done['set_aside']}")
