"""What a running processor can say about itself: counts, lag, and what it is waiting for."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Written by the pipeline and its parts, read by the status line, /readyz and /metrics."""

    records_in: int = 0
    """Records processed by this process."""
    bytes_in: int = 0
    rows_out: int = 0
    """Rows durable in every sink."""
    records_dead: int = 0
    """Dead letters written."""
    windows_closed: int = 0
    """Distinct ROWTIMEs of rows: how many windows have closed."""
    snapshots: int = 0
    snapshot_bytes: int = 0
    saved_ms: int = 0
    """When the last snapshot was saved; 0: not yet."""
    watermark_ms: int | None = None
    lag_ms: int | None = None
    """How long ago the newest processed record arrived, when it was processed; None at first."""
    running: bool = False
    """Whether records are being read."""
    waiting: dict[str, str] = field(default_factory=dict)
    """What is waited for, by part: `dynamodb` -> the reason as a sentence."""

    def waits(self, part: str) -> Callable[[str, float], None]:
        """An `on_wait` for awsio.retry that notes the reason under `part`."""

        def note(reason: str, _seconds: float) -> None:
            self.waiting[part] = reason

        return note

    def went_on(self, part: str) -> None:
        """`part` works again."""
        self.waiting.pop(part, None)
