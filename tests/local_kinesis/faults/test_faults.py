"""Which requests a fault strikes."""

import re
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from local_kinesis import Fault, Faults
from local_kinesis.faults.fault import MEANINGS, Request

PUT = Request("PutRecords", "rides", None)
GET = Request("GetRecords", "rides", "shardId-000000000001")


def struck(fault: Fault, *requests: Request) -> list[bool]:
    faults = Faults()
    faults.add(fault)
    return [bool(faults.striking(request)) for request in requests]


def test_a_bare_fault_strikes_everything() -> None:
    assert struck(Fault(kind="unavailable"), PUT, GET, PUT) == [True, True, True]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind="delay", operation="GetRecords"), [False, True]),
        (Fault(kind="delay", stream="rides"), [True, True]),
        (Fault(kind="delay", stream="others"), [False, False]),
        # A put names no shard.
        (Fault(kind="delay", shard="shardId-000000000001"), [False, True]),
        (Fault(kind="stall"), [False, True]),
        (Fault(kind="expired_iterator"), [False, True]),
        (Fault(kind="partial_failure"), [True, False]),
        # Of a partial failure the shard is that of the records.
        (Fault(kind="partial_failure", shard="shardId-000000000001"), [True, False]),
    ],
)
def test_a_fault_strikes_what_it_names(fault: Fault, expected: list[bool]) -> None:
    assert struck(fault, PUT, GET) == expected


def test_skip_and_times_bound_it() -> None:
    fault = Fault(kind="reset_after", operation="PutRecords", skip=2, times=2)
    assert struck(fault, PUT, GET, PUT, PUT, GET, PUT, PUT) == [
        *(False, False, False),
        *(True, False, True),
        False,
    ]


def test_a_seed_decides_alike_each_time_whatever_else_is_asked() -> None:
    fault = Fault(kind="throttle", operation="PutRecords", probability=0.3, seed=7)
    first = struck(fault, *[PUT] * 1000)
    assert 250 < sum(first) < 350
    assert struck(fault, *[PUT] * 1000) == first
    mixed = struck(fault, *[GET, PUT, GET] * 1000)
    assert list(islice(mixed, 1, None, 3)) == first
    other = msgspec.structs.replace(fault, seed=8)
    assert struck(other, *[PUT] * 1000) != first


def test_a_limit_shifts_no_later_decision() -> None:
    free = struck(Fault(kind="throttle", probability=0.5, seed=1), *[PUT] * 100)
    bounded = struck(Fault(kind="throttle", probability=0.5, seed=1, skip=10), *[PUT] * 100)
    assert bounded == [False] * 10 + free[10:]


def test_faults_are_lifted_one_by_one_or_all() -> None:
    faults = Faults()
    assert not faults
    first, second = (faults.add(Fault(kind=kind)) for kind in ("delay", "throttle"))
    assert faults.remove(first)
    assert not faults.remove(first)
    assert [one.fault.kind for one in faults.striking(PUT)] == ["throttle"]
    assert [(one.id, one.matched, one.struck) for one in faults.listing()] == [(second, 1, 1)]
    faults.clear()
    assert not faults
    assert faults.add(Fault(kind="delay")) > second


def test_every_kind_is_explained() -> None:
    kinds = msgspec.inspect.type_info(Fault).fields[0].type.values  # type: ignore[attr-defined]
    assert set(kinds) == set(MEANINGS)
    page = (Path(__file__).parents[3] / "docs/local-endpoint-faults.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) - {
        *Fault.__struct_fields__
    } == set(kinds)
