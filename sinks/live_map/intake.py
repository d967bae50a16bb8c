"""From the stream's records to the picture: what is a reading, and what cannot be shown."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from fleet.batch import Batch
from fleet.reading import Reading, decode_reading
from sinks.live_map.frame import GONE_AFTER_MS
from sinks.live_map.picture import POINTS_MAX, UNICORN, Picture

NAME_CHARACTERS_MAX: Final = 200
"""A longer name is no name: the reading is not shown."""

METRES_MAX: Final = 1e9


@dataclass(slots=True)
class Hidden:
    """How many readings could not be shown, by why."""

    malformed: int = 0
    """No reading at all."""
    off_earth: int = 0
    """A position that no map has."""
    long_name: int = 0
    """A name of more than NAME_CHARACTERS_MAX."""
    too_many: int = 0
    """One more name than the picture has ids for."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.malformed + self.off_earth + self.long_name + self.too_many

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return asdict(self)


class Intake:
    """Takes batches of records into a picture. `hidden` counts what it could not take.

    `time_scale` is how fast the readings' clock goes: see Picture.
    """

    def __init__(self, picture: Picture, time_scale: float = 1.0) -> None:
        self.hidden = Hidden()
        self._picture = picture
        self._time_scale = time_scale

    def take(self, batch: Batch, now_ms: int) -> None:
        """Takes a batch's readings. Those too old to be shown are passed over undecoded: a replay
        costs nothing."""
        arrivals_ms = (batch.arrival_ms / self._time_scale).astype(np.int64)
        first = int(np.searchsorted(arrivals_ms, now_ms - GONE_AFTER_MS))
        readings: list[Reading] = []
        arrival_ms: list[int] = []
        for record, time_ms in zip(
            batch.records[first:], arrivals_ms[first:].tolist(), strict=True
        ):
            reading = self.readable(record)
            if reading is not None:
                readings.append(reading)
                arrival_ms.append(time_ms)
        if readings:
            self.show(readings, np.array(arrival_ms))

    def show(self, readings: list[Reading], arrival_ms: NDArray[np.int64]) -> None:
        """Takes readings in that are readable."""
        ids = self._picture.ids_of(reading.Name for reading in readings)
        columns = as_columns(readings, arrival_ms)
        known = ids >= 0
        self.hidden.too_many += len(ids) - int(np.count_nonzero(known))
        self._picture.store(ids[known], columns[known])

    def readable(self, record: bytes) -> Reading | None:
        """The reading, or None when it cannot be drawn; that is counted. The pipeline sends such
        records to the dead letter, not the map."""
        try:
            reading = decode_reading(record)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.hidden.malformed += 1
            return None
        if not (abs(reading.Latitude) <= 90 and abs(reading.Longitude) <= 180):
            self.hidden.off_earth += 1
            return None
        if len(reading.Name) > NAME_CHARACTERS_MAX:
            self.hidden.long_name += 1
            return None
        return reading


def as_columns(readings: list[Reading], arrival_ms: NDArray[np.int64]) -> NDArray[Any]:
    """Readings as an array of UNICORN."""
    columns = np.zeros(len(readings), UNICORN)
    columns["arrival_ms"] = arrival_ms
    columns["longitude"] = [reading.Longitude for reading in readings]
    columns["latitude"] = [reading.Latitude for reading in readings]
    columns["distance_m"] = [_pinned(reading.Distance, METRES_MAX) for reading in readings]
    columns["health"] = [_pinned(reading.HealthPoints, POINTS_MAX) for reading in readings]
    columns["magic"] = [_pinned(reading.MagicPoints, POINTS_MAX) for reading in readings]
    return columns


def _pinned(value: float, limit: float) -> float:
    """JSON knows numbers of any size, NumPy does not."""
    return max(-limit, min(limit, value))
