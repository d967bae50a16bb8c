"""What a running processor can say about itself: counts, lag, and what it is waiting for."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class ShardProgress:
    """How far one shard was when a batch of it was last processed."""

    arrival_ms: int | None
    """Of the last record processed; None before the first."""
    at_tip: bool
    """Whether there was nothing more to read."""
    seen_ms: int
    """When that was, by this machine's clock."""

    def lag_ms(self, now_ms: int) -> int:
        """How much time of the shard is not processed: since the last look at its tip, else since
        the arrival of the last record processed.
        """
        done_ms = self.seen_ms if self.at_tip or self.arrival_ms is None else self.arrival_ms
        return max(0, now_ms - done_ms)


@dataclass(slots=True)
class SinkProgress:
    """What one sink has taken."""

    writes: int = 0
    latency_ms: float = 0.0
    """Of all writes together, waits included."""


@dataclass(slots=True)
class TableProgress:
    """What a reference table has."""

    source: str
    rows: int
    exchanges: int = 0
    """How often its rows were exchanged for newer ones."""
    failure: str | None = None
    """Why what is stored now is not what it has, as a sentence."""


@dataclass(slots=True)
class Progress:
    """Written by the pipeline and its parts, read by the status line, /readyz and /metrics."""

    epoch: int = 0
    records_in: int = 0
    """Records processed by this process."""
    bytes_in: int = 0
    rows_out: int = 0
    """Rows durable in every sink."""
    records_dead: int = 0
    """Dead letters written."""
    records_late: int = 0
    """Of these, records that came too late for their window, on event time."""
    windows_closed: int = 0
    """Distinct ROWTIMEs of rows: how many windows have closed."""
    snapshots: int = 0
    snapshot_bytes: int = 0
    snapshot_ms: float = 0.0
    """How long the last save took."""
    saved_ms: int = 0
    """When the last snapshot was saved; 0: not yet."""
    state_bytes: int = 0
    """What open windows take in memory, about."""
    watermark_ms: int | None = None
    shards: dict[str, ShardProgress] = field(default_factory=dict)
    """Those that are being read."""
    sinks: dict[str, SinkProgress] = field(default_factory=dict)
    tables: dict[str, TableProgress] = field(default_factory=dict)
    """The reference tables, by name."""
    gaps: int = 0
    """Times that records were gone which were still to be read, and reading went on behind them."""
    gap_ms: int = 0
    """Their size in time, added up: an upper bound."""
    running: bool = False
    """Whether records are being read."""
    waiting: dict[str, str] = field(default_factory=dict)
    """What is waited for, by part: `dynamodb` -> the reason as a sentence."""

    def lag_ms(self, now_ms: int) -> int | None:
        """Of the shard that is furthest behind; None before anything was read. It grows while a
        sink that is down holds up the reading.
        """
        return max((shard.lag_ms(now_ms) for shard in self.shards.values()), default=None)

    def wrote(self, sink: str, latency_ms: float) -> None:
        """A write of `sink` has returned after so long: it works."""
        self.went_on(sink)
        counted = self.sinks.setdefault(sink, SinkProgress())
        counted.writes += 1
        counted.latency_ms += latency_ms

    def waits(self, part: str) -> Callable[[str, float], None]:
        """An `on_wait` for awsio.retry that notes the reason under `part`."""

        def note(reason: str, _seconds: float) -> None:
            self.waiting[part] = reason

        return note

    def went_on(self, part: str) -> None:
        """`part` works again."""
        self.waiting.pop(part, None)
