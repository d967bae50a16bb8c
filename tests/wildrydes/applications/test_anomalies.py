"""The application `anomalies` over the simulator's own readings, some of which are made strange."""

from collections.abc import Iterator

import msgspec
import numpy as np

from analytics_sql.application_file import PACKAGED, load_application
from fleet.reading import decode_reading, encode_reading
from simulator.herd import Herd
from simulator.land import Land
from simulator.names import names
from simulator.readings import entries
from wildrydes.trial.record_file import START_MS, FileRecord
from wildrydes.trial.trial import Trial

UNICORNS, SECONDS, LEARNED, PLANTED = 20, 200, 30, 24

Place = tuple[int, int]
"""A second and a unicorn."""


def planted(seed: int) -> dict[Place, int]:
    """Where something strange happens, and which of four kinds."""
    chance = np.random.default_rng(seed)
    places = chance.choice(np.arange(LEARNED * UNICORNS, SECONDS * UNICORNS), PLANTED, False)
    return {divmod(int(place), UNICORNS): kind % 4 for kind, place in enumerate(places)}


def readings(seed: int, strange: dict[Place, int]) -> Iterator[FileRecord]:
    """Each unicorn's readings, a second apart. What is strange: its health falls by 5 or 20 and
    stays there, or for one second it flies at 35 or 90 metres a second.
    """
    herd, fallen = Herd(UNICORNS, seed, Land.load()), [0] * UNICORNS
    for second in range(SECONDS):
        if second:
            herd.advance()
        arrival_ms = START_MS + 1000 * second
        for unicorn, entry in enumerate(entries(names(UNICORNS), herd, "2026-01-01 00:00:00.000")):
            kind = strange.get((second, unicorn))
            fallen[unicorn] += {0: 5, 1: 20}.get(-1 if kind is None else kind, 0)
            reading = decode_reading(entry.data)
            reading = msgspec.structs.replace(
                reading,
                HealthPoints=reading.HealthPoints - fallen[unicorn],
                Distance={2: 35.0, 3: 90.0}.get(-1 if kind is None else kind, reading.Distance),
            )
            number = f"{second * UNICORNS + unicorn:021d}"
            yield FileRecord(
                0, "s-0", number, entry.partition_key, arrival_ms, encode_reading(reading)
            )


def found(seed: int, strange: dict[Place, int]) -> dict[Place, str]:
    """Where the application sees an anomaly, and its explanation."""
    trial = Trial(load_application(PACKAGED / "anomalies"))
    rows = [row for part in trial.run(readings(seed, strange)) for row in part]
    fleet = names(UNICORNS)
    return {
        ((row.rowtime_ms - START_MS) // 1000, fleet.index(str(row.values["Name"]))): str(
            row.values["EXPLANATION"]
        )
        for row in rows
        if row.stream == "ANOMALIES"
    }


def test_what_is_strange_is_found_and_nothing_else() -> None:
    strange = planted(seed=1)
    anomalies = found(1, strange)
    assert anomalies.keys() == strange.keys()
    for place, kind in strange.items():
        column, direction = ("HEALTH_CHANGE", "LOW") if kind < 2 else ("METRES", "HIGH")
        explanation = msgspec.json.decode(anomalies[place])
        largest = max(explanation, key=lambda name: float(explanation[name]["ATTRIBUTION_SCORE"]))
        assert (largest, explanation[largest]["DIRECTION"]) == (column, direction)


def test_nothing_strange_nothing_found() -> None:
    """The control: it is what was planted that is found."""
    assert found(1, {}) == {}
