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

    @property
    def closes_ms(self) -> int | None:
        """When the next window ends; None when none is open."""
        ...

    def close(self, end_ms: int, letters: list[DeadLetter]) -> Columns | None:
        """Closes the windows that end at `end_ms`, which is `closes_ms`; returns their rows."""
        ...

    @property
    def groups(self) -> int:
        """How many groups it holds: what its memory is made of."""
        ...

    @property
    def windows(self) -> int:
        """How many windows are open."""
        ...

    def dump(self) -> Any:
        """The state, as msgpack can hold it: None when there is none."""
        ...

    def load(self, state: Any) -> None:
        """The inverse of dump, into an operator that has not been used."""
        ...


class Stateless:
    """The half of the contract that an operator without state has in common with all its like."""

    closes_ms: int | None = None
    groups = 0
    windows = 0

    def close(self, end_ms: int, letters: list[DeadLetter]) -> Columns | None:
        """Nothing is open."""
        return None

    def dump(self) -> Any:
        """Nothing is held."""
        return None

    def load(self, state: Any) -> None:
        """Nothing was held."""
