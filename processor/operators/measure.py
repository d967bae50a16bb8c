"""What a window keeps of one argument, whichever aggregates ask for it: SUM(x), AVG(x) and COUNT(x)
share one sum and one count.
"""

from collections.abc import Collection
from typing import Any

import numpy as np

from analytics_sql.plan import Aggregate
from analytics_sql.types import BIGINT, DOUBLE, Kind, SqlType
from fleet.errors import ConfigError
from processor.columns import Ids, Vector
from processor.operators.accumulator import Accumulator, Count
from processor.operators.double_sum import DoubleSum
from processor.operators.extremes import NumberExtreme, TextExtreme
from processor.operators.integer_sum import IntegerSum


class Measure:
    """Takes the values of one argument. NULLs are passed over, and counted, as they are fewer.

    Raises ConfigError when the functions cannot be had of the type.
    """

    def __init__(self, type: SqlType, functions: Collection[str]) -> None:
        self._type = type
        self._missing = Count()
        self._sum: DoubleSum | IntegerSum | None = None
        if "SUM" in functions or "AVG" in functions:
            if not type.is_integer and type.kind is not Kind.DOUBLE:
                raise ConfigError(f"SUM and AVG of type {type} are not run")
            self._sum = IntegerSum() if type.is_integer else DoubleSum()
        if type.kind is Kind.BOOLEAN and ("MIN" in functions or "MAX" in functions):
            raise ConfigError(f"MIN and MAX of type {type} are not run")
        extreme = TextExtreme if type.is_text else NumberExtreme
        self._extremes: dict[str, NumberExtreme | TextExtreme] = {
            function: extreme(type, largest=function == "MAX")
            for function in ("MIN", "MAX")
            if function in functions
        }
        self._parts: list[Accumulator] = [*self._extremes.values()]
        if self._sum is not None:
            self._parts.append(self._sum)

    def grow(self, size: int) -> None:
        """Makes room for group ids below `size`."""
        self._missing.grow(size)
        for part in self._parts:
            part.grow(size)

    def add(self, groups: Ids, vector: Vector) -> None:
        """Takes the argument's value for each of these groups."""
        null = vector.nulls()
        if null is not None:
            self._missing.add(groups[null])
            there = np.flatnonzero(~null)
            groups, vector = groups[there], vector.take(there)
        for part in self._parts:
            part.add(groups, vector)

    def result(self, aggregate: Aggregate, groups: Ids, rows: Ids) -> Vector:
        """The aggregate of these groups, which have so many rows, in its natural type: NULL where
        there was no value but NULLs (of COUNT: 0).
        """
        present = rows - self._missing.values[groups]
        if aggregate.function == "COUNT":
            return Vector(present)
        if aggregate.function in ("MIN", "MAX"):
            vector = self._extremes[aggregate.function].extremes(groups)
            if vector.words is not None:
                return vector
        else:
            vector = self._total(aggregate, groups, present)
        # What stands in an array before the first value (infinity, for one) must not get out.
        none = present == 0
        return Vector(np.where(none, 0, vector.values), none, failed=vector.failed)

    def _total(self, aggregate: Aggregate, groups: Ids, present: Ids) -> Vector:
        assert self._sum is not None
        if aggregate.function == "SUM":
            return self._sum.sums(groups)
        counts = np.maximum(present, 1)
        if isinstance(self._sum, DoubleSum):
            return self._sum.means(groups, counts)
        return self._sum.means(groups, counts, natural_type(aggregate))

    def dump(self, groups: Ids) -> list[Any]:
        """The state of these groups."""
        return [self._missing.dump(groups), [part.dump(groups) for part in self._parts]]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """The inverse of dump."""
        missing, parts = state
        self._missing.load(groups, missing)
        for part, given in zip(self._parts, parts, strict=True):
            part.load(groups, given)


def natural_type(aggregate: Aggregate) -> SqlType:
    """The type an aggregate is computed in, before it is made to fit the type that the plan says.

    AVG of integers is computed as the plan says: integer / integer = integer
    (REF:sql-reference-aggregate-functions), truncated toward zero, or the quotient as DOUBLE.
    """
    argument = aggregate.argument
    if aggregate.function == "COUNT" or argument is None:
        return BIGINT
    if aggregate.function in ("MIN", "MAX"):
        return argument.type
    if not argument.type.is_integer:
        return DOUBLE
    return BIGINT if aggregate.function == "SUM" or aggregate.type.is_integer else DOUBLE
