"""Applications as arguments and options: a folder, a file of SQL, or the name of one that ships."""

from pathlib import Path
from typing import Any

import click

from fleet.errors import ConfigError


class ApplicationPath(click.ParamType[Path]):
    """NAME, FOLDER or FILE, as the path of a folder or file that exists."""

    name = "NAME|FOLDER|FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from analytics_sql.application_file import find_application

        try:
            return find_application(str(value))
        except ConfigError as error:
            self.fail(f"{error}; {error.remedy}", param, ctx)
