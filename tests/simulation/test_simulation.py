"""Random histories end as the batch answer says; wrong processors are found out; seeds repeat."""

import pytest

from tests.simulation.controls import CONTROLS
from tests.simulation.history import Put, make_history
from tests.simulation.play import play
from tests.simulation.run import explain, failing, shortest
from tests.simulation.shrink import shrink

FOUND_WITHIN = {
    "snapshot before sinks": 60,
    "torn snapshot": 10,
    "child before parent": 20,
    "no fence": 80,
}
"""Histories in which each control must be found; about three times what it takes today."""


def _expect_none(seeds: range) -> None:
    found = sorted(failing(seeds))
    assert found == [], explain(shortest(found[0]))


def test_histories_end_as_the_batch_answer_says() -> None:
    _expect_none(range(40))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 3000, 500))
def test_three_thousand_histories_end_as_the_batch_answer_says(first: int) -> None:
    """`make simulate` plays 10,000."""
    _expect_none(range(first, first + 500))


@pytest.mark.parametrize("control", sorted(CONTROLS))
def test_control_a_wrong_processor_is_found_out(control: str) -> None:
    parts = CONTROLS[control]
    assert any(play(make_history(seed), parts) for seed in range(FOUND_WITHIN[control]))


def test_a_history_plays_alike_again() -> None:
    parts = CONTROLS["torn snapshot"]
    history = make_history(next(iter(failing(range(10), parts))))
    assert play(history, parts) == play(history, parts)


def test_a_failure_is_shrunk_and_says_how_to_play_it_again() -> None:
    parts = CONTROLS["torn snapshot"]
    seed = next(iter(failing(range(10), parts)))
    history = shortest(seed, parts)
    assert len(history.events) < len(make_history(seed).events) / 2
    text = explain(history, parts)
    kept = ",".join(map(str, history.kept or ()))
    assert f"--seed {seed} --count 1 --keep {kept} --control" in text
    assert "is missing" in text or "should" in text


def test_shrinking_leaves_what_matters() -> None:
    history = make_history(3)
    heavy = {place for place, event in enumerate(history.events) if isinstance(event, Put)}
    wanted = sorted(heavy)[:2]
    shrunk = shrink(history, lambda h: set(wanted) <= set(h.kept or ()))
    assert shrunk.kept == wanted
