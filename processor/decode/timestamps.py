"""Many timestamps of the usual form at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from processor.columns import Mask

LENGTH = 23
"""Characters of 'yyyy-MM-dd HH:mm:ss.SSS'."""
NEUTRAL = "1970-01-01 00:00:00.000"

_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 22]
_MARKS = {4: "-", 7: "-", 10: " ", 13: ":", 16: ":", 19: "."}
_DAYS_BEFORE_1970 = 719_162
# Indexed by any number of two digits: what is not a month has no days.
_DAYS_IN = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87)
_DAYS_BEFORE = np.concatenate([[0], np.cumsum(_DAYS_IN)[:-1]])


def parse_timestamps(texts: list[str]) -> tuple[NDArray[np.int64], Mask]:
    """Texts of exactly LENGTH characters -> milliseconds since 1970, and which of them are right.

    The others are for the Reference to judge. Proleptic Gregorian calendar, years 1 to 9999.
    """
    # A character beyond Latin-1 becomes one "?", so that every text keeps its length.
    packed = np.frombuffer("".join(texts).encode("latin-1", "replace"), np.uint8)
    text = np.ascontiguousarray(packed.reshape(-1, LENGTH).T)
    good: Any = ((text[_DIGITS] >= ord("0")) & (text[_DIGITS] <= ord("9"))).all(0)
    for place, mark in _MARKS.items():
        good &= text[place] == ord(mark)
    digit = np.where(good, text, ord("0")).astype(np.int64) - ord("0")

    def pair(place: int) -> NDArray[np.int64]:
        number: NDArray[np.int64] = digit[place] * 10 + digit[place + 1]
        return number

    year, month, day = pair(0) * 100 + pair(2), pair(5), pair(8)
    hour, minute, second = pair(11), pair(14), pair(17)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= (year > 0) & (day > 0) & (day <= _DAYS_IN[month] + (leap & (month == 2)))
    good &= (hour < 24) & (minute < 60) & (second < 60)
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - _DAYS_BEFORE_1970
    days += _DAYS_BEFORE[month] + (leap & (month > 2)) + day - 1
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return seconds * 1000 + pair(20) * 10 + digit[22], good
