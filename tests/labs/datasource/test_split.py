import polars as pl
import pytest

from fleet.errors import ConfigError
from labs.datasource.split import chronological_split, random_split

ROWS = pl.DataFrame({"at": range(100), "y": ["no"] * 80 + ["yes"] * 20})


def test_seventy_of_a_hundred_rows_teach_and_the_others_judge() -> None:
    split = random_split(ROWS, seed=4)
    assert (split.training.height, split.test.height) == (70, 30)
    assert sorted([*split.training["at"], *split.test["at"]]) == list(range(100))
    assert split.test["at"].to_list() == random_split(ROWS, seed=4).test["at"].to_list()
    assert split.test["at"].to_list() != random_split(ROWS, seed=5).test["at"].to_list()


def test_by_date_the_first_teach() -> None:
    assert chronological_split(ROWS).training["at"].to_list() == list(range(70))


def test_a_part_of_one_class_is_named() -> None:
    random_split(ROWS, seed=4).check_classes("y")
    message = "the training part of the chronological split: the target 'y' holds only 'no'"
    with pytest.raises(ConfigError, match=message):
        chronological_split(ROWS).check_classes("y")
    message = "the test part of the chronological split: the target 'y' holds only 'no'"
    with pytest.raises(ConfigError, match=message):
        chronological_split(ROWS[::-1]).check_classes("y")
