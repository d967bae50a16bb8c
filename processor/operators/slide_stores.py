"""What the calls of a sliding window keep: one store for those that have the partition, the frame
and the way they are computed in common.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from analytics_sql.expression import Expression
from analytics_sql.plan import Analytic, Frame
from processor.columns import Columns, Vector, vector_of
from processor.operators.groups import Groups
from processor.operators.measure import EXTREMES, natural_type
from processor.operators.range_extremes import RangeExtremes
from processor.operators.range_sums import RangeSums, Totals
from processor.operators.row_frames import RowFrames
from processor.operators.state import ROW_BYTES, frame_text, slide_key_bytes, slide_row_bytes

FORGET_FLOOR: Final = 4096
"""Keys whose frames are empty are kept until there are this many (they mostly come back)."""
SUMS: Final = frozenset({"COUNT", "SUM", "AVG"})


class Store(Protocol):
    """The frames of some calls."""

    def add(self, columns: Columns, values: Mapping[Expression, Vector]) -> dict[str, Vector]:
        """Takes rows in, in order, with the values of the expressions that the calls need; returns
        the natural result of each call at each row, by the call's name.
        """
        ...

    @property
    def groups(self) -> int:
        """Keys held."""
        ...

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        ...

    @property
    def holds(self) -> str:
        """See Operator."""
        ...

    def dump(self) -> Any:
        """The state, as msgpack can hold it."""
        ...

    def load(self, state: Any) -> None:
        """The inverse of dump."""
        ...


def stores_of(calls: Sequence[Analytic]) -> list[Store]:
    """The stores of the calls of a query."""
    shared: dict[tuple[Any, Frame, str, str], list[Analytic]] = {}
    for call in calls:
        way, alone = "rows", ""
        if call.frame.rows is None and call.function in SUMS:
            way = "sums"
        elif call.frame.rows is None and call.function in EXTREMES:
            way, alone = "extreme", call.name
        shared.setdefault((call.partition, call.frame, way, alone), []).append(call)
    makers: dict[str, Callable[[Sequence[Analytic]], Store]]
    makers = {"sums": SumStore, "extreme": ExtremeStore, "rows": RowStore}
    return [makers[way](given) for (_, _, way, _), given in shared.items()]


class SumStore:
    """COUNT, SUM and AVG that share a partition and a frame."""

    def __init__(self, calls: Sequence[Analytic]) -> None:
        self._calls = calls
        self._partition = calls[0].partition
        self._frame = calls[0].frame
        self._arguments = list(dict.fromkeys(call.argument for call in calls))
        self._key_types = [key.type for key in self._partition]
        self._forget_at = FORGET_FLOOR
        self._key_bytes = sum(map(slide_key_bytes, calls))
        self._row_bytes = ROW_BYTES + sum(map(slide_row_bytes, calls))
        self._start()

    def _start(self) -> None:
        summed = {call.argument for call in self._calls if call.function != "COUNT"}
        types = [a.type if a is not None and a in summed else None for a in self._arguments]
        self._groups = Groups(self._key_types)
        self._sums = RangeSums(types, self._frame.range_ms)

    def add(self, columns: Columns, values: Mapping[Expression, Vector]) -> dict[str, Vector]:
        """See Store."""
        keys = self._groups.ids([values[key] for key in self._partition], len(columns))
        arguments = [None if a is None else values[a] for a in self._arguments]
        totals = self._sums.add(columns.rowtime_ms, keys, arguments)
        self._forget()
        by_argument = dict(zip(self._arguments, totals, strict=True))
        return {call.name: _result(call, by_argument[call.argument]) for call in self._calls}

    def _forget(self) -> None:
        """Gives the keys new ids when most frames are empty: memory follows what lives."""
        if self._frame.range_ms is None or len(self._groups) <= self._forget_at:
            return
        live = len(self._sums.live())
        if len(self._groups) > FORGET_FLOOR + 2 * live:
            state = self.dump()
            self._start()
            self.load(state)
        self._forget_at = FORGET_FLOOR + 2 * max(live, len(self._groups))

    @property
    def groups(self) -> int:
        """Keys held."""
        return len(self._groups)

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return self._key_bytes * len(self._groups) + self._row_bytes * self._sums.rows

    @property
    def holds(self) -> str:
        """See Operator."""
        text = f"{self._sums.rows} rows of {self.groups} keys in {frame_text(self._frame)}"
        return f"{self.groups} keys in {frame_text(self._frame)}" if self._sums.rows == 0 else text

    def dump(self) -> Any:
        """The keys whose frames hold a row, and the rows or sums."""
        live = self._sums.live()
        keys = [vector.to_list() for vector in self._groups.vectors(live)]
        return [len(live), keys, self._sums.dump(live)]

    def load(self, state: Any) -> None:
        """The inverse of dump."""
        count, keys, sums = state
        pairs = zip(keys, self._key_types, strict=True)
        ids = self._groups.ids([vector_of(values, type) for values, type in pairs], count)
        self._sums.load(ids, sums)


def _result(call: Analytic, totals: Totals) -> Vector:
    if call.function == "COUNT":
        return Vector(totals.counts)
    if call.function == "SUM":
        return totals.sums()
    assert totals.type is not None
    cut = not natural_type(call).is_approximate
    return totals.means(None if cut else totals.type.scale or 0)


class ExtremeStore:
    """One MIN, MAX, ANY or EVERY."""

    def __init__(self, calls: Sequence[Analytic]) -> None:
        (call,) = calls
        self._call = call
        largest = EXTREMES[call.function] == "MAX"
        self._frames = RangeExtremes(call.frame.range_ms, largest=largest)

    def add(self, columns: Columns, values: Mapping[Expression, Vector]) -> dict[str, Vector]:
        """See Store."""
        call = self._call
        assert call.argument is not None
        keys = _tuples([values[key].to_list() for key in call.partition], len(columns))
        argument = values[call.argument].to_list()
        results = self._frames.add(columns.rowtime_ms.tolist(), keys, argument)
        return {call.name: vector_of(results, natural_type(call))}

    @property
    def groups(self) -> int:
        """Keys held."""
        return self._frames.groups

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        row_bytes = ROW_BYTES + slide_row_bytes(self._call)
        return slide_key_bytes(self._call) * self.groups + row_bytes * self._frames.rows

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{self._frames.rows} values of {self.groups} keys in {frame_text(self._call.frame)}"

    def dump(self) -> Any:
        """See RangeExtremes."""
        return self._frames.dump()

    def load(self, state: Any) -> None:
        """See RangeExtremes."""
        self._frames.load(state)


class RowStore:
    """Calls that are computed row by row and share a partition and a frame."""

    def __init__(self, calls: Sequence[Analytic]) -> None:
        self._calls = calls
        self._partition = calls[0].partition
        self._frame = calls[0].frame
        self._key_bytes = sum(map(slide_key_bytes, calls))
        self._row_bytes = 120 + 64 * len(calls)
        self._frames = RowFrames(calls, self._frame)

    def add(self, columns: Columns, values: Mapping[Expression, Vector]) -> dict[str, Vector]:
        """See Store."""
        count = len(columns)
        nothing = [None] * count
        lists = {expression: vector.to_list() for expression, vector in values.items()}
        keys = _tuples([lists[key] for key in self._partition], count)
        arguments = [nothing if c.argument is None else lists[c.argument] for c in self._calls]
        defaults = [nothing if c.default is None else lists[c.default] for c in self._calls]
        results = self._frames.add(
            columns.rowtime_ms.tolist(), keys, _tuples(arguments, count), _tuples(defaults, count)
        )
        return {call.name: vector for call, vector in zip(self._calls, results, strict=True)}

    @property
    def groups(self) -> int:
        """Keys held."""
        return self._frames.groups

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return self._key_bytes * self.groups + self._row_bytes * self._frames.rows

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{self._frames.rows} rows of {self.groups} keys in {frame_text(self._frame)}"

    def dump(self) -> Any:
        """See RowFrames."""
        return self._frames.dump()

    def load(self, state: Any) -> None:
        """See RowFrames."""
        self._frames.load(state)


def _tuples(lists: Sequence[Sequence[Any]], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*lists, strict=True)) if lists else [()] * count
