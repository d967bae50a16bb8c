"""Nodes of a plan for FROM TABLE(FUNCTION(CURSOR(query), ...)): what the functions do with all the
rows of their query.

RANDOM_CUT_FOREST, ..._WITH_EXPLANATION    Forest
TOP_K_ITEMS_TUMBLING                       TopItems over a Tumble that counts the items
COUNT_DISTINCT_ITEMS_TUMBLING              DistinctItems over such a Tumble
HOTSPOTS                                   Hotspots
GROUP_RANK                                 GroupRank
"""

from dataclasses import dataclass
from typing import Generic, Literal as OneOf

from analytics_sql.column import Column
from analytics_sql.combination import N
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, Kind, SqlType

ANOMALY_SCORE = Column("ANOMALY_SCORE", DOUBLE)
ANOMALY_EXPLANATION = Column("ANOMALY_EXPLANATION", SqlType(Kind.VARCHAR, 20_480))
HOTSPOTS_RESULT = Column("HOTSPOTS_RESULT", SqlType(Kind.VARCHAR, 65_535))
DISTINCT_ITEMS = Column("NUMBER_OF_DISTINCT_ITEMS", BIGINT)


@dataclass(frozen=True, slots=True)
class Forest(Generic[N]):
    """Each row of the input with its anomaly score, as a random cut forest sees it that has learned
    the rows before it. Rows come in the order (ROWTIME, shard, place in the shard), with their
    ROWTIME. A row in which one of `numbers` is NULL has a score of NULL and is not learned.
    """

    input: N
    numbers: tuple[str, ...]
    """The columns that make a row a point."""
    trees: int
    sample: int
    """How many rows a tree holds at most."""
    time_decay: int
    """A row counts e times as much as one that came so many rows before it."""
    shingle: int
    """How many rows, one after the other, make a point."""
    explained: bool = False
    directed: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those of the input, the score, and the explanation if there is one."""
        explanation = (ANOMALY_EXPLANATION,) if self.explained else ()
        return (*self.input.columns, ANOMALY_SCORE, *explanation)


@dataclass(frozen=True, slots=True)
class TopItems(Generic[N]):
    """Of each window's groups those with the largest `by`, that one first; of equal ones those that
    come first in the order of the keys.
    """

    input: N
    """A Tumble: the rows of a window come together."""
    by: str
    count: int

    @property
    def columns(self) -> tuple[Column, ...]:
        """The same as those of the input."""
        return self.input.columns


@dataclass(frozen=True, slots=True)
class DistinctItems(Generic[N]):
    """One row for each window, with the number of its groups."""

    input: N
    """A Tumble: the rows of a window come together."""
    window_start: str

    @property
    def columns(self) -> tuple[Column, ...]:
        """The number."""
        return (DISTINCT_ITEMS,)


@dataclass(frozen=True, slots=True)
class Hotspots(Generic[N]):
    """Each row of the input with the dense regions among the last `window` rows, itself included.
    Rows come in the order (ROWTIME, shard, place in the shard), with their ROWTIME. A row in which
    one of `numbers` is NULL has no regions and does not count.
    """

    input: N
    numbers: tuple[str, ...]
    """The columns that make a row a point."""
    window: int
    radius: float
    """Points at most so far from one another, in a chain, are in one region."""
    least: int
    """How many points make a region a hotspot."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those of the input, and the regions."""
        return (*self.input.columns, HOTSPOTS_RESULT)


@dataclass(frozen=True, slots=True)
class GroupRank(Generic[N]):
    """The rows of each ROWTIME with their ranks by a column, NULL being the smallest value. They
    come out when no more of that ROWTIME can come.
    """

    input: N
    by: str
    rank: str
    """The column of the rank, which is 1 for the first; equal values have equal ranks."""
    descending: bool
    """Whether the largest value is the first."""
    order: OneOf["asc", "desc", "none"]
    """By rank, against it, or as the rows came."""
    most: int
    """How many rows of a ROWTIME come out; 0: all."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those of the input, and the rank."""
        return (*self.input.columns, Column(self.rank, INTEGER))
