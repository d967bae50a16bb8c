"""Rows of one unicorn as columns over time, and what can be said of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
SPARKLINE_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one column, oldest first; rows without one are left out."""

    column: str
    times: Sequence[str]
    values: Sequence[float]

    @property
    def mean(self) -> float:
        return sum(self.values) / len(self.values)

    def sparkline(self, characters: int = SPARKLINE_CHARACTERS) -> str:
        """The values as blocks, lowest to highest; more values than characters share them, each
        character the mean of its share.
        """
        count = min(characters, len(self.values))
        shares = [
            self.values[len(self.values) * i // count : len(self.values) * (i + 1) // count]
            for i in range(count)
        ]
        means = [sum(share) / len(share) for share in shares]
        low, high = min(means), max(means)
        if low == high:
            return BLOCKS[len(BLOCKS) // 2] * count
        steps = len(BLOCKS) - 1
        return "".join(BLOCKS[round((mean - low) / (high - low) * steps)] for mean in means)


def series_of(rows: Sequence[Mapping[str, Any]], time_column: str) -> list[Series]:
    """A series of each column in which every value that is there is a number; `rows` oldest first,
    `time_column` has their times.
    """
    found = []
    for column in dict.fromkeys(name for row in rows for name in row):
        held = [row for row in rows if row.get(column) is not None]
        if held and all(type(row[column]) in (int, float) for row in held):
            times = [str(row[time_column]) for row in held]
            found.append(Series(column, times, [row[column] for row in held]))
    return found
