"""What a window keeps of one argument, whichever aggregates ask for it: SUM(x), AVG(x) and COUNT(x)
share one sum and one count.
"""

from collections.abc import Collection
from typing import Any

import numpy as np

from analytics_sql.plan import Aggregate, Analytic
from analytics_sql.types import BIGINT, DOUBLE, Kind, SqlType
from fleet.errors import ConfigError
from processor.columns import Ids, Vector, vector_of
from processor.operators.accumulator import Accumulator, Count
from processor.operators.decay import Decay
from processor.operators.double_sum import OVERFLOW, DoubleSum, quotients
from processor.operators.edges import Edge
from processor.operators.extremes import NumberExtreme, TextExtreme
from processor.operators.integer_sum import IntegerSum
from processor.operators.variance import DoubleSquares, IntegerSquares, variance

VARIANCES = frozenset({"VAR_POP", "VAR_SAMP", "STDDEV_POP", "STDDEV_SAMP"})
EXTREMES = {"MIN": "MIN", "MAX": "MAX", "ANY": "MAX", "EVERY": "MIN"}
"""TRUE is larger than FALSE: ANY is the largest truth, EVERY the smallest."""
EDGES = frozenset({"FIRST_VALUE", "LAST_VALUE"})


class Measure:
    """Takes the values of one argument. NULLs are passed over, and counted, as they are fewer.

    Raises ConfigError when the aggregates cannot be had of the type.
    """

    def __init__(self, type: SqlType, aggregates: Collection[Aggregate]) -> None:
        self._type = type
        functions = {aggregate.function for aggregate in aggregates}
        for function in sorted(functions):
            check_type(function, type)
        self._missing = Count()
        self._extremes: dict[str, NumberExtreme | TextExtreme] = {
            name: (TextExtreme if type.is_text else NumberExtreme)(type, largest=name == "MAX")
            for name in ("MIN", "MAX")
            if any(EXTREMES.get(function) == name for function in functions)
        }
        self._parts: list[Accumulator] = [*self._extremes.values()]
        self._sum: DoubleSum | IntegerSum | None = None
        self._squares: DoubleSquares | IntegerSquares | None = None
        if functions & {"SUM", "AVG", *VARIANCES}:
            self._sum = DoubleSum() if type.is_approximate else IntegerSum()
            self._parts.append(self._sum)
        if functions & VARIANCES:
            self._squares = DoubleSquares() if type.is_approximate else IntegerSquares()
            self._parts.append(self._squares)
        edges = sorted((a.function, a.ignore_nulls) for a in aggregates if a.function in EDGES)
        self._edges = {key: Edge(type, last=key[0] == "LAST_VALUE") for key in edges}
        lives = sorted({a.parameter_ms or 1 for a in aggregates if a.function == "EXP_AVG"})
        self._decays = {life_ms: Decay(life_ms) for life_ms in lives}

    @property
    def shape(self) -> str:
        """What it keeps of a group, in words: a state fits every measure of the same shape."""
        edges = [f"{name}{' IGNORE NULLS' * ignore}" for name, ignore in self._edges]
        decays = [f"EXP_AVG of {life_ms} ms" for life_ms in self._decays]
        sums = ["sum"] * (self._sum is not None) + ["squares"] * (self._squares is not None)
        return ", ".join(["count", *self._extremes, *sums, *edges, *decays])

    def grow(self, size: int) -> None:
        """Makes room for group ids below `size`."""
        for part in self._all():
            part.grow(size)

    def _all(self) -> list[Any]:
        return [self._missing, *self._parts, *self._edges.values(), *self._decays.values()]

    def add(self, groups: Ids, vector: Vector, before_end_ms: Ids) -> None:
        """Takes the argument's value for each of these groups, in rows that came so long before
        the end of their window.
        """
        for (_, ignore_nulls), edge in self._edges.items():
            if not ignore_nulls:
                edge.add(groups, vector)
        null = vector.nulls()
        if null is not None:
            self._missing.add(groups[null])
            there = np.flatnonzero(~null)
            groups, vector = groups[there], vector.take(there)
            before_end_ms = before_end_ms[there] if self._decays else before_end_ms
        for part in self._parts:
            part.add(groups, vector)
        for (_, ignore_nulls), edge in self._edges.items():
            if ignore_nulls and len(groups):
                edge.add(groups, vector)
        for decay in self._decays.values():
            values = vector.values.astype(np.float64) / 10.0 ** (self._type.scale or 0)
            decay.add(groups, values, before_end_ms)

    def result(self, aggregate: Aggregate, groups: Ids, rows: Ids) -> Vector:
        """The aggregate of these groups, which have so many rows, in its natural type: NULL where
        there was no value but NULLs (of COUNT: 0).
        """
        function = aggregate.function
        present = rows - self._missing.values[groups]
        if function == "COUNT":
            return Vector(present)
        if function in EDGES:
            return self._edges[function, aggregate.ignore_nulls].edges(groups)
        if function in VARIANCES:
            return self._variance(function, groups, present)
        if function == "EXP_AVG":
            return self._decayed(aggregate.parameter_ms or 1, groups)
        if function in EXTREMES:
            vector = self._extremes[EXTREMES[function]].extremes(groups)
            if vector.words is not None:
                return vector
        else:
            vector = self._total(aggregate, groups, present)
        # What stands in an array before the first value (infinity, for one) must not get out.
        none = present == 0
        null = none if none.any() else None
        values = vector.values if null is None else np.where(none, 0, vector.values)
        return Vector(values.astype(vector.values.dtype), null, failed=vector.failed)

    def _total(self, aggregate: Aggregate, groups: Ids, present: Ids) -> Vector:
        assert self._sum is not None
        if aggregate.function == "SUM":
            return self._sum.sums(groups)
        counts = np.maximum(present, 1)
        if isinstance(self._sum, DoubleSum):
            return self._sum.means(groups, counts)
        cut = natural_type(aggregate) != DOUBLE
        return self._sum.means(groups, counts, None if cut else self._type.scale or 0)

    def _variance(self, function: str, groups: Ids, present: Ids) -> Vector:
        assert self._sum is not None
        assert self._squares is not None
        totals, bits = self._sum.totals(groups)
        squares, squares_bits = self._squares.totals(groups)
        values: list[float | None] = []
        failed: dict[int, str] = {}
        scale = self._type.scale or 0
        for n, total, square in zip(present.tolist(), totals, squares, strict=True):
            try:
                values.append(variance(function, n, total, square, bits, squares_bits, scale))
            except OverflowError:
                failed[len(values)] = OVERFLOW
                values.append(None)
        vector = vector_of(values, DOUBLE)
        return Vector(vector.values, vector.null, failed=failed)

    def _decayed(self, half_life_ms: int, groups: Ids) -> Vector:
        above, below = self._decays[half_life_ms].totals(groups)
        none = np.fromiter((d == 0 for d in below), np.bool_, len(below))
        return Vector(quotients(above, [d or 1 for d in below]).values, none)

    def dump(self, groups: Ids) -> list[Any]:
        """The state of these groups."""
        return [part.dump(groups) for part in self._all()]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """The inverse of dump."""
        for part, given in zip(self._all(), state, strict=True):
            part.load(groups, given)


def check_type(function: str, type: SqlType) -> None:
    """Raises ConfigError when the function cannot be had of an argument of this type."""
    if function in ("ANY", "EVERY"):
        fits = type.kind is Kind.BOOLEAN
    elif function in VARIANCES or function == "EXP_AVG":
        fits = type.is_numeric
    elif function in ("SUM", "AVG"):
        fits = type.is_numeric or type.kind is Kind.INTERVAL
    else:
        fits = True
    if not fits:
        raise ConfigError(f"{function} of type {type} is not run")


def natural_type(call: Aggregate | Analytic) -> SqlType:
    """The type an aggregate is computed in, before it is made to fit the type that the plan says.

    AVG of integers is computed as the plan says: integer / integer = integer
    (REF:sql-reference-aggregate-functions), truncated toward zero, or the quotient as DOUBLE.
    """
    argument, function = call.argument, call.function
    if function == "COUNT" or argument is None:
        return BIGINT
    type = argument.type
    if function in VARIANCES or function == "EXP_AVG":
        return DOUBLE
    if function not in ("SUM", "AVG"):
        return type
    if type.is_approximate:
        return DOUBLE
    if function == "AVG" and call.type.is_approximate:
        return DOUBLE
    if type.kind is Kind.DECIMAL:
        return SqlType(Kind.DECIMAL, 19, type.scale)
    return BIGINT if type.is_integer else type
