"""The contract of every operator: one node of a plan, running.

An operator is pure: no I/O, no clock, no threads. What it puts out depends on the rows it was given
and on the times it was told, never on how the rows were cut into batches, and never on the order in
which rows of different shards came. That is what makes a replay exact.
"""

from typing import Any, Protocol

from fleet.row import DeadLetter
from processor.columns import Columns


class Operator(Protocol):
    """Takes rows, passes rows on; what fails goes to `letters`, and the other rows go on."""

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """Takes rows in; returns the rows that go on at once, None when there are none."""
        ...

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """Tells that no row with an earlier ROWTIME is to come; returns the rows that this makes
        due, in the order of ROWTIME.
        """
        ...

    def passes(self, watermark_ms: int) -> int:
        """The watermark of what it puts out, when that of what it takes is `watermark_ms`."""
        ...

    @property
    def groups(self) -> int:
        """How many groups of rows it holds."""
        ...

    @property
    def windows(self) -> int:
        """How many windows are open."""
        ...

    @property
    def state_bytes(self) -> int:
        """What its state takes in memory, about; see processor/operators/state.py."""
        ...

    @property
    def holds(self) -> str:
        """What the state is made of, for a message: `3 groups in 1 window of GROUP BY`."""
        ...

    @property
    def shape(self) -> str:
        """What its state is a state of, in words: a state fits every operator of the same shape.
        Empty when it keeps nothing.
        """
        ...

    def dump(self) -> Any:
        """The state, as msgpack can hold it: None when there is none."""
        ...

    def load(self, state: Any) -> None:
        """The inverse of dump, into an operator that has not been used."""
        ...


class Prompt:
    """The half of the contract of an operator whose rows go on at once, with their ROWTIME."""

    windows = 0

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """Nothing waits."""
        return []

    def passes(self, watermark_ms: int) -> int:
        """The same."""
        return watermark_ms


class Stateless(Prompt):
    """The half of the contract that an operator without state has in common with all its like."""

    groups = 0
    state_bytes = 0
    holds = "nothing"
    shape = ""

    def dump(self) -> Any:
        """Nothing is held."""
        return None

    def load(self, state: Any) -> None:
        """Nothing was held."""
