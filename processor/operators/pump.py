"""One pump, running: a chain of operators from the stream it reads to the stream it feeds."""

from collections.abc import Callable, Iterable, Sequence
from json.encoder import encode_basestring as json_text
from typing import Any

from analytics_sql.plan import Application, Pump, scan_of
from fleet.row import DeadLetter, Row
from processor.columns import Columns
from processor.expressions.output import output_values
from processor.operators.build import build_operators
from processor.operators.lineage import PumpLineage


class RunningPump:
    """Rows in, rows of `stream` out, as columns; `rows` makes them what sinks take."""

    def __init__(self, application: Application, pump: Pump) -> None:
        self.name = pump.name
        self.source = scan_of(pump.query).stream
        self.stream = pump.stream
        self._columns = application.stream(pump.stream).columns
        self._mapping = _mapping([column.name for column in self._columns])
        self._operators = build_operators(application, pump)
        self._id = f"[{json_text(application.name)},{json_text(pump.stream)},"

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """Takes at least one row of its source; returns the rows it feeds to its stream at once."""
        return self._run(columns, 0, letters)

    @property
    def closes_ms(self) -> int | None:
        """When its next window ends; None when none is open."""
        ends = [o.closes_ms for o in self._operators if o.closes_ms is not None]
        return min(ends, default=None)

    def close(self, end_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """Closes the windows that end at `end_ms`; returns the rows they feed to its stream."""
        passed: list[Columns] = []
        for place, operator in enumerate(self._operators):
            if operator.closes_ms == end_ms:
                closed = operator.close(end_ms, letters)
                if closed is not None:
                    fed = self._run(closed, place + 1, letters)
                    passed += [] if fed is None else [fed]
        return passed

    def _run(self, columns: Columns, start: int, letters: list[DeadLetter]) -> Columns | None:
        """Through the operators from `start` on, as far as rows go at once."""
        for operator in self._operators[start:]:
            passed = operator.add(columns, letters)
            if passed is None:
                return None
            columns = passed
        return Columns(columns.vectors, columns.rowtime_ms, PumpLineage(self.name, columns.lineage))

    def rows(self, columns: Columns) -> list[Row]:
        """The output rows. An id is a JSON array: application, stream, pump, then what tells the
        row apart: shard id and sequence number, or window start and keys.
        """
        lists = [output_values(columns.vectors[c.name], c.type) for c in self._columns]
        identities = columns.lineage.identities(self._id)
        times = columns.rowtime_ms.tolist()
        values = self._mapping(zip(*lists, strict=True))
        return [
            Row(f"{identity}]", self.stream, time, mapping)
            for identity, time, mapping in zip(identities, times, values, strict=True)
        ]

    @property
    def groups(self) -> int:
        """How many groups its operators hold."""
        return sum(operator.groups for operator in self._operators)

    @property
    def windows(self) -> int:
        """How many of its windows are open."""
        return sum(operator.windows for operator in self._operators)

    def dump(self) -> list[Any]:
        """The state of each operator."""
        return [operator.dump() for operator in self._operators]

    def load(self, states: list[Any]) -> None:
        """The inverse of dump."""
        for operator, state in zip(self._operators, states, strict=True):
            if state is not None:
                operator.load(state)


def _mapping(names: Sequence[str]) -> Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]]]:
    """Makes a dict of each tuple of values: a display written out for the number of columns takes
    half the time of dict(zip(names, values)). The source holds numbers, never text of a plan.
    """
    keys = ", ".join(f"n{i}" for i in range(len(names)))
    values = ", ".join(f"v{i}" for i in range(len(names)))
    pairs = ", ".join(f"n{i}: v{i}" for i in range(len(names)))
    source = f"lambda {keys}: lambda rows: [{{{pairs}}} for ({values},) in rows]"
    maker: Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]]] = eval(source)(*names)
    return maker
