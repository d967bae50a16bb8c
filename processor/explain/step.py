"""A step of an explanation: one node of a plan, in words."""

from dataclasses import dataclass

from analytics_sql.expression import Expression
from processor.explain.failure import failures_of
from processor.explain.state import State

CLOSED_BY_TIME = "the watermark: the next record of every shard, or their silence"


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a step. `kind`: tumbling, monotonic, sliding by range, by rows, or unbounded."""

    kind: str
    size: str
    alignment: str
    closed_by: str


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the plan, in words."""

    title: str
    """WHERE "N" > 1"""
    windows: tuple[Window, ...] = ()
    keys: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    state: State | None = None
    fails: tuple[str, ...] = ()


def fails_of(*expressions: Expression | None) -> tuple[str, ...]:
    """What can fail in these expressions, each once."""
    found = [failure for e in expressions if e is not None for failure in failures_of(e)]
    return tuple(dict.fromkeys(found))
