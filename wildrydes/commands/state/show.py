"""`wildrydes state show`."""

import json
from typing import TYPE_CHECKING, Any

import click

from fleet.timestamp import timestamp_text
from wildrydes.commands.state.opening import Where, found_in, where_options
from wildrydes.options import json_option

if TYPE_CHECKING:
    from processor.snapshot.base import Snapshot

FIRST_MS, LAST_MS = 0, 253_402_300_799_999
"""1970 to 9999: what lies outside stands for the beginning or the end of all time."""


@click.command(
    "show",
    epilog="""\b
Examples:
  wildrydes state show
  wildrydes state show --app rides --state-store dynamodb://wildrydes-state/my-bucket
  wildrydes state show --json | jq -r '.shards[].position'

\b
Exit codes: 0 ok, 1 failure or no snapshot, 2 usage.
""",
)
@where_options
@json_option("One object.")
def command(where: Where, as_json: bool) -> None:
    """Show what the newest snapshot holds. It changes nothing, and a processor may run meanwhile.

    Times are UTC. A position is the sequence number of the last record that was taken in; the time
    of a shard is how far it was read.
    """

    async def described(store: Any) -> dict[str, Any]:
        snapshot = await found_in(store)
        return {"store": store.where, **description(snapshot)}

    found = where.run(described)
    if as_json:
        click.echo(json.dumps(found))
    else:
        _print(found)


def description(snapshot: "Snapshot") -> dict[str, Any]:
    """What a snapshot holds, as JSON can say it; None for what is not known yet."""
    from processor.snapshot.codec import encode

    figures = snapshot.figures
    shards = sorted({*snapshot.positions, *snapshot.clocks_ms})
    return {
        "application": snapshot.application,
        "epoch": snapshot.epoch,
        "saved": _time(snapshot.saved_ms),
        "released": snapshot.released,
        "stream": str(snapshot.stream),
        "stream_arn": snapshot.stream.arn,
        "stream_made": _time(snapshot.stream.created_ms),
        "fingerprint": snapshot.fingerprint,
        "watermark": None if figures is None else _time(figures.watermark_ms),
        "open_windows": None if figures is None else figures.open_windows,
        "groups": None if figures is None else figures.groups,
        "memory_bytes": None if figures is None else figures.state_bytes,
        "state_bytes": len(snapshot.state),
        "stored_bytes": len(encode(snapshot)),
        "keeps": {name: list(kept) for name, kept in snapshot.shape.items()},
        "tables": dict(snapshot.tables),
        "cursors": {name: dict(cursor) for name, cursor in snapshot.cursors.items()},
        "shards": [
            {
                "shard": shard,
                "position": snapshot.positions.get(shard),
                "time": _time(snapshot.clocks_ms.get(shard)),
            }
            for shard in shards
        ],
    }


def _time(time_ms: int | None) -> str | None:
    return timestamp_text(time_ms) if time_ms and FIRST_MS < time_ms <= LAST_MS else None


def _print(found: dict[str, Any]) -> None:
    from wildrydes.table import print_table, printable

    holder = "released" if found["released"] else "held, or its holder was killed"
    lines = {
        "application": found["application"],
        "store": found["store"],
        "saved": f"{found['saved'] or 'before anything was read'}, by epoch {found['epoch']}, "
        f"{holder}",
        "stream": f"{found['stream']}, made {found['stream_made']}",
        "SQL": f"fingerprint {found['fingerprint'][:16]}",
        "watermark": found["watermark"] or "none yet",
        "windows": "none yet"
        if found["groups"] is None
        else f"{found['open_windows']:,} open, {found['groups']:,} groups, about "
        f"{found['memory_bytes']:,} bytes in memory",
        "size": f"{found['state_bytes']:,} bytes of state, {found['stored_bytes']:,} stored",
    }
    for name, text in lines.items():
        click.echo(f"{name:12} {printable(text)}")
    for name, kept in found["keeps"].items():
        for text in kept:
            click.echo(f"{'pump ' + printable(name):12} {printable(text)}")
    for name, digest in found["tables"].items():
        click.echo(f"{'table':12} {printable(name)}: digest {digest[:16]}")
    for name, cursor in found["cursors"].items():
        text = ", ".join(f"{key} {value}" for key, value in cursor.items()) or "nothing yet"
        click.echo(f"{'up to':12} {printable(name)}: {printable(text)}")
    click.echo()
    rows = [(shard["shard"], shard["position"], shard["time"]) for shard in found["shards"]]
    print_table(("shard", "position", "time"), rows, numbers=())
