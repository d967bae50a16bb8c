"""A group of commands whose modules are imported only when they are called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class CommandGroup(click.Group):
    """`--help` stays quick, and a command does not pay for what another one imports.

    `package` holds a module for each command of `summaries` (name -> one line of help), whose
    command is called `command`; a `-` of the name is a `_` of the module's.
    """

    def __init__(self, *args: Any, package: str, summaries: Mapping[str, str], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self._package = package
        self._summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._summaries:
            return None
        module = f"{self._package}.{cmd_name.replace('-', '_')}"
        command: click.Command = import_module(module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._summaries.items()))
