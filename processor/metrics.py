"""What /metrics says, in the Prometheus text format. Every name is explained in docs/operations.md;
a test holds the two together.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from fleet.clock import Clock
from processor.progress import Progress

COUNTERS = {
    "records_in": "Records processed.",
    "bytes_in": "Bytes of record data processed.",
    "rows_out": "Rows durable in every sink.",
    "records_dead": "Records and rows that went to the dead letter.",
    "records_late": "Of these, records that came too late for their window.",
    "windows_closed": "Windows closed.",
    "snapshots": "Snapshots saved.",
    "gaps": "Times that records were gone which were still to be read.",
    "gap_ms": "Their size in time, at most.",
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
        yield self._lags()
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
        yield _gauge("snapshot_save_ms", "How long the last save took.", progress.snapshot_ms)
        yield _gauge("state_bytes", "Memory that open windows take.", progress.state_bytes)
        yield _gauge("epoch", "Which start of the application this is.", progress.epoch)
        yield self._latencies()
        yield from self._tables()
        waiting = GaugeMetricFamily(
            "wildrydes_waiting", "1 for each part that is waited for.", labels=["part"]
        )
        for part in progress.waiting:
            waiting.add_metric([part], 1)
        yield waiting

    def _lags(self) -> Metric:
        lags = GaugeMetricFamily(
            "wildrydes_lag_ms", "How much time of a shard is not processed.", labels=["shard"]
        )
        now_ms = self._clock.now_ms()
        for shard_id, shard in sorted(self._progress.shards.items()):
            lags.add_metric([shard_id], shard.lag_ms(now_ms))
        return lags

    def _latencies(self) -> Metric:
        latencies = SummaryMetricFamily(
            "wildrydes_sink_latency_ms", "How long writes took, waits included.", labels=["sink"]
        )
        for name, sink in sorted(self._progress.sinks.items()):
            latencies.add_metric([name], sink.writes, sink.latency_ms)
        return latencies

    def _tables(self) -> Iterator[Metric]:
        rows = GaugeMetricFamily(
            "wildrydes_table_rows", "Rows of a reference table.", labels=["table"]
        )
        exchanges = CounterMetricFamily(
            "wildrydes_table_exchanges",
            "Times that its rows gave way to newer ones.",
            labels=["table"],
        )
        stale = GaugeMetricFamily(
            "wildrydes_table_stale", "1 when newer rows cannot be had, else 0.", labels=["table"]
        )
        for name, table in sorted(self._progress.tables.items()):
            rows.add_metric([name], table.rows)
            exchanges.add_metric([name], table.exchanges)
            stale.add_metric([name], table.failure is not None)
        yield from (rows, exchanges, stale)

    def _age_ms(self, since_ms: int | None) -> int | None:
        return None if since_ms is None else max(0, self._clock.now_ms() - since_ms)


def exposition(progress: Progress, clock: Clock) -> bytes:
    """The body of /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ProgressCollector(progress, clock))
    return generate_latest(registry)


def _gauge(name: str, text: str, value: float | None) -> Metric:
    gauge = GaugeMetricFamily(f"wildrydes_{name}", text)
    if value is not None:
        gauge.add_metric([], value)
    return gauge
