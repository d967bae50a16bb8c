"""What the unicorns are called."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Final

DEFAULT: Final = "Shadowfax"

LENGTH_MAX: Final = 16
"""The application's schema is "Name" VARCHAR(16): it cuts what is longer."""

# Steeds of myth, history and letters, each of at most 10 characters: that leaves room for a hyphen
# and five digits, enough for six million.
STEEDS: Final = (
    *("Shadowfax", "Bucephalus", "Rocinante", "Pegasus", "Sleipnir", "Arion", "Xanthus", "Balius"),
    *("Incitatus", "Babieca", "Bayard", "Marengo", "Copenhagen", "Comanche", "Traveller", "Chetak"),
    *("Kanthaka", "Rakhsh", "Buraq", "Chollima", "Tulpar", "Embarr", "Aonbharr", "Grani"),
    *("Gullfaxi", "Hofvarpnir", "Svadilfari", "Alsvid", "Arvak", "Skinfaxi", "Hrimfaxi", "Goti"),
    *("Gyllir", "Lettfeti", "Gulltoppr", "Falhofnir", "Pyrois", "Eous", "Aethon", "Phlegon"),
    *("Podarge", "Lampus", "Phaethon", "Cyllarus", "Harpagos", "Areion", "Gringolet", "Llamrei"),
    *("Hengroen", "Passelande", "Tencendur", "Veillantif", "Rabicano", "Baiardo", "Frontino"),
    *("Brigliador", "Bevis", "Arundel", "Kelpie", "Amalthea", "Qilin", "Karkadann", "Indrik"),
)


def names(unicorns: int, first: str = DEFAULT) -> list[str]:
    """`unicorns` different names, the first of them `first`.

    The others are the steeds in turn, then each again with a number: Shadowfax-00002.
    """
    others = (name for name in _all() if name != first)
    return [first, *islice(others, unicorns - 1)]


def _all() -> Iterator[str]:
    yield from STEEDS
    for lap in count(2):
        for steed in STEEDS:
            yield f"{steed}-{lap:05d}"
