"""Ratings of guests who never ate: what they say hangs on how guest and place go together, hardly
on either alone. No row is from the course's file, and no figure of it is one of that file's.
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 8_000
BY_CHANCE = 0.05
"""Share of ratings that chance replaces: nobody can foresee those."""

CUISINES = (
    "bar",
    "burgers",
    "cafeteria",
    "italian",
    "japanese",
    "mexican",
    "seafood",
    "vegetarian",
)
LEVELS = ("low", "medium", "high")
AMBIENCES = ("familiar", "quiet", "loud")
SMOKING_AREAS = ("none", "section", "permitted")
DRINKING = ("abstemious", "casual", "social")
ALCOHOL = ("none", "wine-beer", "full-bar")
TRANSPORT = ("public", "on foot", "car")
YES_NO = ("false", "true")

CUTS = (0.3, 0.65)
"""Shares of the places below which a rating is 0, and 1; all above is 2."""


def generate(path: Path, seed: int) -> None:
    """Writes the file, separated by commas."""
    random = np.random.default_rng(seed)
    columns: dict[str, NDArray[Any]] = {
        "smoker": random.choice(YES_NO, ROWS, p=(0.7, 0.3)),
        "drink_level": random.choice(DRINKING, ROWS),
        "transport": random.choice(TRANSPORT, ROWS),
        "birth_year": random.integers(1_940, 1_999, ROWS),
        "budget": random.choice(LEVELS, ROWS),
        "favourite_cuisine": random.choice(CUISINES, ROWS),
        "cuisine": random.choice(CUISINES, ROWS),
        "alcohol": random.choice(ALCOHOL, ROWS),
        "smoking_area": random.choice(SMOKING_AREAS, ROWS),
        "price": random.choice(LEVELS, ROWS),
        "ambience": random.choice(AMBIENCES, ROWS),
        "parking": random.choice(YES_NO, ROWS),
    }
    liking = _liking(columns)
    ratings = np.searchsorted(np.quantile(liking, CUTS), liking, side="right")
    by_chance = random.random(ROWS) < BY_CHANCE
    columns["rating"] = np.where(by_chance, random.integers(0, 3, ROWS), ratings)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))


def _liking(columns: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """The higher, the better the guest likes the place."""
    budget, price = (_place(columns[name], LEVELS) for name in ("budget", "price"))
    area = _place(columns["smoking_area"], SMOKING_AREAS)
    smoker = columns["smoker"] == "true"
    # From 0, the oldest, to 1.
    youth = (columns["birth_year"] - 1_940) / 59
    # Who never finds the favourite cuisine finds one close to it.
    apart = np.abs(_place(columns["favourite_cuisine"], CUISINES)
                   - _place(columns["cuisine"], CUISINES))  # fmt: skip
    liking: NDArray[np.float64] = (
        3.0 * np.isin(apart, (0, 4))
        - 1.5 * np.abs(budget - price)
        + np.where(smoker, 0.7 * area, -0.7 * area)
        + np.select(
            [columns["ambience"] == "quiet", columns["ambience"] == "loud"],
            [1.5 - 3 * youth, 3 * youth - 1.5],
            0.0,
        )
        + 0.2 * (columns["parking"] == "true")
    )
    return liking


def _place(values: NDArray[Any], names: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([names.index(value) for value in values])
