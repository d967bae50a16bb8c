"""Lengths of time and moments on the command line."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from fleet.duration import duration_ms
from fleet.timestamp import timestamp_ms

if TYPE_CHECKING:
    from processor.source.start import Start


class Duration(click.ParamType[int]):
    """100ms, 30s, 10m, 2h or 1d, as milliseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return duration_ms(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


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
        with suppress(ValueError):
            return Start(ago_ms=duration_ms(value))
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
