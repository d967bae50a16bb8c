"""The rows that DuckDB computes are those that people worked out for the golden cases, and
those of the engine for queries by chance.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application
from fleet.timestamp import timestamp_text
from tests.sql.random_application import TIME_KEYS, random_records
from wildrydes.stream_record import StreamRecord
from wildrydes.trial.case import Case, find_cases
from wildrydes.trial.record_file import FileRecord
from wildrydes.trial.trial import Trial
from wildrydes.verification.database import Database
from wildrydes.verification.readings import Readings
from wildrydes.verification.rows import Rows, spelled

CASES = {case.name: case for case in find_cases(Path(__file__).parents[2] / "sql")}
SCHEMA = InputSchema.read(Path(__file__).parents[2] / "sql/schema.json")
JUDGED = {
    "COUNT(*)": "BIGINT",
    "COUNT(CODE)": "INTEGER",
    "SUM(N)": "BIGINT",
    "SUM(X)": "DOUBLE",
    "SUM(X + N)": "TINYINT",
    "AVG(X)": "DOUBLE",
    "AVG(N)": "INTEGER",
    "MIN(K)": "VARCHAR(8)",
    "MAX(X)": "SMALLINT",
    "MAX(CODE)": "VARCHAR(4)",
    "ANY(OK)": "BOOLEAN",
    "EVERY(OK)": "BOOLEAN",
}
"""Calls, and the type of the column that each goes to."""
Row = tuple[str, str, str]
"""Stream, ROWTIME and the row, spelled."""


def computed(
    application: Application, given: Iterable[FileRecord]
) -> tuple[Counter[Row], dict[str, str]]:
    """The rows of the streams that are judged, and why the others are not."""
    with Database() as database:
        readings = Readings(database, application)
        by_shard: dict[str, list[StreamRecord]] = {}
        for record in given:
            by_shard.setdefault(record.shard_id, []).append(
                StreamRecord(
                    record.shard_id,
                    record.sequence_number,
                    record.partition_key,
                    record.arrival_ms,
                    record.data,
                )
            )
        for records in by_shard.values():
            readings.take(records, 0)
        rows = Rows(database, application)
        if readings.why is not None:
            rows.none_can_be_judged(readings.why)
        rows.compute(())
        doubtful = database.rows("SELECT reason FROM doubtful")
        if doubtful:
            return Counter(), {"": str(doubtful)}
        found = database.rows("SELECT stream, end_ms, row FROM expected")
        not_judged = dict(rows.not_judged_outputs)
    return Counter((s, timestamp_text(end_ms), row) for s, end_ms, row in found), not_judged


def expected(case: Case, not_judged: dict[str, str]) -> Counter[Row]:
    return Counter(
        (row["stream"], row["rowtime"], spelled(row["row"]))
        for row in case.expected() or []
        if row["stream"] not in {"error_stream", *not_judged}
    )


@pytest.mark.parametrize("folder", ["chains", "having"])
def test_the_golden_cases(folder: str) -> None:
    judged = 0
    cases = [case for name, case in CASES.items() if f"/{folder}/" in f"/{name}/"]
    assert cases
    for case in cases:
        rows, not_judged = computed(case.application(), case.records())
        if "" not in not_judged:
            assert rows == expected(case, not_judged), (case.name, not_judged)
            judged += bool(rows)
    assert judged >= 1, "nothing was compared"


def random_query(rng: Random) -> str:
    """Tumbling windows over the input, or over a stream that a pump fills of it."""
    calls = rng.sample(sorted(JUDGED), rng.randint(1, 4))
    keys = rng.sample(["K", "OK", "N / 10", "CODE", "X"], rng.randrange(3))
    items = [f"{call}" for call in calls] + (["ROWTIME"] if rng.random() < 0.8 else [])
    types = [JUDGED[call] for call in calls] + ["TIMESTAMP"] * (len(items) - len(calls))
    columns = ", ".join(f"C{i} {type}" for i, type in enumerate(types))
    read, text = "SOURCE_SQL_STREAM_001", ""
    if rng.random() < 0.4:
        read = "MIDDLE"
        text = (
            "CREATE STREAM MIDDLE (K VARCHAR(8), N INTEGER, X DOUBLE, OK BOOLEAN, CODE CHAR(4));\n"
            "CREATE PUMP M AS INSERT INTO MIDDLE SELECT STREAM K, N + 1, X * 0.1, OK, CODE "
            "FROM SOURCE_SQL_STREAM_001 WHERE N > 0 OR X < 2.5 OR K IS NULL;\n"
        )
    where = rng.choice(["", " WHERE N <> 3 AND NOT (X > 4E0)", " WHERE K >= 'b' OR OK"])
    grouped = ", ".join([rng.choice(TIME_KEYS), *keys])
    return (
        f"{text}CREATE STREAM DEST ({columns});\nCREATE PUMP P AS INSERT INTO DEST\n"
        f"SELECT STREAM {', '.join(items)} FROM {read} AS s{where} GROUP BY {grouped};"
    )


def check_random(seed: int) -> int:
    """How many rows agree."""
    rng = Random(seed)
    text, records = random_query(rng), random_records(rng)
    application = compile_application(text, name="random", schema=SCHEMA)
    rows, not_judged = computed(application, records)
    assert not_judged == {}, text
    wanted = Counter(
        (row.stream, timestamp_text(row.rowtime_ms), spelled(row.values))
        for batch in Trial(application).run(records)
        for row in batch
        if row.stream == "DEST"
    )
    assert rows == wanted, (seed, text)
    return len(rows)


def test_the_engine_has_the_same_rows_for_queries_by_chance() -> None:
    assert sum(map(check_random, range(5))) > 20


@pytest.mark.long
def test_the_engine_has_the_same_rows_for_many_queries_by_chance() -> None:
    assert sum(map(check_random, range(1000, 1300))) > 1000


@pytest.mark.long
def test_every_golden_case() -> None:
    judged, reasons = 0, Counter[str]()
    for case in CASES.values():
        rows, not_judged = computed(case.application(), case.records())
        reasons.update(not_judged.values())
        if "" not in not_judged:
            assert rows == expected(case, not_judged), (case.name, not_judged)
            judged += bool(rows)
    assert judged > 100, reasons
