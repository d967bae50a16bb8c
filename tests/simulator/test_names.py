"""Every unicorn has a name of its own, short enough for the schema."""

import pytest

from simulator.names import DEFAULT, LENGTH_MAX, STEEDS, names


def test_a_million_names_differ_and_fit_the_schema() -> None:
    million = names(1_000_000)
    assert len(set(million)) == 1_000_000
    assert max(map(len, million)) <= LENGTH_MAX == 16


def test_plain_names_come_first_then_numbered_ones() -> None:
    some = names(2 * len(STEEDS) + 1)
    assert some[:2] == ["Shadowfax", "Bucephalus"]
    assert some[: len(STEEDS)] == list(STEEDS)
    assert some[len(STEEDS)] == "Shadowfax-00002"
    assert some[-1] == "Shadowfax-00003"


@pytest.mark.parametrize("unicorns", [1, 2, 500])
def test_a_small_fleet_is_the_beginning_of_a_large_one(unicorns: int) -> None:
    assert names(unicorns) == names(1000)[:unicorns]


@pytest.mark.parametrize("first", ["Bessie", "Pegasus", "Grani-00002", DEFAULT])
def test_the_first_has_the_name_that_was_asked_for_and_nobody_else(first: str) -> None:
    some = names(200, first)
    assert some[0] == first
    assert len(set(some)) == len(some) == 200
