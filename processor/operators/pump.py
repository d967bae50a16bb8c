"""One pump, running: a chain of operators from the stream it reads to the stream it feeds."""

from typing import Any

from analytics_sql.plan import Application, Pump, scan_of
from fleet.row import DeadLetter
from processor.columns import Columns
from processor.operators.base import Operator
from processor.operators.build import build_operators, puts_in_order
from processor.operators.lineage import PumpLineage


class RunningPump:
    """Rows of `source` in, rows of `stream` out, as columns."""

    def __init__(self, application: Application, pump: Pump) -> None:
        self.name = pump.name
        self.source = scan_of(pump.query).stream
        self.stream = application.stream(pump.stream)
        self._time = application.event_time
        self.operators = build_operators(application, pump)
        self._in_order = puts_in_order(self.operators)

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """Takes at least one row of its source; returns the rows it feeds to its stream at once."""
        for operator in self.operators:
            passed = operator.add(columns, letters)
            if passed is None:
                return None
            columns = passed
        return self._named(columns)

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> tuple[list[Columns], int]:
        """Tells how far the time of its source has come; returns the rows that it feeds to its
        stream for that, in the order of ROWTIME, and how far the time of its stream has come.
        """
        passed: list[Columns] = []
        for operator in self.operators:
            fed = [operator.add(columns, letters) for columns in passed]
            passed = [columns for columns in fed if columns is not None]
            passed += operator.advance(watermark_ms, letters)
            watermark_ms = operator.passes(watermark_ms)
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
        """The shapes of the operators that keep something, and of which stream; and by which time,
        if it is not that of arrival.
        """
        kept = [f"{operator.shape}, of {self.source}" for operator in self._keepers]
        return kept if self._time is None else [*kept, f'rows by the time in "{self._time.column}"']

    @property
    def _keepers(self) -> list[Operator]:
        return [operator for operator in self.operators if operator.shape]

    def dump(self) -> list[Any]:
        """The state of each operator that keeps something."""
        return [operator.dump() for operator in self._keepers]

    def load(self, states: list[Any]) -> None:
        """The inverse of dump, into a pump of the same shape."""
        for operator, state in zip(self._keepers, states, strict=True):
            if state is not None:
                operator.load(state)
