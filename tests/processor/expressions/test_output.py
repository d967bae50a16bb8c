"""Values in output rows; TIMESTAMPs against the one definition of their text."""

import numpy as np

from analytics_sql.types import DATE, REAL, SMALLINT, TIME, TIMESTAMP, Kind, SqlType
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


def test_reals_have_their_shortest_text_and_decimals_all_their_digits() -> None:
    reals = [float(np.float32(x)) for x in (0.1, 8671.3125, 10318.991, 1e-30, 16777216.0)]
    written = output_values(vector_of([*reals, None], REAL), REAL)
    assert repr(written) == "[0.1, 8671.3125, 10318.991, 1e-30, 16777216.0, None]"
    money = SqlType(Kind.DECIMAL, 10, 2)
    assert list(map(str, output_values(vector_of([1250, -5, None], money), money))) == [
        *("12.50", "-0.05", "None")
    ]


def test_dates_and_times() -> None:
    assert output_values(vector_of([0, -86_400_000, None], DATE), DATE) == [
        *("1970-01-01", "1969-12-31"),
        None,
    ]
    assert output_values(vector_of([0, 86_399_999, None], TIME), TIME) == [
        *("00:00:00.000", "23:59:59.999"),
        None,
    ]
