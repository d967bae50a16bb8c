"""The shape of a running query: operators in a row, over a stream or over several flows.

Flow          rows of one stream, or of a confluence, through operators one after the other
Confluence    where flows come together: a join, or UNION ALL
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from fleet.row import DeadLetter
from processor.columns import Columns
from processor.operators.base import Operator
from processor.watermark import END_MS


class Keeper(Protocol):
    """What has state, as far as a pump has to know: see Operator."""

    @property
    def groups(self) -> int: ...
    @property
    def windows(self) -> int: ...
    @property
    def state_bytes(self) -> int: ...
    @property
    def holds(self) -> str: ...
    @property
    def shape(self) -> str: ...
    def dump(self) -> Any: ...
    def load(self, state: Any) -> None: ...


class Confluence(Keeper, Protocol):
    """Takes rows of several sides. It has one time: the earliest of its sides'."""

    in_order: bool
    """Whether its rows come in one order however the shards interleave."""

    def add(self, side: int, columns: Columns, letters: list[DeadLetter]) -> list[Columns]:
        """Takes rows of a side in; returns the rows that go on at once."""
        ...

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator."""
        ...


class Flow:
    """Rows of a stream (`head` is its name) or of a confluence of `inputs`, through operators."""

    def __init__(
        self, head: str | Confluence, inputs: Sequence["Flow"], operators: Sequence[Operator] = ()
    ) -> None:
        self._head = head
        self._inputs = inputs
        self._operators = list(operators)

    def then(self, *operators: Operator) -> "Flow":
        """The flow with more operators at its end."""
        return Flow(self._head, self._inputs, [*self._operators, *operators])

    @property
    def streams(self) -> frozenset[str]:
        """The streams that it reads."""
        if isinstance(self._head, str):
            return frozenset({self._head})
        return frozenset[str]().union(*(flow.streams for flow in self._inputs))

    @property
    def keepers(self) -> Iterator[Keeper]:
        """All that may have state, in the order in which rows go through it."""
        for flow in self._inputs:
            yield from flow.keepers
        if not isinstance(self._head, str):
            yield self._head
        yield from self._operators

    def is_in_order(self, ordering: tuple[type, ...]) -> bool:
        """Whether rows leave in one order; `ordering`: the operators that put them in one."""
        head_is = not isinstance(self._head, str) and self._head.in_order
        return head_is or any(isinstance(operator, ordering) for operator in self._operators)

    def add(self, stream: str, columns: Columns, letters: list[DeadLetter]) -> list[Columns]:
        """Takes at least one row of a stream; returns the rows that go on at once."""
        if isinstance(self._head, str):
            entering = [columns] if self._head == stream else []
        else:
            entering = []
            for side, flow in enumerate(self._inputs):
                for passed in flow.add(stream, columns, letters):
                    entering += self._head.add(side, passed, letters)
        for operator in self._operators:
            through = [operator.add(columns, letters) for columns in entering]
            entering = [columns for columns in through if columns is not None]
        return entering

    def advance(
        self, clocks_ms: Mapping[str, int], letters: list[DeadLetter]
    ) -> tuple[list[Columns], int]:
        """Tells how far the time of each stream has come; returns the rows that this makes due, and
        how far the time of what comes out has come.
        """
        passed: list[Columns] = []
        if isinstance(self._head, str):
            watermark_ms = clocks_ms.get(self._head, END_MS)
        else:
            watermark_ms = END_MS
            for side, flow in enumerate(self._inputs):
                due, side_ms = flow.advance(clocks_ms, letters)
                for columns in due:
                    passed += self._head.add(side, columns, letters)
                watermark_ms = min(watermark_ms, side_ms)
            passed += self._head.advance(watermark_ms, letters)
        for operator in self._operators:
            fed = [operator.add(columns, letters) for columns in passed]
            passed = [columns for columns in fed if columns is not None]
            passed += operator.advance(watermark_ms, letters)
            watermark_ms = operator.passes(watermark_ms)
        return passed, watermark_ms
