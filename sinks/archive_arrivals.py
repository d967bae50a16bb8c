"""When each reading of an archive arrived, under which sequence number and partition key.

A line of an archive is the record's own bytes, as the workshop has it, so this stands in an object
beside it: one JSON object a run, column by column, numbers as differences, since those are small.
"""

import json
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from fleet.errors import FleetError


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of the readings of one run, in their order; all lists have the same length."""

    shard_id: str
    sequence_numbers: list[str]
    arrivals_ms: list[int]
    partition_keys: list[str]

    @classmethod
    def none(cls, shard_id: str) -> "Arrivals":
        """Of no reading yet."""
        return cls(shard_id, [], [], [])

    def __len__(self) -> int:
        return len(self.arrivals_ms)

    def add(self, sequence_number: str, arrival_ms: int, partition_key: str) -> None:
        """The next reading's."""
        self.sequence_numbers.append(sequence_number)
        self.arrivals_ms.append(arrival_ms)
        self.partition_keys.append(partition_key)

    def extend(self, other: "Arrivals") -> None:
        """Those of the readings that follow."""
        self.sequence_numbers.extend(other.sequence_numbers)
        self.arrivals_ms.extend(other.arrivals_ms)
        self.partition_keys.extend(other.partition_keys)

    def part(self, start: int, end: int) -> "Arrivals":
        """Those from `start` to before `end`."""
        return Arrivals(
            self.shard_id,
            self.sequence_numbers[start:end],
            self.arrivals_ms[start:end],
            self.partition_keys[start:end],
        )

    def line(self) -> bytes:
        """As a line of an object."""
        keys = dict.fromkeys(self.partition_keys)
        place = {key: number for number, key in enumerate(keys)}
        value = {
            "shard_id": self.shard_id,
            "readings": len(self),
            "sequence_numbers": _differences([int(number) for number in self.sequence_numbers]),
            "arrivals_ms": _differences(self.arrivals_ms),
            "partition_keys": list(keys),
            "partition_key": [place[key] for key in self.partition_keys],
        }
        # Not msgspec: the differences of real sequence numbers do not fit 64 bits.
        return json.dumps(value, separators=(",", ":")).encode()

    @classmethod
    def from_line(cls, line: bytes) -> "Arrivals":
        """The inverse of `line`. Raises FleetError for a line that is none."""
        try:
            value: dict[str, Any] = json.loads(line)
            keys = value["partition_keys"]
            read = cls(
                value["shard_id"],
                [str(number) for number in accumulate(value["sequence_numbers"])],
                list(accumulate(value["arrivals_ms"])),
                [keys[place] for place in value["partition_key"]],
            )
            is_whole = len({len(read), len(read.sequence_numbers), len(read.partition_keys)}) == 1
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise FleetError(f"a line of arrivals cannot be read: {error!r}") from None
        if not is_whole:
            raise FleetError("a line of arrivals has columns of different lengths")
        return read


def _differences(numbers: list[int]) -> list[int]:
    return numbers[:1] + [second - first for first, second in pairwise(numbers)]
