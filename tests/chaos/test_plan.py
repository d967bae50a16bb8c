"""The plan of a storm: the seed says all of it."""

import pytest

from chaos.plan import FullDisk, Kill, Poison, Reshard, Trouble, amounts, make_plan
from local_kinesis import Fault


def test_a_seed_is_a_plan() -> None:
    assert make_plan(7, 2400, amounts(2)) == make_plan(7, 2400, amounts(2))
    assert make_plan(7, 2400, amounts(2)) != make_plan(8, 2400, amounts(2))


@pytest.mark.parametrize("seed", range(20))
def test_it_has_what_was_asked_for_in_order_between_calm_ends(seed: int) -> None:
    wanted = amounts(10)
    plan = make_plan(seed, 12_000, wanted)
    times = [event.at_s for event in plan]
    assert times == sorted(times)
    assert times[0] >= 1200
    assert times[-1] <= 10_800
    counts = {
        kind: sum(isinstance(e, kind) for e in plan)
        for kind in (Kill, Reshard, Trouble, Poison, FullDisk)
    }
    assert counts[Reshard] == wanted.reshards
    assert counts[Trouble] == wanted.faults
    assert counts[Poison] == wanted.poison
    assert counts[FullDisk] == wanted.full_disks
    others = wanted.reshards + wanted.faults + wanted.poison + wanted.full_disks
    assert len(plan) - others == wanted.kills
    assert counts[Kill] > wanted.kills / 3


def test_its_faults_are_some_that_the_endpoint_has() -> None:
    for event in make_plan(1, 12_000, amounts(60)):
        if isinstance(event, Trouble):
            Fault(**event.fault)
