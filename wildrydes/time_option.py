"""Lengths of time and moments on the command line."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from fleet.timestamp import timestamp_ms

if TYPE_CHECKING:
    from processor.source.start import Start

DURATION = re.compile(r"(\d{1,9})(ms|[smhd])")
UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Duration(click.ParamType[int]):
    """100ms, 30s, 10m, 2h or 1d, as milliseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = DURATION.fullmatch(str(value))
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


class StartPoint(click.ParamType[Any]):
    """trim-horizon, latest, a duration back such as 10m, or an ISO 8601 time (UTC without zone)."""

    name = "start"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Start":
        from processor.source.start import Start

        if isinstance(value, Start):
            return value
        if value == "trim-horizon":
            return Start()
        if value == "latest":
            return Start(ago_ms=0)
        if match := DURATION.fullmatch(value):
            return Start(ago_ms=int(match[1]) * UNITS_MS[match[2]])
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not trim-horizon, latest, a duration such as 10m, "
                "or a time such as '2026-01-01 00:05' (UTC)",
                param,
                ctx,
            )
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return Start(at_ms=round(at.timestamp() * 1000))
