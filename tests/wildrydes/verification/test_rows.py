"""The rows that DuckDB computes are those that people worked out for the golden cases, and
those of the engine for queries by chance.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from analytics_sql.application_file import load_application
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application
from awsio.clients import AwsClients
from fleet.settings import AwsSettings
from fleet.timestamp import timestamp_text
from tests.sql.random_application import TIME_KEYS, random_records
from wildrydes.stream_record import StreamRecord
from wildrydes.trial.case import Case, find_cases
from wildrydes.trial.record_file import FileRecord
from wildrydes.trial.trial import Trial
from wildrydes.verification.database import Database
from wildrydes.verification.not_judged import NotJudged
from wildrydes.verification.plan_sql import stream_tables
from wildrydes.verification.readings import Readings
from wildrydes.verification.reference_rows import load_references
from wildrydes.verification.rows import Rows, spelled

ROOT = Path(__file__).parents[3]
APPLICATIONS = ROOT / "analytics_sql/applications"
CASES = {case.name: case for case in find_cases(ROOT / "tests/sql")}
SCHEMA = InputSchema.read(ROOT / "tests/sql/schema.json")
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
        references = asyncio.run(
            load_references(database, application.tables, AwsClients(AwsSettings()), None)
        )
        rows = Rows(database, application, references)
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


@pytest.mark.parametrize(
    "folder", ["chains", "having", "joins", "unions", "subqueries", "reference", "csv"]
)
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


def test_the_applications_that_docs_verify_md_names_are_judged() -> None:
    judged = []
    for folder in sorted(APPLICATIONS.iterdir()):
        if (folder / "app.sql").exists():
            application = load_application(folder)
            made = stream_tables(application, {t.name: "loaded" for t in application.tables})
            if not any(isinstance(table, NotJudged) for table in made.values()):
                judged.append(folder.name)
    document = (ROOT / "docs/verify.md").read_text()
    sentence = document[document.index("that ship are judged whole: ") :].partition(". ")[0]
    assert re.findall("`(.+?)`", sentence) == judged


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


def random_join(rng: Random) -> str:
    """Two streams that pumps fill of the input, joined."""
    pumps = "".join(
        f"CREATE STREAM {name} (K VARCHAR(8), N INTEGER, CODE CHAR(4));\n"
        f"CREATE PUMP OF_{name} AS INSERT INTO {name} SELECT STREAM K, N, CODE "
        f"FROM SOURCE_SQL_STREAM_001 WHERE {where};\n"
        for name, where in (("A", "OK"), ("B", "NOT OK OR N > 12"))
    )
    window = "OVER (RANGE INTERVAL '{}' SECOND PRECEDING) "
    over = [rng.choice(["", window.format(rng.choice((1, 2, 9, 40)))]) for _ in "ab"]
    kind = rng.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
    condition = " AND ".join(
        rng.sample(["x.K = y.K", "x.CODE = y.CODE", "x.N < y.N + 4"], rng.randint(1, 2))
    )
    return (
        f"{pumps}CREATE STREAM DEST (K VARCHAR(8), N INTEGER, M INTEGER, AT_ TIMESTAMP);\n"
        "CREATE PUMP P AS INSERT INTO DEST SELECT STREAM x.K, x.N, y.N, ROWTIME\n"
        f"FROM A {over[0]}AS x {kind} B {over[1]}AS y ON {condition};"
    )


def check_random(seed: int, query: Callable[[Random], str] = random_query) -> int:
    """How many rows agree."""
    rng = Random(seed)
    text, records = query(rng), random_records(rng)
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
    assert sum(check_random(seed, random_join) for seed in range(8)) > 20


@pytest.mark.long
def test_the_engine_has_the_same_rows_for_many_queries_by_chance() -> None:
    assert sum(map(check_random, range(1000, 1300))) > 1000
    assert sum(check_random(seed, random_join) for seed in range(1000, 1300)) > 1000


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


def test_a_number_is_spelled_by_its_value_and_for_people() -> None:
    values = {"a": 120, "b": Decimal("120.00"), "c": 1.2e2, "d": 0.5, "e": -0.0, "f": 1e308}
    assert spelled(values) == '{"a":120,"b":120,"c":120,"d":0.5,"e":0,"f":1E+308}'
