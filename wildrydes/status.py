"""What a running processor prints: a ready line, a status now and then, a last line."""

import asyncio
import logging
import time
from types import TracebackType
from typing import Self

from fleet.clock import Clock
from fleet.timestamp import timestamp_text
from processor.progress import Progress
from wildrydes.events import Field, emit

log = logging.getLogger(__name__)

JSON_INTERVAL_S = 1.0
PLAIN_INTERVAL_S = 10.0


class ProcessorReport:
    """`async with ProcessorReport(progress, clock, as_json=...)`: prints while the block runs."""

    def __init__(self, progress: Progress, clock: Clock, *, as_json: bool) -> None:
        self._progress = progress
        self._clock = clock
        self._as_json = as_json
        self._task: asyncio.Task[None] | None = None
        self._waiting: dict[str, str] = {}
        self._told_exchanges: dict[str, int] = {}
        self._counted = 0
        self._counted_s = time.monotonic()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._print_status(), name="status")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
        if error is None:
            self._stopped()

    def on_ready(self, url: str, found: str) -> None:
        """Told once, when the processor is reading: the live map's address and where it goes on."""
        if self._as_json:
            emit("ready", url=url, start=found)
        else:
            print(f"live map      {url}\nstart         {found}", flush=True)
        self._tell_of_tables()

    async def _print_status(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(JSON_INTERVAL_S)
            ticks += 1
            self._complain_of_waiting()
            self._tell_of_tables()
            if self._as_json:
                emit("status", **self._fields())
            elif ticks % round(PLAIN_INTERVAL_S / JSON_INTERVAL_S) == 0:
                print(self._line(), flush=True)

    def _fields(self) -> dict[str, Field]:
        progress = self._progress
        now_s = time.monotonic()
        rate = (progress.records_in - self._counted) / max(1e-9, now_s - self._counted_s)
        self._counted, self._counted_s = progress.records_in, now_s
        return {
            "records_in": progress.records_in,
            "records_per_s": round(rate, 1),
            "windows_closed": progress.windows_closed,
            "rows_out": progress.rows_out,
            "records_dead": progress.records_dead,
            "lag_ms": progress.lag_ms(self._clock.now_ms()),
            "snapshots": progress.snapshots,
            "waiting": dict(progress.waiting),
            "tables_stale": {
                name: table.failure
                for name, table in progress.tables.items()
                if table.failure is not None
            },
        }

    def _line(self) -> str:
        fields = self._fields()
        lag = "-" if fields["lag_ms"] is None else f"{fields['lag_ms']} ms"
        return (
            f"{fields['records_per_s']:>10} records/s  {fields['windows_closed']:>6} windows closed"
            f"  {fields['rows_out']:>8} rows landed  {fields['records_dead']:>5} dead  lag {lag}"
        )

    def _complain_of_waiting(self) -> None:
        """One line per change, not one per attempt."""
        for part, reason in self._progress.waiting.items():
            if part not in self._waiting:
                log.warning("waiting for %s: %s", part, reason)
        for part in self._waiting:
            if part not in self._progress.waiting:
                log.warning("%s works again", part)
        self._waiting = dict(self._progress.waiting)

    def _tell_of_tables(self) -> None:
        """Which rows the reference tables have, and when they have others."""
        for name, table in self._progress.tables.items():
            if self._told_exchanges.get(name) == table.exchanges:
                continue
            self._told_exchanges[name] = table.exchanges
            if self._as_json:
                emit("table", table=name, rows=table.rows, source=table.source)
            else:
                print(f"table         {name}: {table.rows:,} rows from {table.source}", flush=True)

    def _stopped(self) -> None:
        progress = self._progress
        saved = timestamp_text(progress.saved_ms) if progress.saved_ms else None
        if self._as_json:
            emit(
                "stopped",
                records_in=progress.records_in,
                windows_closed=progress.windows_closed,
                rows_out=progress.rows_out,
                records_dead=progress.records_dead,
                saved=saved,
            )
            return
        snapshot = f"snapshot saved {saved} UTC" if saved else "nothing new to save"
        print(
            f"stopped: {progress.records_in} records, {progress.windows_closed} windows closed, "
            f"{progress.rows_out} rows landed, {progress.records_dead} dead letters; {snapshot}",
            flush=True,
        )
