"""The rows that DuckDB computes are those that people worked out for the golden cases."""

from collections import Counter
from pathlib import Path

import pytest

from fleet.timestamp import timestamp_text
from wildrydes.stream_record import StreamRecord
from wildrydes.trial.case import Case, find_cases
from wildrydes.verification.database import Database
from wildrydes.verification.readings import Readings
from wildrydes.verification.rows import Rows, spelled

CASES = {case.name: case for case in find_cases(Path(__file__).parents[2] / "sql")}
Row = tuple[str, str, str]
"""Stream, ROWTIME and the row, spelled."""


def computed(case: Case) -> tuple[Counter[Row], dict[str, str]]:
    """The rows of the streams that are judged, and why the others are not."""
    application = case.application()
    with Database() as database:
        readings = Readings(database, application)
        by_shard: dict[str, list[StreamRecord]] = {}
        for record in case.records():
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
        rows, not_judged = computed(case)
        if "" not in not_judged:
            assert rows == expected(case, not_judged), (case.name, not_judged)
            judged += bool(rows)
    assert judged >= 1, "nothing was compared"


@pytest.mark.long
def test_every_golden_case() -> None:
    judged, reasons = 0, Counter[str]()
    for case in CASES.values():
        rows, not_judged = computed(case)
        reasons.update(not_judged.values())
        if "" not in not_judged:
            assert rows == expected(case, not_judged), (case.name, not_judged)
            judged += bool(rows)
    assert judged > 100, reasons
