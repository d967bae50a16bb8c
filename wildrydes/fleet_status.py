"""What `wildrydes up` shows: one picture of all its processes, on a terminal or in lines."""

import time
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from fleet.clock import Clock
from wildrydes.child import Event
from wildrydes.events import Field, emit

PLAIN_INTERVAL_S = 5.0
LANDING_S = 2
"""Rows land about this long after their window's end, on whatever clock."""


class FleetStatus:
    """The newest figures of every process. `per_minute`: the windows are those of the workshop's
    application, so that it can be said when the first rows land.
    """

    def __init__(self, clock: Clock, *, per_minute: bool) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self.processor: Event = {}
        self.simulator: Event = {}
        self.start = ""
        """Where the processor goes on from, in its own words."""

    def take(self, name: str, event: Event) -> None:
        """Takes an event of the process `name`."""
        if name == "processor" and event["event"] == "status":
            self.processor = event
        if name == "processor" and event["event"] == "ready":
            self.start = str(event["start"])
        if name == "simulator" and event["event"] == "status":
            self.simulator = event

    def fields(self) -> dict[str, Field]:
        """The figures of one status line."""
        processor = self.processor
        return {
            "readings_sent": self.simulator.get("sent", 0),
            "readings_per_s": processor.get("records_per_s", 0.0),
            "readings_in": processor.get("records_in", 0),
            "windows_closed": processor.get("windows_closed", 0),
            "rows_landed": processor.get("rows_out", 0),
            "dead_letters": processor.get("records_dead", 0),
            "lag_ms": processor.get("lag_ms"),
            "waiting": processor.get("waiting", {}),
            "tables_stale": processor.get("tables_stale", {}),
        }

    def line(self) -> str:
        """The figures as one line of text."""
        fields = self.fields()
        lag = "-" if fields["lag_ms"] is None else f"{fields['lag_ms']} ms"
        return (
            f"{fields['readings_per_s']:>8} readings/s   {fields['windows_closed']} windows closed"
            f"   {fields['rows_landed']} rows landed   lag {lag}"
            + (f"   {fields['dead_letters']} dead letters" if fields["dead_letters"] else "")
            + "".join(f"   {note}" for note in self.stale())
        )

    def stale(self) -> list[str]:
        """Of each reference table that keeps its rows because newer ones cannot be had, why."""
        stale: dict[str, str] = self.processor.get("tables_stale", {})
        return [f"{reason}; its rows stay" for reason in stale.values()]

    def hint(self) -> str:
        """When the first rows land, as long as none have."""
        if self.fields()["rows_landed"]:
            return ""
        if not self._per_minute:
            return "rows land when the application's first window closes"
        now, scale = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC), self._clock.scale
        minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        landing = minute + timedelta(seconds=LANDING_S * scale)
        in_s = round((landing - now).total_seconds() / scale)
        return f"the first per-minute rows land at about {landing:%H:%M:%S} UTC, in {in_s} s"


class Display:
    """Shows the status while its block runs: here as lines for a log."""

    def __init__(self, status: FleetStatus) -> None:
        self._status = status
        self._printed_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def started(self, map_url: str, endpoint_url: str, data: str) -> None:
        """Told at once: where everything is."""
        self.say(f"live map       {map_url}")
        self.say(f"AWS endpoint   {endpoint_url}")
        self.say(f"data           {data}")

    def changed(self, name: str, event: Event) -> None:
        """Told after each event of a process."""
        if name != "processor":
            return
        if event["event"] == "table":
            self.say(table_line(event))
        if event["event"] == "ready":
            self.say(f"start          {self._status.start}")
            self.say(f"hint           {self._status.hint()}")
        elif event["event"] == "status" and time.monotonic() >= self._printed_s + PLAIN_INTERVAL_S:
            self._printed_s = time.monotonic()
            self.say(self._status.line())

    def say(self, text: str) -> None:
        """Something that stays on the screen."""
        print(text, flush=True)

    def stopped(self, summary: str, **fields: int) -> None:
        """The last word."""
        self.say(summary)


class _Json(Display):
    """One JSON object per line."""

    def started(self, map_url: str, endpoint_url: str, data: str) -> None:
        emit("started", map_url=map_url, endpoint_url=endpoint_url, data=data)

    def changed(self, name: str, event: Event) -> None:
        if name == "processor" and event["event"] == "ready":
            emit("ready", start=self._status.start, hint=self._status.hint())
        if name == "processor" and event["event"] == "status":
            emit("status", **self._status.fields())
        if name == "processor" and event["event"] == "table":
            emit(**event)

    def say(self, text: str) -> None:
        emit("message", text=text)

    def stopped(self, summary: str, **fields: int) -> None:
        emit("stopped", summary=summary, **fields)


class _Terminal(Display):
    """A few lines that renew themselves below what stays."""

    def __init__(self, status: FleetStatus) -> None:
        super().__init__(status)
        self._console = Console(highlight=False)
        self._live = Live(
            console=self._console,
            refresh_per_second=4,
            # The last word stands alone: figures that no longer move would only mislead.
            transient=True,
            get_renderable=self._picture,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def changed(self, name: str, event: Event) -> None:
        if name == "processor" and event["event"] == "ready":
            self.say(f"start          {self._status.start}")
        if name == "processor" and event["event"] == "table":
            self.say(table_line(event))

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    def _picture(self) -> Group:
        fields = self._status.fields()
        table = Table.grid(padding=(0, 3))
        lag = "-" if fields["lag_ms"] is None else f"{fields['lag_ms']} ms"
        figures = {
            "readings/s": fields["readings_per_s"],
            "windows closed": fields["windows_closed"],
            "rows landed": fields["rows_landed"],
            "lag": lag,
            "dead letters": fields["dead_letters"],
        }
        table.add_row(*(Text(name, style="dim") for name in figures))
        table.add_row(*(Text(str(value), style="bold") for value in figures.values()))
        waiting = fields["waiting"]
        reasons = list(waiting.values()) if isinstance(waiting, dict) else []
        notes = [Text(f"waiting for {reason}", style="yellow") for reason in reasons]
        notes += [Text(note, style="yellow") for note in self._status.stale()]
        hint = self._status.hint()
        foot = Text((f"{hint}. " if hint else "") + "Ctrl-C ends it.", style="dim")
        return Group("", table, *notes, foot)


def table_line(event: Event) -> str:
    """Which rows a reference table has."""
    return f"table          {event['table']}: {event['rows']:,} rows from {event['source']}"


def display(status: FleetStatus, *, as_json: bool, is_terminal: bool) -> Display:
    """The display that fits where the output goes."""
    if as_json:
        return _Json(status)
    return _Terminal(status) if is_terminal else Display(status)
