"""What /metrics says, in the Prometheus text format. Every name is explained in docs/operations.md;
a test holds the two together.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fleet.clock import Clock
from processor.progress import Progress

COUNTERS = {
    "records_in": "Records processed.",
    "bytes_in": "Bytes of record data processed.",
    "rows_out": "Rows durable in every sink.",
    "records_dead": "Records and rows that went to the dead letter.",
    "windows_closed": "Windows closed.",
    "snapshots": "Snapshots saved.",
}


class ProgressCollector(Collector):
    """Turns the progress into metrics when it is asked; nothing is counted twice."""

    def __init__(self, progress: Progress, clock: Clock) -> None:
        self._progress = progress
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        progress = self._progress
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(f"wildrydes_{name}", text, getattr(progress, name))
        yield _gauge("lag_ms", "Age of the newest processed record.", progress.lag_ms)
        yield _gauge(
            "watermark_delay_ms",
            "How far the watermark is behind the wall clock.",
            self._age_ms(progress.watermark_ms),
        )
        yield _gauge(
            "snapshot_age_ms",
            "Time since the last snapshot was saved.",
            self._age_ms(progress.saved_ms or None),
        )
        yield _gauge("snapshot_bytes", "Size of the state saved.", progress.snapshot_bytes)
        waiting = GaugeMetricFamily(
            "wildrydes_waiting", "1 for each part that is waited for.", labels=["part"]
        )
        for part in progress.waiting:
            waiting.add_metric([part], 1)
        yield waiting

    def _age_ms(self, since_ms: int | None) -> int | None:
        return None if since_ms is None else max(0, self._clock.now_ms() - since_ms)


def exposition(progress: Progress, clock: Clock) -> bytes:
    """The body of /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ProgressCollector(progress, clock))
    return generate_latest(registry)


def _gauge(name: str, text: str, value: int | None) -> Metric:
    gauge = GaugeMetricFamily(f"wildrydes_{name}", text)
    if value is not None:
        gauge.add_metric([], value)
    return gauge
