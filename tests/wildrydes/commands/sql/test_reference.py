"""Reference tables of the commands that read no stream: from files alone."""

import json
from pathlib import Path

import pytest

from tests.processor.reference_tables.conftest import SCHEMA, SQL, ZONES
from tests.wildrydes.commands.sql.test_commands import Sql
from wildrydes import cli

MANIFEST = """
[input]
schema = "schema.json"

[[reference]]
name = "ZONES"
source = "s3://stable/maps/zones.csv"
schema = "zones.schema.json"
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "app"
    home.mkdir()
    (home / "app.sql").write_text(SQL)
    (home / "application.toml").write_text(MANIFEST)
    (home / "schema.json").write_text(SCHEMA)
    (home / "zones.schema.json").write_text(ZONES)
    (tmp_path / "copy.csv").write_text("1,North\n")
    (tmp_path / "in.jsonl").write_text('{"K": 1, "N": 1}\n{"K": 2, "N": 2}\n')
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def sql(app: Path, capsys: pytest.CaptureFixture[str]) -> Sql:
    return Sql(capsys)


def test_check_says_which_table_it_has_not_read(sql: Sql) -> None:
    code, shown, _ = sql("check", "app")
    assert code == 0
    assert "reference table ZONES is on S3 and was not read; --reference ZONES=FILE" in shown
    assert json.loads(sql("check", "app", "--json")[1])["tables_not_read"] == ["ZONES"]
    code, shown, _ = sql("check", "app", "--reference", "ZONES=copy.csv")
    assert (code, shown) == (0, "app: ok, puts out D\n")
    Path("copy.csv").write_text("1,North\n2\n")
    code, shown, _ = sql("check", "app", "--reference", "ZONES=copy.csv")
    assert code == 1
    assert "reference table ZONES: copy.csv:2:1: " in shown


def test_run_takes_a_copy(sql: Sql) -> None:
    code, _, said = sql("run", "app", "--input", "in.jsonl")
    assert code == 1
    assert "ZONES: s3://stable/maps/zones.csv is on S3" in said
    assert "--reference ZONES=zones.csv" in said
    code, shown, _ = sql("run", "app", "--input", "in.jsonl", "--reference", "zones=copy.csv")
    assert code == 0
    rows = [json.loads(line)["row"] for line in shown.splitlines()]
    assert rows == [{"N": 1, "ZONE": "North"}, {"N": 2, "ZONE": None}]


@pytest.mark.parametrize("given", ["ZONES", "=copy.csv", "ZONES=", "ZONES=none.csv", "Z=s3://b"])
def test_a_reference_is_a_name_and_a_place(sql: Sql, given: str) -> None:
    code, _, said = sql("run", "app", "--input", "in.jsonl", "--reference", given)
    assert code == 2
    assert "--reference" in said


def test_a_reference_that_is_no_table(sql: Sql) -> None:
    code, _, said = sql("run", "app", "--input", "in.jsonl", "--reference", "HERDS=copy.csv")
    assert code == 1
    assert "no reference table HERDS" in said


def test_a_case_has_its_own_table(sql: Sql, app: Path) -> None:
    case = app / "tests" / "zones"
    case.mkdir(parents=True)
    (case / "input.jsonl").write_text('{"K": 1, "N": 1}\n')
    row = {"stream": "D", "rowtime": "2026-01-01 00:00:00.000", "row": {"N": 1, "ZONE": "West"}}
    (case / "expected.jsonl").write_text(json.dumps(row))
    code, shown, _ = sql("test", "app")
    assert code == 1
    assert "put it into the case's folder or its tests/" in shown
    (case.parent / "zones.csv").write_text("1,East\n")
    assert "expected" in sql("test", "app")[1]
    (case / "zones.csv").write_text("1,West\n")
    assert sql("test", "app")[0] == 0


def test_the_shell_takes_a_copy(
    sql: Sql, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    query = (
        'SELECT STREAM s.N, z.ZONE FROM "SOURCE_SQL_STREAM_001" AS s JOIN ZONES AS z ON s.K = z.K;'
    )
    lines = iter([query])
    monkeypatch.setattr("sys.stdin.readline", lambda: next(lines, ""))
    words = ["shell", "--app", "app", "--input", "in.jsonl", "--reference", "ZONES=copy.csv"]
    code, shown, _ = sql(*words)
    assert code == 0
    assert "(1 rows)" in shown
    assert "North" in shown


def test_up_begins_without_objects(sql: Sql, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["up", "--app", "app", "--port", "0", "--endpoint-port", "0", "--data", "data"])
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert "ZONES comes from s3://stable/maps/zones.csv" in said
    assert "--reference ZONES=FILE" in said
