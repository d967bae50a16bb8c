"""What was written to the file of dead letters is read back, while more is written."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from fleet.errors import FleetError
from fleet.row import DeadLetter
from sinks.dead_letter import letter_line
from sinks.dead_letter_log import read_letters

letters = st.builds(
    DeadLetter,
    shard_id=st.text(st.characters(codec="utf-8"), max_size=9),
    # A record inside of an aggregated one has the number of its place besides.
    sequence_number=st.sampled_from(["4959", "4959:3", ""]),
    arrival_ms=st.integers(0, 253_402_300_799_999),
    partition_key=st.text(st.characters(codec="utf-8"), max_size=9),
    stage=st.sampled_from(["decode", "pump P", "sink dynamodb", "late"]),
    reason=st.text(st.characters(codec="utf-8"), max_size=9),
    data=st.binary(max_size=30),
    partial=st.booleans(),
)


@settings(max_examples=50)
@given(st.lists(letters, max_size=5), st.integers(0, 40))
def test_letters_come_back_and_half_a_line_does_not(
    tmp_path_factory: pytest.TempPathFactory, given: list[DeadLetter], torn: int
) -> None:
    path = tmp_path_factory.mktemp("letters") / "dead-letter.jsonl"
    half = letter_line(given[0])[:torn] if given else b""
    path.write_bytes(b"".join(letter_line(letter, "rides") for letter in given) + half)
    stored = list(read_letters(path))
    assert [each.letter for each in stored] == given
    assert [each.number for each in stored] == list(range(1, len(given) + 1))
    assert all(each.stream == "rides" for each in stored)


def test_no_file_and_lines_that_are_no_letters(tmp_path: Path) -> None:
    path = tmp_path / "dead-letter.jsonl"
    assert list(read_letters(path)) == []
    path.write_bytes(b'{"shard_id":"a"}\n')
    with pytest.raises(FleetError, match=r"dead-letter.jsonl:1: not a letter"):
        list(read_letters(path))
    with pytest.raises(FleetError, match="directory"):
        list(read_letters(tmp_path))


def test_what_is_written_meanwhile_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "dead-letter.jsonl"
    letter = DeadLetter("s", "1", 0, "k", "decode", "why", b"{}")
    path.write_bytes(letter_line(letter))
    found = 0
    for _ in read_letters(path):
        found += 1
        with path.open("ab") as file:
            file.write(letter_line(letter))
    assert found == 1
    assert len(list(read_letters(path))) == 2
