"""A base map of somebody else's under the live map: the options that every command with a map
shares."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sinks.live_map.tile_source import TileSource

Command = TypeVar("Command", bound=Callable[..., Any])


def tile_options(command: Command) -> Command:
    """--tiles and --tiles-attribution; hands the command `tiles: TileSource | None`."""

    def take(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        from sinks.live_map.tile_source import TileSource

        given = context.meta.setdefault("wildrydes.tiles", {})
        given[parameter.name] = value
        if len(given) < len(_OPTIONS):
            return
        url, attribution = given["tiles"], given["tiles_attribution"]
        if attribution is not None and url is None:
            raise click.UsageError("--tiles-attribution goes with --tiles", context)
        context.params["tiles"] = url and TileSource(url, attribution or "")

    for flag, settings in reversed(_OPTIONS.items()):
        command = click.option(flag, expose_value=False, callback=take, **settings)(command)
    return command


_OPTIONS: dict[str, dict[str, Any]] = {
    "--tiles": {
        "metavar": "URL",
        "help": "Show map tiles of this address, like https://tiles.example/{z}/{x}/{y}.png, over "
        "the map's own land. Browsers ask that host for them; by default they ask nobody.",
    },
    "--tiles-attribution": {
        "metavar": "TEXT",
        "help": "Whom the map names as the source of the tiles; needed with --tiles.",
    },
}


def tile_arguments(tiles: "TileSource | None") -> list[str]:
    """The same as words of a command line, for a process that is started with it."""
    if tiles is None:
        return []
    return ["--tiles", tiles.url, "--tiles-attribution", tiles.attribution]
