"""Windows on ROWTIME, and what is known of the time in a column of a query in FROM."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TimeKey:
    """Windows that start at multiples of a size plus an offset, which is less than the size.

    `is_row_time`: the key is ROWTIME itself, so a window is one millisecond.
    """

    size_ms: int
    offset_ms: int = 0
    is_row_time: bool = False

    def contains(self, finer: "TimeKey") -> bool:
        """Whether each window of `finer` lies in one of these."""
        return (
            self.size_ms % finer.size_ms == (self.offset_ms - finer.offset_ms) % finer.size_ms == 0
        )

    def after(self, delay_ms: int) -> "TimeKey":
        """The same windows, each so much later."""
        return TimeKey(self.size_ms, (self.offset_ms + delay_ms) % self.size_ms)


@dataclass(frozen=True, slots=True)
class ColumnTime:
    """What is known of a column of a query in FROM: an outer GROUP BY can go by it, since it is as
    good a time key outside as it is inside (REF:count-distinct-items has such a query).
    """

    windows: TimeKey | None = None
    """Those on the row's ROWTIME in each of which the column has one value."""
    is_row_time: bool = False
    """Whether the column is the row's ROWTIME itself."""
    is_claimed: bool = False
    """Whether MONOTONIC( ) says that it never goes back."""
