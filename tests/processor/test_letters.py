"""One letter a record, however many of its rows fail."""

import numpy as np

from fleet.batch import Batch
from processor.letters import record_letters

BATCH = Batch(
    shard_id="shard",
    records=[b"zero", b"one", b"two"],
    arrival_ms=np.array([10, 20, 30], np.int64),
    sequence_numbers=["100", "101", "102:3"],
    partition_keys=["a", "b", "c"],
    position="102",
)


def test_a_record_that_is_one_row() -> None:
    (letter,) = record_letters(BATCH, None, [(1, "why")], "decode")
    assert (letter.sequence_number, letter.reason, letter.data) == ("101", "why", b"one")
    assert (letter.arrival_ms, letter.partition_key, letter.partial) == (20, "b", False)


def test_records_of_several_rows() -> None:
    #   row        0  1  2  3  4  5
    records = np.array([0, 0, 0, 1, 2, 2], np.int64)
    failed = [(1, "first"), (2, "second"), (3, "alone"), (4, "x"), (5, "y")]
    letters = record_letters(BATCH, records, failed, "decode")
    assert [(each.sequence_number, each.reason, each.partial) for each in letters] == [
        ("100", "first (and 1 more of the record's 3 rows)", True),
        ("101", "alone", False),
        ("102:3", "x (and 1 more of the record's 2 rows)", False),
    ]


def test_a_hundred_thousand_bad_rows_are_one_letter() -> None:
    records = np.zeros(100_000, np.int64)
    failed = [(row, "bad") for row in range(100_000)]
    (letter,) = record_letters(BATCH, records, failed, "decode")
    assert letter.reason == "bad (and 99,999 more of the record's 100,000 rows)"
