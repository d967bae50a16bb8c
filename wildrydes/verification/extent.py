"""What is judged: the stretch of the stream's own time in which everything must have landed."""

from dataclasses import dataclass, replace
from typing import Final

from wildrydes.verification.stream import StreamExtent

MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Extent:
    """Windows that began at or after `since_ms` and ended at or before `until_ms`."""

    since_ms: int | None
    """None: from the stream's first record on."""
    until_ms: int
    created_ms: int
    """When the stream was made: older rows are those of another one."""
    is_trimmed: bool
    """Whether records may have outlived their retention."""

    @classmethod
    def of(cls, stream: StreamExtent, *, settle_ms: int, since_ms: int | None) -> "Extent":
        """Up to `settle_ms` before the clock of the shard that is furthest behind."""
        if stream.trimmed_ms is not None:
            # Trimming goes on while the stream is read.
            trimmed_ms = stream.trimmed_ms + MINUTE_MS
            since_ms = trimmed_ms if since_ms is None else max(since_ms, trimmed_ms)
        return cls(
            since_ms,
            stream.until_ms - settle_ms,
            stream.created_ms,
            stream.trimmed_ms is not None,
        )

    def archived(self, window_ms: int) -> "Extent":
        """The same for an archive, which holds back records until `window_ms` of their time are
        full.
        """
        return replace(self, until_ms=self.until_ms // window_ms * window_ms)

    def holds(self, start: str, end: str) -> str:
        """The SQL condition that something from column `start` to column `end` is judged."""
        condition = f"{end} <= {self.until_ms}"
        return condition if self.since_ms is None else f"{condition} AND {start} >= {self.since_ms}"
