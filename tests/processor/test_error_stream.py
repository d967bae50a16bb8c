"""The rows of error_stream have the columns of the guide, and their lengths."""

from dataclasses import replace

from fleet.row import DeadLetter
from processor.error_stream import STREAM, error_row

LETTER = DeadLetter(
    shard_id="shardId-000000000000",
    sequence_number="17",
    arrival_ms=1_767_225_600_500,
    partition_key="a",
    stage="decode",
    reason="the record is not a JSON object",
    data=b"[1]",
)


def test_a_record() -> None:
    row = error_row("rides", LETTER)
    assert row.rowtime_ms == LETTER.arrival_ms
    assert list(row.values) == [column.name for column in STREAM.columns]
    assert dict(row.values) == {
        "ERROR_TIME": "2026-01-01 00:00:00.500",
        "ERROR_LEVEL": "ERROR",
        "ERROR_NAME": "PARSE_ERROR",
        "MESSAGE": "the record is not a JSON object",
        "DATA_ROWTIME": "2026-01-01 00:00:00.500",
        "DATA_ROW": "5b315d",
        "PUMP_NAME": None,
    }


def test_a_row_of_a_pump() -> None:
    values = error_row("rides", replace(LETTER, stage="pump My Pump")).values
    assert (values["ERROR_NAME"], values["PUMP_NAME"]) == ("EVALUATION_ERROR", "My Pump")


def test_what_is_too_long_is_cut() -> None:
    values = error_row("rides", replace(LETTER, reason="x" * 5000, data=bytes(30_000))).values
    assert values["MESSAGE"] == "x" * 4096
    assert values["DATA_ROW"] == "00" * 24_576


def test_ids_tell_letters_of_one_record_apart() -> None:
    letters = [LETTER, replace(LETTER, data=b"[2]"), replace(LETTER, reason="another")]
    assert len({error_row("rides", letter).id for letter in letters}) == 3
    assert error_row("rides", LETTER).id == error_row("rides", replace(LETTER)).id
