"""The contract of every decoder.

A decoder may take a short cut only for records of which it makes exactly what the Reference makes;
every other record it hands to the Reference. So a faster one can stand in for another and no row
changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from processor.columns import Vector


@dataclass(frozen=True, slots=True)
class Decoded:
    """The records of a batch as columns: row i is record i."""

    vectors: Mapping[str, Vector]
    """One vector a column of the source that the plan reads, as long as the batch."""
    errors: Sequence[tuple[int, str]]
    """Which records cannot become a row, in order, and why; the vectors hold nothing of use there.
    """


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
