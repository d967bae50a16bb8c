"""What an operation hands to the protocol that writes it down."""

from collections.abc import Mapping
from dataclasses import dataclass

from local_kinesis.put import Put
from local_kinesis.shard import Page


@dataclass(frozen=True, slots=True)
class Records:
    """The result of GetRecords. The records are JSON already; another protocol takes them apart
    again.
    """

    page: Page
    next_iterator: str


Result = Mapping[str, object] | Put | Records | None
"""Members by name for most operations; times in them are seconds. None where the service's answer
has no body.
"""
