"""Who may look at the live map: the options that every command with a map shares."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fleet.settings import MAP_TOKEN, map_token

if TYPE_CHECKING:
    from sinks.live_map.access.settings import AccessSettings

Command = TypeVar("Command", bound=Callable[..., Any])


def auth_options(command: Command) -> Command:
    """--auth and what goes with it; hands the command `access: AccessSettings`."""

    def take(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        from sinks.live_map.access.settings import AccessSettings

        given = context.meta.setdefault("wildrydes.auth", {})
        given[parameter.name] = value
        if len(given) < len(_OPTIONS):
            return
        if given["identity_pool_id"] and given["auth"] != "cognito":
            raise click.UsageError("--identity-pool-id goes with --auth cognito", context)
        if given["token_file"] and given["auth"] != "token":
            raise click.UsageError("--token-file goes with --auth token", context)
        context.params["access"] = AccessSettings(
            mode=given["auth"],
            identity_pool_id=given["identity_pool_id"],
            token_file=given["token_file"],
            token=map_token(),
            origins=tuple(given["origin"]),
        )

    for flag, settings in reversed(_OPTIONS.items()):
        command = click.option(flag, expose_value=False, callback=take, **settings)(command)
    return command


_OPTIONS: dict[str, dict[str, Any]] = {
    "--auth": {
        "type": click.Choice(["none", "token", "cognito"]),
        "default": "none",
        "show_default": True,
        "help": "Who may look at the map: everybody (on loopback only), whoever has the token, or "
        "whoever knows the identity pool's id.",
    },
    "--identity-pool-id": {
        "metavar": "ID",
        "help": "Amazon Cognito identity pool of --auth cognito; at a local endpoint one is made "
        "if none is named.",
    },
    "--token-file": {
        "type": click.Path(exists=True, dir_okay=False, path_type=Path),
        "help": f"Holds the token of --auth token; default the environment's {MAP_TOKEN}. A new "
        "token in it ends all sessions.",
    },
    "--origin": {
        "multiple": True,
        "metavar": "URL",
        "help": "Where browsers see the map, when a proxy stands before it: https://map.example. "
        "May be repeated.",
    },
}


def auth_arguments(access: "AccessSettings") -> list[str]:
    """The same as words of a command line, for a process that is started with it. A token in the
    environment is passed on there."""
    words = ["--auth", access.mode]
    if access.identity_pool_id:
        words += ["--identity-pool-id", access.identity_pool_id]
    if access.token_file:
        words += ["--token-file", str(access.token_file)]
    for origin in access.origins:
        words += ["--origin", origin]
    return words
