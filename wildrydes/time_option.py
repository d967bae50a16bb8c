"""Lengths of time and moments on the command line."""

import re
from typing import Any

import click

from fleet.timestamp import timestamp_ms

UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Duration(click.ParamType[int]):
    """100ms, 30s, 10m, 2h or 1d, as milliseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"(\d{1,9})(ms|[smhd])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration such as 30s, 10m, 2h or 1d", param, ctx)
        return int(match[1]) * UNITS_MS[match[2]]


class Moment(click.ParamType[int]):
    """yyyy-MM-dd HH:mm[:ss[.SSS]] in UTC, as milliseconds since 1970."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return timestamp_ms(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time such as '2026-01-01 00:05' (UTC)", param, ctx)
