"""Many timestamps at once, against datetime."""

import random
from datetime import datetime

import numpy as np

from fleet.timestamp import timestamp_ms, timestamp_text
from processor.decode.timestamps import LENGTH, parse_timestamps

FIRST_MS, LAST_MS = timestamp_ms("0001-01-01 00:00:00.000"), timestamp_ms("9999-12-31 23:59:59.999")


def test_every_day_of_eight_centuries() -> None:
    days = np.arange(timestamp_ms("1599-12-31"), timestamp_ms("2401-01-02"), 86_400_000)
    written = np.datetime_as_string(days.astype("datetime64[ms]"), unit="ms").tolist()
    texts = [text.replace("T", " ") for text in written]
    got, good = parse_timestamps(texts)
    assert good.all()
    assert (got == days).all()


def test_random_times() -> None:
    rng = random.Random(1)
    times = [FIRST_MS, LAST_MS, *(rng.randint(FIRST_MS, LAST_MS) for _ in range(2000))]
    got, good = parse_timestamps([timestamp_text(time) for time in times])
    assert good.all()
    assert got.tolist() == times


def test_one_wrong_character_anywhere() -> None:
    right = "2016-02-29 23:59:59.999"
    texts = [right[:i] + c + right[i + 1 :] for i in range(LENGTH) for c in "0123456789:- x.\0é日"]
    _, good = parse_timestamps(texts)
    for text, is_good in zip(texts, good.tolist(), strict=True):
        try:
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f")
            # strptime takes a blank for a digit and a single digit: the text must come out again.
            valid = moment.isoformat(" ", "milliseconds") == text
        except ValueError:
            valid = False
        assert is_good == valid, text
