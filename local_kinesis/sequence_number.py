"""Sequence numbers: 56 decimal digits that say which shard gave them out, and in which order.

They are the service's own layout, as published sequence numbers show it: 47 hexadecimal digits,

    2 | created: 9 | shard: 1 | ordinal: 16 | 00 | arrival: 9 | shard: 8 | 2

where created and arrival are seconds, and the first shard field is the last digit of the second.
The leading 2 makes every one of them 56 decimal digits without a leading zero. The ordinal is above
everything that changes within a shard, so numbers of one shard are strictly increasing; the
creation time is above the ordinal, so a shard that is created later than another gives only larger
numbers.
"""

from dataclasses import dataclass
from typing import Final

ORDINAL_STEP: Final = 1 << 80
"""The difference between the sequence numbers of two neighbours that arrived in the same second."""

_VERSION: Final = 2
_MARK: Final = 2 << 184
_ORDINAL_BITS: Final = 63
ORDINAL_MAX: Final = (1 << _ORDINAL_BITS) - 1
"""No record's: it stands in a closed shard's EndingSequenceNumber."""
_SHARD_INDEX_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SequenceNumber:
    """A sequence number taken apart."""

    created_s: int
    """When its shard was created, seconds since 1970."""
    shard_index: int
    ordinal: int
    """0 is the shard's own StartingSequenceNumber, 1 its first record."""


def compose(created_s: int, shard_index: int, ordinal: int, arrival_s: int) -> int:
    """The sequence number of a shard's record, as an integer."""
    return (
        _MARK
        | created_s << 148
        | (shard_index & 0xF) << 144
        | ordinal << 80
        | arrival_s << 36
        | shard_index << 4
        | _VERSION
    )


def parse(text: str) -> SequenceNumber | None:
    """Takes a sequence number apart; None when no shard can have given it out."""
    number = int(text)
    shard_index = number >> 4 & 0xFFFFFFFF
    well_formed = (
        number >> 184 == 2
        and number & 0xF == _VERSION
        and shard_index <= _SHARD_INDEX_MAX
        and number >> 144 & 0xF == shard_index & 0xF
        and number >> 80 + _ORDINAL_BITS & 1 == 0
    )
    if not well_formed:
        return None
    return SequenceNumber(
        created_s=number >> 148 & 0xFFFFFFFFF,
        shard_index=shard_index,
        ordinal=number >> 80 & ORDINAL_MAX,
    )
