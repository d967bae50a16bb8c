"""The per-minute rows of the last half hour: for the list beside the map, and one unicorn's
sparkline."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from fleet.timestamp import timestamp_text
from sinks.live_map.frame import RowBlock
from sinks.live_map.picture import POINTS_MAX, Picture

KEPT_MS: Final = 31 * 60_000
BLOCKS_MAX: Final = 1_000
"""Rows that come in many small pieces do not fill the memory either."""


class MinuteRow(msgspec.Struct, frozen=True):
    """A row of the workshop's application; other columns are passed over."""

    Name: str
    StatusTime: str
    Distance: float
    MinMagicPoints: int
    MaxMagicPoints: int
    MinHealthPoints: int
    MaxHealthPoints: int


@dataclass(frozen=True, slots=True)
class Published:
    """A block of rows, and the tick with which it went out."""

    sequence: int
    block: RowBlock


class MinuteRows:
    """What viewers are told of the rows. Rows of unicorns that the picture does not know are not
    kept: the table has them."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._waiting: dict[int, list[MinuteRow]] = {}
        self._blocks: deque[Published] = deque(maxlen=BLOCKS_MAX)

    @property
    def has_news(self) -> bool:
        """Whether rows have come since the last tick."""
        return bool(self._waiting)

    def take(self, rows: Sequence[MinuteRow], times_ms: Sequence[int]) -> None:
        """Takes rows in, each with its StatusTime."""
        for row, time_ms in zip(rows, times_ms, strict=True):
            self._waiting.setdefault(time_ms, []).append(row)

    def tick(self) -> list[RowBlock]:
        """What has come since the last tick; it is published with the picture's present one."""
        blocks = []
        for time_ms in sorted(self._waiting):
            block = self._block(time_ms, self._waiting[time_ms])
            if len(block):
                blocks.append(block)
        self._waiting.clear()
        self.apply(blocks)
        return blocks

    def apply(self, blocks: Sequence[RowBlock]) -> None:
        """Publishes blocks with the picture's present tick."""
        self._blocks.extend(Published(self._picture.sequence, block) for block in blocks)
        newest_ms = max((published.block.time_ms for published in self._blocks), default=0)
        while self._blocks and self._blocks[0].block.time_ms < newest_ms - KEPT_MS:
            self._blocks.popleft()

    def clear(self) -> None:
        """Forgets all."""
        self._waiting.clear()
        self._blocks.clear()

    def published(self) -> Sequence[Published]:
        """All blocks that are kept, oldest first; what comes later does not change it."""
        return tuple(self._blocks)

    def of(self, name: str, first_ms: int, last_ms: int) -> list[dict[str, Any]]:
        """One unicorn's rows between two times, both included, each a row as the table has it."""
        unicorn = self._picture.id_of(name)
        found: dict[int, dict[str, Any]] = {}
        for published in self._blocks:
            block = published.block
            if unicorn is None or not first_ms <= block.time_ms <= last_ms:
                continue
            at = int(np.searchsorted(block.unicorn, unicorn))
            if at < len(block) and block.unicorn[at] == unicorn:
                found[block.time_ms] = _row(name, block, at)
        return [found[time_ms] for time_ms in sorted(found)]

    def renumber(self, new_ids: NDArray[np.int64]) -> None:
        """Follows the picture's ids; rows of those forgotten go too."""
        kept = [
            Published(published.sequence, _renumbered(published.block, new_ids))
            for published in self._blocks
        ]
        self._blocks = deque(kept, maxlen=BLOCKS_MAX)

    def _block(self, time_ms: int, rows: Sequence[MinuteRow]) -> RowBlock:
        newest = {self._picture.id_of(row.Name): row for row in rows}
        newest.pop(None, None)
        ids = sorted(unicorn for unicorn in newest if unicorn is not None)
        kept = [newest[unicorn] for unicorn in ids]
        return RowBlock(
            time_ms,
            np.array(ids, np.int64),
            np.array([row.Distance for row in kept], np.float64),
            *(
                np.clip([getattr(row, column) for row in kept], -POINTS_MAX, POINTS_MAX)
                for column in (
                    "MinHealthPoints",
                    "MaxHealthPoints",
                    "MinMagicPoints",
                    "MaxMagicPoints",
                )
            ),
        )


def published_since(published: Sequence[Published], sequence: int | None) -> list[RowBlock]:
    """What went out after a tick; for None, who has just come, the newest minute's."""
    if sequence is None:
        newest_ms = max((one.block.time_ms for one in published), default=0)
        return [one.block for one in published if one.block.time_ms == newest_ms]
    return [one.block for one in published if one.sequence > sequence]


def minute_row(values: Mapping[str, Any]) -> MinuteRow | None:
    """The row, or None when it is not one of the workshop's: another application's, or with
    NULLs."""
    try:
        return msgspec.convert(values, MinuteRow, strict=False)
    except msgspec.ValidationError:
        return None


def _row(name: str, block: RowBlock, at: int) -> dict[str, Any]:
    distance = float(block.distance_m[at])
    return {
        "Name": name,
        "StatusTime": timestamp_text(block.time_ms),
        "Distance": int(distance) if distance.is_integer() else distance,
        "MinMagicPoints": int(block.magic_min[at]),
        "MaxMagicPoints": int(block.magic_max[at]),
        "MinHealthPoints": int(block.health_min[at]),
        "MaxHealthPoints": int(block.health_max[at]),
    }


def _renumbered(block: RowBlock, new_ids: NDArray[np.int64]) -> RowBlock:
    unicorn = new_ids[block.unicorn]
    kept = np.flatnonzero(unicorn >= 0)
    kept = kept[np.argsort(unicorn[kept])]
    return RowBlock(
        block.time_ms,
        unicorn[kept],
        block.distance_m[kept],
        block.health_min[kept],
        block.health_max[kept],
        block.magic_min[kept],
        block.magic_max[kept],
    )
