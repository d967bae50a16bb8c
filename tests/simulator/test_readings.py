"""Readings on the wire, byte by byte."""

import json

from fleet.reading import Reading, decode_reading
from simulator.herd import Herd
from simulator.land import Land
from simulator.readings import entries


def test_the_first_reading_byte_by_byte(land: Land) -> None:
    (entry,) = entries(["Shadowfax"], Herd(1, 7, land), "2026-01-01 00:00:00.000")
    assert entry.partition_key == "Shadowfax"
    assert entry.data == (
        b'{"Name":"Shadowfax","StatusTime":"2026-01-01 00:00:00.000","Latitude":40.749167,'
        b'"Longitude":-73.985184,"Distance":30.0,"MagicPoints":150,"HealthPoints":150}'
    )


def test_a_round_has_one_reading_of_each_in_the_order_of_the_names(land: Land) -> None:
    herd = Herd(3, 7, land)
    herd.advance()
    some = entries(["Shadowfax", "Zoë", "天馬"], herd, "2026-01-01 00:00:01.000")
    assert [entry.partition_key for entry in some] == ["Shadowfax", "Zoë", "天馬"]
    for i, entry in enumerate(some):
        # Read back by another parser than the one that wrote it.
        assert json.loads(entry.data) == {
            "Name": entry.partition_key,
            "StatusTime": "2026-01-01 00:00:01.000",
            "Latitude": herd.latitude[i],
            "Longitude": herd.longitude[i],
            "Distance": herd.distance_m[i],
            "MagicPoints": herd.magic_points[i],
            "HealthPoints": herd.health_points[i],
        }
        assert isinstance(decode_reading(entry.data), Reading)
        assert len(entry.data) < 200
