"""Sizes in memory on the command line."""

import re
from collections.abc import Callable
from typing import Any, Final

import click

UNITS: Final = {
    "": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
}


class Size(click.ParamType[int]):
    """64KB, 500MB, 5MiB or 2GB, as bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,15})\s*(KB|MB|GB|KIB|MIB|GIB|)", str(value).upper())
        if match is None:
            self.fail(f"{value!r} is not a size such as 500MB or 2GB", param, ctx)
        return int(match[1]) * UNITS[match[2]]


def state_max_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--state-max`, as `state_bytes_max`."""
    return click.option(
        "--state-max",
        "state_bytes_max",
        type=Size(),
        help="Stop with an error when windows and waiting rows take more memory: 500MB, 2GB.  "
        "[default: no limit]",
    )(function)
