"""The options about state: which snapshot is taken, where snapshots are kept, how much there may
be.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from wildrydes.size_option import state_max_option

STORE_HELP = (
    "Where snapshots are kept: a folder, dynamodb://TABLE/BUCKET/PREFIX or s3://BUCKET/PREFIX.  "
    "[default: the --data folder]"
)


def state_store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--state-store, as `store: str | None`."""
    return click.option("--state-store", "store", metavar="STORE", help=STORE_HELP)(command)


def state_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--state, --state-store and --state-max; hands the command one `state: StateSettings`."""

    @click.option(
        "--state",
        "policy",
        type=click.Choice(["exact", "keep", "discard"]),
        default="exact",
        show_default=True,
        help="After a change of the SQL: `exact` refuses its snapshot, `keep` goes on when the "
        "windows, keys and aggregates are the same, `discard` sets it aside and begins anew, at "
        "--start.",
    )
    @state_store_option
    @state_max_option
    @wraps(command)
    def with_state(policy: Any, store: str | None, state_bytes_max: int | None, **rest: Any) -> Any:
        from processor.assembly import StateSettings

        return command(state=StateSettings(policy, store, state_bytes_max), **rest)

    return with_state
