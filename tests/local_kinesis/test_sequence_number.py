from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from local_kinesis.sequence_number import ORDINAL_STEP, SequenceNumber, compose, parse

NOW_S = 1_767_225_600
SHARD_INDEXES = st.integers(0, 2**31 - 1)
ORDINALS = st.integers(0, 2**40)


@given(SHARD_INDEXES, ORDINALS, st.integers(0, 10**7))
def test_a_number_can_be_taken_apart(shard_index: int, ordinal: int, age_s: int) -> None:
    text = str(compose(NOW_S, shard_index, ordinal, NOW_S + age_s))
    assert len(text) == 56
    assert parse(text) == SequenceNumber(NOW_S, shard_index, ordinal)


def test_a_published_number_of_the_service_is_understood() -> None:
    """From a bug report of March 2019 on another emulator: real PutRecords into a first shard."""
    number = parse("49594189147623985939251953501666965394405037144469929986")
    assert number is not None
    assert number.shard_index == 0
    created = datetime.fromtimestamp(number.created_s, UTC)
    assert (created.year, created.month) == (2019, 3)


def test_neighbouring_shards_start_as_far_apart_as_the_services() -> None:
    """The service's distance between StartingSequenceNumbers of one stream's shards."""
    first, second = (compose(NOW_S, index, 0, NOW_S) for index in (0, 1))
    assert second - first == 22300745198530623141535718272648361505980432


@given(SHARD_INDEXES, ORDINALS, st.integers(0, 1000))
def test_later_records_have_larger_numbers(shard_index: int, ordinal: int, age_s: int) -> None:
    earlier = compose(NOW_S, shard_index, ordinal, NOW_S)
    assert compose(NOW_S, shard_index, ordinal + 1, NOW_S) == earlier + ORDINAL_STEP
    assert compose(NOW_S, shard_index, ordinal + 1, NOW_S + age_s) > earlier


@given(SHARD_INDEXES, SHARD_INDEXES, ORDINALS)
def test_a_shard_made_later_has_larger_numbers(parent: int, child: int, ordinal: int) -> None:
    assert compose(NOW_S + 1, child, 0, NOW_S) > compose(NOW_S, parent, ordinal, NOW_S + 10**6)


@pytest.mark.parametrize("text", ["0", "5", "1" * 56, "9" * 56, "1" + "0" * 128, str(2**186)])
def test_other_numbers_are_nobodys(text: str) -> None:
    assert parse(text) is None
