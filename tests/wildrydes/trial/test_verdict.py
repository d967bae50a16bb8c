"""The judge of golden cases: it passes what is right, and a wrong engine does not get past it."""

import json
from pathlib import Path
from typing import Any

import pytest

from processor.engine import Emitted, Engine
from processor.watermark import END_MS
from wildrydes.trial.case import Case
from wildrydes.trial.verdict import Verdict, judge

SQL = """
CREATE STREAM OUT_ (K VARCHAR(4), TOTAL DOUBLE);
CREATE PUMP P AS INSERT INTO OUT_ SELECT STREAM K, SUM(X)
FROM SOURCE_SQL_STREAM_001 AS s GROUP BY K, STEP(s.ROWTIME BY INTERVAL '10' SECOND);
"""
SCHEMA = {
    "RecordFormat": {"RecordFormatType": "JSON"},
    "RecordColumns": [
        {"Name": "K", "SqlType": "VARCHAR(4)", "Mapping": "$.K"},
        {"Name": "X", "SqlType": "DOUBLE", "Mapping": "$.X"},
    ],
}


def total(second: int, key: str, value: float) -> dict[str, Any]:
    row = {"K": key, "TOTAL": value}
    return {"stream": "OUT_", "rowtime": f"2026-01-01 00:00:{second}.000", "row": row}


EXPECTED = [total(10, "a", 25.0), total(10, "b", 20.0), total(20, "a", 30.0), total(20, "b", 35.0)]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A record a second: in the first ten b has 0 + 2 + 4 + 6 + 8 = 20 and a 1 + 3 + ... = 25; in
    the next ten b has five times 7 and a five times 6.
    """
    (tmp_path / "app.sql").write_text(SQL)
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    lines = [{"K": "ba"[i % 2], "X": i} for i in range(10)]
    lines += [{"K": "ba"[i % 2], "X": 7 - i % 2} for i in range(10)]
    (tmp_path / "input.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    expect(tmp_path, EXPECTED)
    return Case(tmp_path, tmp_path)


def expect(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "expected.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_right_case(case: Case) -> None:
    ways = ["one record a batch", "random batches", "restart after every batch", "four shards"]
    assert judge(case) == Verdict(case.name, ways=ways)


def test_what_cases_share_may_stand_above_what_is_run(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "sums" / "ten_seconds"
    folder.mkdir(parents=True)
    for name in ("app.sql", "expected.jsonl"):
        (tmp_path / name).rename(folder / name)
    assert judge(Case(folder, folder)).problem is None


def test_other_rows(case: Case) -> None:
    expect(case.folder, [EXPECTED[0], total(10, "b", 21.0), *EXPECTED[2:]])
    verdict = judge(case)
    assert verdict.problem == "other rows came than expected"
    assert "  ! TOTAL: expected 21.0, came 20.0" in verdict.details


def test_one_is_not_one_point_zero(case: Case) -> None:
    expect(case.folder, [{**EXPECTED[0], "row": {"K": "a", "TOTAL": 25}}, *EXPECTED[1:]])
    assert "  ! TOTAL: expected 25, came 25.0" in judge(case).details


@pytest.mark.parametrize("rows", [EXPECTED[:-1], [EXPECTED[1], EXPECTED[0], *EXPECTED[2:]]])
def test_a_row_too_few_or_out_of_order(case: Case, rows: list[dict[str, Any]]) -> None:
    expect(case.folder, rows)
    assert judge(case).problem == "other rows came than expected"


def test_rows_of_error_stream_have_to_be_expected(case: Case) -> None:
    with (case.folder / "input.jsonl").open("a") as file:
        file.write("{\n")
    assert judge(case).problem == "other rows came than expected"
    error = {"stream": "error_stream", "rowtime": "2026-01-01 00:00:20.000", "row": {}}
    expect(case.folder, [*EXPECTED, error])
    assert judge(case).problem is None
    expect(case.folder, [*EXPECTED, {**error, "row": {"ERROR_NAME": "EVALUATION_ERROR"}}])
    assert judge(case).problem is not None


def test_accept(case: Case) -> None:
    case.expected_path.unlink()
    assert judge(case).problem == "there is no expected.jsonl"
    assert judge(case, accept=True).problem is None
    assert case.expected() == EXPECTED


def test_what_is_missing_or_wrong_is_a_sentence(case: Case) -> None:
    (case.folder / "app.sql").write_text("CREATE STREAM A (B WORD)")
    verdict = judge(case)
    assert verdict.problem == "the application is wrong"
    assert "there is no type WORD" in "\n".join(verdict.details)
    (case.folder / "input.jsonl").unlink()
    (case.folder / "app.sql").write_text(SQL)
    assert "there is no input.jsonl or input.csv" in (judge(case).problem or "")
    (case.folder / "expected.jsonl").write_text("[1]\n")


def forget_everything(engine: Engine, state: bytes) -> None:
    """A restart that begins anew."""


def test_a_wrong_restart_does_not_get_past(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "load", forget_everything)
    assert judge(case).problem == "other rows come with restart after every batch"


def test_what_depends_on_the_batches_does_not_get_past(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_at_once(engine: Engine, watermark_ms: int) -> Emitted:
        """An engine that takes a second's time for the batch's."""
        return ADVANCE(engine, END_MS)

    monkeypatch.setattr(Engine, "advance", all_at_once)
    assert judge(case).problem == "other rows come with one record a batch"


ADVANCE = Engine.advance
