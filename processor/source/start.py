"""Where a stream is read from when nothing was saved yet."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fleet.errors import ConfigError
from fleet.timestamp import timestamp_text

if TYPE_CHECKING:
    from awsio.streams import StreamSummary


@dataclass(frozen=True, slots=True)
class Start:
    """A moment, or so long before now; neither: the oldest record of the stream."""

    at_ms: int | None = None
    ago_ms: int | None = None
    """0: what comes from now on."""

    def fixed(self, summary: "StreamSummary") -> int | None:
        """The start as a moment (milliseconds), which stays what it is however long the processor
        takes to its first snapshot, and whatever becomes of the shards: each is read from its first
        record that arrived then or later. None: from the oldest record.

        Now is by the stream's own clock, to a second. Raises ConfigError for a moment to come.
        """
        if self.at_ms is None and self.ago_ms is None:
            return None
        # Only here: asyncio comes with it, which commands over files do without.
        from fleet.clock import SystemClock

        # A service that does not tell the time is none of AWS's.
        now_ms = summary.answered_ms or SystemClock().now_ms()
        at_ms = now_ms - (self.ago_ms or 0) if self.at_ms is None else self.at_ms
        if at_ms > now_ms:
            raise ConfigError(
                f"--start {timestamp_text(at_ms)} UTC is still to come: the stream's clock says "
                f"{timestamp_text(now_ms)}",
                remedy="`--start latest` reads what comes from now on",
            )
        # Before the stream there was nothing that could be missed.
        return max(at_ms, summary.created_ms)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """How the stream of an application is read."""

    start: Start = Start()
    on_gap: Literal["fail", "skip"] = "fail"
    """What to do when records are gone that were still to be read."""
