"""What an operation hands to the protocol that writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_kinesis.put import Put
from local_kinesis.shard import Page
from local_kinesis.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Records:
    """The result of GetRecords. The records are JSON already; another protocol takes them apart
    again.
    """

    page: Page
    next_iterator: str | None
    """None at the end of a closed shard: there is nothing more to read, ever."""
    children: Sequence[Mapping[str, object]] = ()
    """ChildShards, only at the end of a closed shard."""


WholeResult = Mapping[str, object] | Put | Records | None
"""Members by name for most operations; times in them are Moments. None where the service's answer
has no body.
"""
Result = WholeResult | Subscription
