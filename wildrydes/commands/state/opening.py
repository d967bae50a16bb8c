"""What the commands of `wildrydes state` share: which store they are about."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from fleet.errors import ConfigError, FleetError
from fleet.settings import AwsSettings
from wildrydes.lifecycle import complain, wait_line
from wildrydes.options import aws_options, data_option
from wildrydes.state_options import state_store_option

if TYPE_CHECKING:
    from processor.snapshot.base import Snapshot, SnapshotStore
    from processor.snapshot.place import Place

Result = TypeVar("Result")

WORKSHOP: Final = "wildrydes"


@dataclass(frozen=True, slots=True)
class Where:
    """The snapshots that an operator means."""

    data: Path
    store: str | None
    application: str | None
    """None: the only one of a folder, or the workshop's."""
    aws: AwsSettings

    def run(
        self,
        work: "Callable[[SnapshotStore], Awaitable[Result]]",
        application: str | None = None,
    ) -> Result:
        """Opens the store of the application and does the work on it. Raises FleetError."""

        async def main() -> Result:
            from awsio.clients import AwsClients

            place = self._place()
            name = application or self._name(place)
            async with AwsClients(self.aws) as clients:
                store = place.open(
                    name,
                    clients,
                    on_wait=lambda reason, _: complain(wait_line("snapshots", reason)),
                )
                return await work(store)

        return asyncio.run(main())

    def _place(self) -> "Place":
        from processor.assembly import StateSettings, state_place

        return state_place(StateSettings(store=self.store), self.data / "processor", self.aws)

    def _name(self, place: "Place") -> str:
        if self.application is not None:
            from analytics_sql.application_file import application_name

            return application_name(Path(self.application))
        if place.folder is None:
            return WORKSHOP
        known = sorted(path.parent.name for path in place.folder.glob("*/epoch"))
        if len(known) > 1:
            raise ConfigError(
                f"{place.folder} has snapshots of several applications",
                remedy=f"choose one with --app: {', '.join(known)}",
            )
        return known[0] if known else WORKSHOP


def where_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--app, --data, --state-store and those of AWS; hands the command one `where: Where`."""

    @click.option(
        "--app",
        "application",
        metavar="NAME",
        help="Application: its name, or its folder or SQL file.  "
        "[default: the only one of a folder, or the workshop's]",
    )
    @data_option
    @state_store_option
    @aws_options
    @wraps(command)
    def with_where(
        *,
        application: str | None,
        data: Path,
        store: str | None,
        settings: AwsSettings,
        **options: Any,
    ) -> Any:
        return command(where=Where(data, store, application, settings), **options)

    return with_where


async def found_in(store: "SnapshotStore") -> "Snapshot":
    """The newest snapshot. Raises FleetError when there is none."""
    snapshot = await store.load()
    if snapshot is None:
        raise FleetError(
            f"there is no snapshot in {store.where}",
            remedy="name another --app, --data or --state-store",
        )
    return snapshot
