"""ORDER BY and stagger windows, against a few lines of Python over all rows at once."""

import json
import random
from collections import defaultdict
from typing import Any

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, SourceColumn
from analytics_sql.types import INTEGER, TIMESTAMP, Kind, SqlType
from tests.processor.engine.runs import Record, in_every_way

SCHEMA = InputSchema(
    (
        SourceColumn("K", SqlType(Kind.VARCHAR, 8), ("K",)),
        SourceColumn("N", INTEGER, ("N",)),
        SourceColumn("X", SqlType(Kind.DOUBLE), ("X",)),
        SourceColumn("T", TIMESTAMP, ("T",)),
    )
)
SOURCE = '"SOURCE_SQL_STREAM_001" AS s'


def application(columns: str, query: str) -> Application:
    text = f"CREATE STREAM D ({columns}); CREATE PUMP P AS INSERT INTO D {query};"
    return compile_application(text, name="sorted", schema=SCHEMA)


def random_fields(seed: int, count: int) -> list[tuple[int, dict[str, Any]]]:
    rng = random.Random(seed)
    times = sorted(rng.randrange(0, count * 60, 20) for _ in range(count))
    return [
        (
            time,
            {
                "K": rng.choice(["k", "j", "ii", "K", None]),
                "N": number,
                "X": rng.choice([0.5, -0.0, 1e300, -3.25, None]),
            },
        )
        for number, time in enumerate(times)
    ]


def records_of(fields: list[tuple[int, dict[str, Any]]]) -> list[Record]:
    return [
        Record(number, time, json.dumps(values).encode())
        for number, (time, values) in enumerate(fields)
    ]


def low(value: Any) -> tuple[bool, Any]:
    """NULL before everything."""
    return (value is not None, value)


@pytest.mark.parametrize("seed", range(4))
def test_rows_are_sorted_within_their_second(seed: int) -> None:
    fields = random_fields(seed, 150)
    query = f"SELECT STREAM N FROM {SOURCE} ORDER BY FLOOR(s.ROWTIME TO SECOND), K, X DESC, N DESC"
    outcome = in_every_way(application("N INTEGER", query), records_of(fields), together=True)
    # Last key first: Python's sort is stable.
    expected = sorted(fields, key=lambda row: row[1]["N"], reverse=True)
    expected.sort(key=lambda row: low(row[1]["X"]), reverse=True)
    expected.sort(key=lambda row: low(row[1]["K"]))
    expected.sort(key=lambda row: row[0] // 1000)
    assert [(row.rowtime_ms, row.values["N"]) for row in outcome.window_rows] == [
        (time // 1000 * 1000 + 1000, values["N"]) for time, values in expected
    ]


@pytest.mark.parametrize("seed", range(4))
def test_rows_within_a_slack_come_in_the_order_of_their_own_time(seed: int) -> None:
    rng = random.Random(seed)
    slack_ms, latest, expected, late, fields = 400, 0, [], [], []
    for number in range(150):
        time = 1_767_225_600_000 + number * 50 - rng.choice([0, 0, 100, 300, 450, 700])
        stamp = time / 1000
        fields.append((number * 50, {"N": number, "T": f"2026-01-01 00:00:{stamp % 60:06.3f}"}))
        latest = max(latest, time)
        (late if time < latest - slack_ms else expected).append((time, number))
    fields = [row for row in fields if "59." not in row[1]["T"]]
    kept = {row[1]["N"] for row in fields}
    query = f"SELECT STREAM N, T AS ROWTIME FROM {SOURCE} ORDER BY T WITHIN INTERVAL '0.4' SECOND"
    outcome = in_every_way(application("N INTEGER", query), records_of(fields), together=True)
    rows = [(row.rowtime_ms, row.values["N"]) for row in outcome.window_rows]
    assert rows == sorted(row for row in expected if row[1] in kept)
    assert len(outcome.letters) == len([row for row in late if row[1] in kept]) > 0


@pytest.mark.parametrize("seed", range(4))
def test_stagger_windows_begin_with_the_first_row_of_their_key(seed: int) -> None:
    fields = random_fields(seed, 200)
    query = (
        f"SELECT STREAM K, COUNT(*), MIN(N), LAST_VALUE(N) FROM {SOURCE} "
        "WINDOWED BY STAGGER (PARTITION BY K RANGE INTERVAL '0.7' SECOND)"
    )
    columns = "K VARCHAR(8), ROWS_ BIGINT, FIRST_ INTEGER, LAST_ INTEGER"
    outcome = in_every_way(application(columns, query), records_of(fields), together=True)
    windows: dict[Any, list[tuple[int, list[int]]]] = defaultdict(list)
    for time, values in fields:
        mine = windows[values["K"]]
        if not mine or time >= mine[-1][0] + 700:
            mine.append((time, []))
        mine[-1][1].append(values["N"])
    expected = sorted(
        (start + 700, low(key), key, len(rows), rows[0], rows[-1])
        for key, begun in windows.items()
        for start, rows in begun
    )
    assert [(row.rowtime_ms, *row.values.values()) for row in outcome.window_rows] == [
        (end, *rest) for end, _, *rest in expected
    ]
