"""The contract of every decoder.

A decoder may take a short cut only for records of which it makes exactly what the Reference makes;
every other record it hands to the Reference. So a faster one can stand in for another and no row
changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from processor.columns import Ids, Vector


@dataclass(frozen=True, slots=True)
class Decoded:
    """The records of a batch as columns."""

    vectors: Mapping[str, Vector]
    """One vector a column of the source that the plan reads, of one length."""
    errors: Sequence[tuple[int, str]]
    """Which rows are none, in order, and why; the vectors hold nothing of use there."""
    records: Ids | None = None
    """The record that each row was made of, in order; None: row i is record i."""
    places: Ids | None = None
    """How many rows of its record stand before each row; None: none."""

    def record(self, row: int) -> int:
        """The record that a row was made of."""
        return row if self.records is None else int(self.records[row])


class Decoder(Protocol):
    """Turns record bytes into the columns of a plan."""

    @property
    def handed_over(self) -> int:
        """How many records took the slow way through the Reference so far."""
        ...

    def decode(self, records: Sequence[bytes]) -> Decoded:
        """Never raises for what is in a record: that becomes one of the errors."""
        ...

    def forget(self, words_max: int) -> None:
        """Starts new dictionaries for the VARCHAR columns that hold more than this many words."""
        ...
