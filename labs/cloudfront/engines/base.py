"""What an engine does for the lab."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from labs.cloudfront.hive.script import Query


@dataclass(frozen=True)
class Result:
    """Of one query; `rows` can be taken once, and may be more than memory holds. `numeric` are the
    names of columns of numbers.
    """

    names: Sequence[str]
    numeric: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


class Engine(Protocol):
    """Has the tables of a script; every line of their files is a row, as in Hive, and a line that
    the pattern does not match is one of NULLs.
    """

    def query(self, query: Query) -> Result:
        """Raises SqlErrors for what the engine refuses."""
        ...

    def count(self, table: str) -> int:
        """The rows of a table, which are the lines of its files."""
        ...

    def close(self) -> None:
        """Lets go of memory, processes and temporary files."""
        ...
