"""TIMESTAMPs in output rows, against the one definition of their text."""

from analytics_sql.types import SMALLINT, TIMESTAMP
from fleet.timestamp import timestamp_text
from processor.columns import vector_of
from processor.expressions.output import output_values

EDGES = [0, -1, 1_767_225_600_001, -62_135_596_800_000, 253_402_300_799_999, 951_782_400_000]


def test_timestamps_are_written_as_everywhere() -> None:
    vector = vector_of([*EDGES, None], TIMESTAMP)
    assert output_values(vector, TIMESTAMP) == [*map(timestamp_text, EDGES), None]


def test_rows_of_one_time() -> None:
    for time in EDGES:
        vector = vector_of([time] * 3, TIMESTAMP)
        assert output_values(vector, TIMESTAMP) == [timestamp_text(time)] * 3
    assert output_values(vector_of([None, None], TIMESTAMP), TIMESTAMP) == [None, None]
    assert output_values(vector_of([None, 0], TIMESTAMP), TIMESTAMP) == [None, timestamp_text(0)]


def test_other_values_stay() -> None:
    assert output_values(vector_of([5, None], SMALLINT), SMALLINT) == [5, None]
