"""A look-alike of the bank's file for those without it: its columns, its order, its leak. No row is
a customer's, and no figure of it is one of the real file.
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 10_000
MONTHS = 31
"""May 2008 to November 2010, most of the calls in the first ones."""

JOBS = ("admin.", "blue-collar", "entrepreneur", "housemaid", "management", "retired",
        "self-employed", "services", "student", "technician", "unemployed", "unknown")  # fmt: skip
MARITAL = ("divorced", "married", "single", "unknown")
EDUCATION = ("basic.4y", "basic.6y", "basic.9y", "high.school", "illiterate",
             "professional.course", "university.degree", "unknown")  # fmt: skip
ANSWERS = ("no", "unknown", "yes")
DAYS = ("mon", "tue", "wed", "thu", "fri")
CALENDAR = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIRST_MONTH = CALENDAR.index("may")

HEADER = ("age", "job", "marital", "education", "default", "housing", "loan", "contact", "month",
          "day_of_week", "duration", "campaign", "pdays", "previous", "poutcome", "emp.var.rate",
          "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed", "y")  # fmt: skip


def generate(path: Path, seed: int) -> None:
    """Writes the file, separated and quoted as UCI's."""
    random = np.random.default_rng(seed)
    columns = _columns(random)
    columns["y"] = np.where(_takes_deposit(columns, random), "yes", "no")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(zip(*(columns[name].tolist() for name in HEADER), strict=True))


def _columns(random: np.random.Generator) -> dict[str, NDArray[Any]]:
    """All but the target, in the order of the calls."""
    month = np.sort((MONTHS * random.random(ROWS) ** 2).astype(int))
    # The crisis: interest, employment and prices fall from month to month, not evenly.
    fall = np.minimum(1.0, month / MONTHS * 1.4 + random.normal(0, 0.03, MONTHS)[month])
    job = random.choice(JOBS, ROWS)
    age = np.clip(random.normal(40, 10, ROWS), 18, 90).astype(int)
    previous = random.poisson(0.1 + 0.4 * fall, ROWS)
    succeeded = (previous > 0) & (random.random(ROWS) < 0.4)
    return {
        "age": np.where(job == "retired", np.clip(age + 25, 55, 95), age),
        "job": job,
        "marital": random.choice(MARITAL, ROWS, p=(0.11, 0.6, 0.28, 0.01)),
        "education": random.choice(EDUCATION, ROWS),
        "default": random.choice(ANSWERS, ROWS, p=(0.79, 0.2, 0.01)),
        "housing": random.choice(ANSWERS, ROWS, p=(0.45, 0.03, 0.52)),
        "loan": random.choice(ANSWERS, ROWS, p=(0.82, 0.03, 0.15)),
        "contact": np.where(random.random(ROWS) < 0.3 + 0.6 * fall, "cellular", "telephone"),
        "month": np.array(CALENDAR)[(FIRST_MONTH + month) % len(CALENDAR)],
        "day_of_week": random.choice(DAYS, ROWS),
        "duration": random.gamma(1.3, 200, ROWS).astype(int),
        "campaign": 1 + random.geometric(0.4, ROWS) - 1,
        "pdays": np.where(succeeded, random.integers(1, 20, ROWS), 999),
        "previous": previous,
        "poutcome": np.where(
            previous == 0, "nonexistent", np.where(succeeded, "success", "failure")
        ),
        "emp.var.rate": np.round(1.4 - 4.4 * fall, 1),
        "cons.price.idx": np.round(94.5 - 2 * fall, 3),
        "cons.conf.idx": np.round(-36 - 10 * np.sin(6 * fall), 1),
        "euribor3m": np.round(4.9 - 4.2 * fall, 3),
        "nr.employed": np.round(5_228 - 260 * fall, 1),
    }


def _takes_deposit(
    columns: dict[str, NDArray[Any]], random: np.random.Generator
) -> NDArray[np.bool_]:
    minutes = columns["duration"] / 60
    bent = np.where(columns["job"] == "student", 0.8, 0.0) + np.where(columns["age"] > 60, 0.6, 0.0)
    logit = (
        -6.2
        + 0.55 * np.minimum(minutes, 12)
        + 0.5 * (4.9 - columns["euribor3m"])
        + 1.6 * (columns["poutcome"] == "success")
        + 0.3 * (columns["contact"] == "cellular")
        - 0.1 * columns["campaign"]
        + bent
    )
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-logit))
    return random.random(ROWS) < chances
