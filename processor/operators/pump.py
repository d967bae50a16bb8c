"""One pump, running: from the streams it reads to the stream it feeds."""

from collections.abc import Mapping
from typing import Any

from analytics_sql.plan import Application, Pump, scans_of
from fleet.row import DeadLetter
from processor.columns import Columns
from processor.operators.build import build_flow, puts_in_order
from processor.operators.flow import Keeper
from processor.operators.lineage import PumpLineage
from processor.operators.lookup import TableRows


class RunningPump:
    """Rows of `sources` in, rows of `stream` out, as columns."""

    def __init__(
        self, application: Application, pump: Pump, tables: Mapping[str, TableRows]
    ) -> None:
        self.name = pump.name
        self.sources = tuple(dict.fromkeys(scan.stream for scan in scans_of(pump.query)))
        self.stream = application.stream(pump.stream)
        self._time = application.event_time
        self._flow = build_flow(application, pump, tables)
        self.operators: list[Keeper] = list(self._flow.keepers)
        self._in_order = puts_in_order(self._flow)

    def add(self, stream: str, columns: Columns, letters: list[DeadLetter]) -> list[Columns]:
        """Takes at least one row of a stream; returns the rows it feeds to its own at once."""
        return [self._named(passed) for passed in self._flow.add(stream, columns, letters)]

    def advance(
        self, clocks_ms: Mapping[str, int], letters: list[DeadLetter]
    ) -> tuple[list[Columns], int]:
        """Tells how far the time of each stream has come; returns the rows that it feeds to its
        stream for that, and how far the time of its stream has come.
        """
        passed, watermark_ms = self._flow.advance(clocks_ms, letters)
        return [self._named(columns) for columns in passed], watermark_ms

    def _named(self, columns: Columns) -> Columns:
        lineage = PumpLineage(self.name, columns.lineage, self._in_order)
        return Columns(columns.vectors, columns.rowtime_ms, lineage)

    @property
    def groups(self) -> int:
        """How many groups its operators hold."""
        return sum(operator.groups for operator in self.operators)

    @property
    def windows(self) -> int:
        """How many of its windows are open."""
        return sum(operator.windows for operator in self.operators)

    @property
    def shape(self) -> list[str]:
        """The shapes of the operators that keep something, and of which streams; and by which time,
        if it is not that of arrival.
        """
        read = ", ".join(self.sources)
        kept = [f"{operator.shape}, of {read}" for operator in self._keepers]
        return kept if self._time is None else [*kept, f'rows by the time in "{self._time.column}"']

    @property
    def _keepers(self) -> list[Keeper]:
        return [operator for operator in self.operators if operator.shape]

    def dump(self) -> list[Any]:
        """The state of each operator that keeps something."""
        return [operator.dump() for operator in self._keepers]

    def load(self, states: list[Any]) -> None:
        """The inverse of dump, into a pump of the same shape."""
        for operator, state in zip(self._keepers, states, strict=True):
            if state is not None:
                operator.load(state)
