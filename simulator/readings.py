"""From arrays to the wire: one reading of every unicorn, as records to put."""

from collections.abc import Sequence

from awsio.put_records import Entry
from fleet.reading import Reading, encode_reading
from simulator.herd import Herd


def entries(names: Sequence[str], herd: Herd, status_time: str) -> list[Entry]:
    """One entry of each unicorn, in the order of `names`; the partition key is the name."""
    # Lists, not arrays: taking single numbers out of an array is what would cost.
    columns = zip(
        names,
        herd.latitude.tolist(),
        herd.longitude.tolist(),
        herd.distance_m.tolist(),
        herd.magic_points.tolist(),
        herd.health_points.tolist(),
        strict=True,
    )
    return [
        Entry(
            name,
            encode_reading(
                Reading(name, status_time, latitude, longitude, distance_m, magic, health)
            ),
        )
        for name, latitude, longitude, distance_m, magic, health in columns
    ]
