"""`wildrydes state import`."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fleet.errors import ConfigError, SnapshotCorrupt, SnapshotRefused
from fleet.timestamp import timestamp_text
from wildrydes.commands.state.opening import Where, where_options
from wildrydes.commands.state.show import description
from wildrydes.options import json_option

if TYPE_CHECKING:
    from processor.snapshot.base import Snapshot, SnapshotStore


@click.command(
    "import",
    epilog="""\b
Examples:
  wildrydes state import rides.snapshot --state-store dynamodb://wildrydes-state/my-bucket
  wildrydes state import before.snapshot --force

\b
Exit codes: 0 ok, 1 failure or refused, 2 usage.
""",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@where_options
@click.option(
    "--force",
    is_flag=True,
    help="Put it in the place of a newer one, which is set aside. What came since is read again.",
)
@json_option("What was imported, as `state show` says it.")
def command(where: Where, file: Path, force: bool, as_json: bool) -> None:
    """Put the snapshot of FILE, which `wildrydes state export` wrote, into a store.

    The next processor of the application goes on from it. One that is at work on that store is
    superseded and ends. A store with a newer snapshot is left as it is, unless --force is given.
    The snapshot goes to the application that it is of; --app, when given, must name that one.
    """
    snapshot = _read(file)
    if where.application is not None:
        asked = Path(where.application).name.removesuffix(".sql")
        if asked != snapshot.application:
            raise ConfigError(f"{file} is of application {snapshot.application}, not of {asked}")

    async def imported(store: "SnapshotStore") -> dict[str, Any]:
        saved = await _put(store, snapshot, force=force)
        return {"store": store.where, "file": str(file), **description(saved)}

    found = where.run(imported, snapshot.application)
    if as_json:
        click.echo(json.dumps(found))
    else:
        click.echo(
            f"{found['application']} goes on from {found['saved']} UTC in {found['store']}, "
            f"as epoch {found['epoch']}"
        )


def _read(file: Path) -> "Snapshot":
    from processor.snapshot.codec import decode

    try:
        return decode(file.read_bytes(), str(file))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from None


async def _put(store: "SnapshotStore", snapshot: "Snapshot", *, force: bool) -> "Snapshot":
    newest = await store.newest_epoch()
    try:
        there = await store.load()
    except SnapshotCorrupt:
        if not force:
            raise
        there = None
    newer = newest > snapshot.epoch or (there is not None and there.saved_ms > snapshot.saved_ms)
    if newer and not force:
        when = "" if there is None else f", saved {timestamp_text(there.saved_ms)} UTC"
        raise SnapshotRefused(
            f"{store.where} has a newer snapshot: epoch {newest}{when}; the file has epoch "
            f"{snapshot.epoch}, saved {timestamp_text(snapshot.saved_ms)} UTC",
            remedy="--force sets the newer one aside and puts this one in its place: what came "
            "since is then read again, and rows that have landed since are made anew",
        )
    if newer:
        await store.set_aside(f"replaced by an import of epoch {snapshot.epoch}")
        newest = await store.newest_epoch()
    # A new epoch supersedes whoever is at work there; nobody holds it, so that a start that waits
    # for its turn need not wait.
    saved = replace(snapshot, epoch=max(newest, snapshot.epoch) + 1, released=True)
    await store.save(saved)
    return saved
