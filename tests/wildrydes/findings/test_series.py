"""Columns over time, and their lines of blocks, against ones drawn by hand."""

import pytest

from wildrydes.findings.series import Series, series_of


@pytest.mark.parametrize(
    ("values", "characters", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 40, "▁▂▃▄▅▆▇█"),
        ([7, 0, 7], 40, "█▁█"),
        ([5, 5, 5], 40, "▅▅▅"),
        ([1], 40, "▅"),
        ([-10, 0, 10], 40, "▁▅█"),
        # Ten values in five characters: each the mean of two.
        ([0, 0, 1, 1, 2, 2, 3, 3, 7, 7], 5, "▁▂▃▄█"),
        ([0, 2, 4], 2, "▁█"),
    ],
)
def test_a_sparkline(values: list[float], characters: int, drawn: str) -> None:
    assert Series("c", [""] * len(values), values).sparkline(characters) == drawn


def test_series_are_the_columns_of_numbers_alone() -> None:
    rows = [
        {"Name": "B", "Time": "1", "Distance": 1800, "Mixed": 1, "Note": "x", "Awake": True},
        {"Name": "B", "Time": "2", "Distance": None, "Mixed": "x", "Mean": 2.5},
        {"Name": "B", "Time": "3", "Distance": 1830, "Mean": 3},
    ]
    assert series_of(rows, "Time") == [
        Series("Distance", ["1", "3"], [1800, 1830]),
        Series("Mean", ["2", "3"], [2.5, 3]),
    ]
    assert series_of([], "Time") == []
