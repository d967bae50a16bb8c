"""The four commands as a user calls them: what they print, where, and how they end."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wildrydes import cli

SQL = """CREATE STREAM TOTALS ("name" VARCHAR(4), METRES SMALLINT);
CREATE PUMP P AS INSERT INTO TOTALS SELECT STREAM "Name", SUM("Distance")
FROM SOURCE_SQL_STREAM_001 AS s GROUP BY "Name", FLOOR(s.ROWTIME TO MINUTE);
CREATE STREAM FAR (METRES SMALLINT);
CREATE PUMP Q AS INSERT INTO FAR SELECT STREAM METRES FROM TOTALS WHERE METRES > 20;
"""
SCHEMA = {
    "RecordFormat": {"RecordFormatType": "JSON"},
    "RecordColumns": [
        {"Name": "Name", "SqlType": "VARCHAR(4)", "Mapping": "$.Name"},
        {"Name": "Distance", "SqlType": "DOUBLE", "Mapping": "$.Distance"},
    ],
}
LINES = [
    {"Name": "a", "Distance": 10.25},
    {"Name": "b", "Distance": 5},
    {"Name": "a", "Distance": 20},
    {"Name": "a", "Distance": "far"},
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rides.sql").write_text(SQL)
    (tmp_path / "rides.schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Sql:
    """Calls `wildrydes sql ...` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(["sql", *words])
        shown = self._capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, shown.out, shown.err


@pytest.fixture
def sql(folder: Path, capsys: pytest.CaptureFixture[str]) -> Sql:
    return Sql(capsys)


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_check(sql: Sql) -> None:
    assert sql("check", "rides.sql") == (0, "rides.sql: ok, puts out FAR\n", "")


def test_check_says_all_errors_of_all_files(sql: Sql, folder: Path) -> None:
    (folder / "bad.sql").write_text("CREATE STREAM A (B WORD);\nCREATE STREAM C (D WORD);")
    code, shown, _ = sql("check", "bad.sql", "rides.sql", "--schema", "rides.schema.json")
    assert code == 1
    assert "bad.sql:1:20: there is no type WORD\n    1 | CREATE" in shown
    assert "bad.sql:2:20: there is no type WORD" in shown
    assert shown.endswith("rides.sql: ok, puts out FAR\n")


def test_check_as_json(sql: Sql, folder: Path) -> None:
    (folder / "bad.sql").write_text("CREATE STREAM A (B WORD);")
    code, shown, _ = sql("check", "bad.sql", "rides.sql", "--json")
    bad, good = lines(shown)
    assert (code, good) == (
        1,
        {"file": "rides.sql", "ok": True, "errors": [], "tables_not_read": [], "notes": []},
    )
    assert bad["ok"] is False
    assert "there is no schema bad.schema.json" in bad["errors"][0]["message"]
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    (error,) = lines(sql("check", "bad.sql", "--json")[1])[0]["errors"]
    remedy = error.pop("remedy")
    assert remedy.startswith("types of columns are")
    assert error == {
        "line": 1,
        "column": 20,
        "length": 4,
        "snippet": "CREATE STREAM A (B WORD);",
        "message": "there is no type WORD",
    }


def test_run(sql: Sql) -> None:
    code, shown, errors = sql("run", "rides.sql", "--input", "in.jsonl")
    assert code == 0
    assert lines(shown) == [
        {"stream": "FAR", "rowtime": "2026-01-01 00:01:00.000", "row": {"METRES": 30}}
    ]
    assert "records or rows that went to error_stream: 1; the first" in errors
    assert "'far' is not a DOUBLE" in errors


def test_run_with_one_output_prints_the_bare_row(sql: Sql) -> None:
    rows = lines(sql("run", "rides.sql", "--input", "in.jsonl", "--output", "totals")[1])
    assert rows == [{"name": "a", "METRES": 30}, {"name": "b", "METRES": 5}]


def test_run_with_several_outputs(sql: Sql) -> None:
    outputs = ["--output", "FAR", "--output", "TOTALS", "--output", "error_stream"]
    code, shown, errors = sql("run", "rides.sql", "--input", "in.jsonl", *outputs)
    streams = [row["stream"] for row in lines(shown)]
    assert (code, errors) == (0, "")
    assert streams == ["error_stream", "TOTALS", "TOTALS", "FAR"]


def test_run_as_csv(sql: Sql, folder: Path) -> None:
    (folder / "in.jsonl").write_text('{"Name": "a,b"}\n{"Name": ""}\n{"Distance": 1}\n')
    flags = ["--input", "in.jsonl", "--output", "TOTALS", "--format", "csv"]
    assert sql("run", "rides.sql", *flags)[1] == ',1\n"",\n"a,b",\n'


def test_run_times_bare_records(sql: Sql) -> None:
    times = ["--start", "2026-05-01 12:00", "--interval", "1m"]
    shown = sql("run", "rides.sql", "--input", "in.jsonl", "--output", "TOTALS", *times)[1]
    assert [row["METRES"] for row in lines(shown)] == [10, 5, 20]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--input", "in.jsonl", "--output", "NOWHERE"], 1, "the application has no stream NOWHER"),
        (["--input", "in.jsonl", "--format", "csv"], 1, "the rows of several streams make no CSV"),
        (["--input", "none.jsonl"], 2, "none.jsonl"),
        (["--input", "in.jsonl", "--interval", "soon"], 2, "'soon' is not a duration"),
        ([], 2, "--input"),
    ],
)
def test_run_refuses(sql: Sql, words: list[str], code: int, message: str) -> None:
    found, shown, errors = sql("run", "rides.sql", *words)
    assert (found, shown) == (code, "")
    assert message in errors


def test_run_names_the_line_that_is_wrong(sql: Sql, folder: Path) -> None:
    good = {"ApproximateArrivalTimestamp": 1, "PartitionKey": "", "Data": {}}
    (folder / "in.jsonl").write_text(json.dumps(good) + "\n\nx\n")
    code, _, errors = sql("run", "rides.sql", "--input", "in.jsonl")
    assert code == 1
    assert "in.jsonl:3: not a record" in errors


def _process(*words: str) -> list[str]:
    return [sys.executable, "-m", "wildrydes", "sql", *words]


def test_run_reads_standard_input(folder: Path) -> None:
    command = _process("run", "rides.sql", "--input", "-", "--output", "FAR")
    given = (folder / "in.jsonl").read_bytes()
    done = subprocess.run(command, input=given, capture_output=True, check=True)
    assert done.stdout == b'{"METRES":30}\n'


def test_run_ends_quietly_with_its_reader(folder: Path) -> None:
    (folder / "in.jsonl").write_text('{"Name": "a", "Distance": 1}\n' * 100_000)
    command = _process("run", "rides.sql", "--input", "in.jsonl", "--output", "TOTALS")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_run_is_interrupted_without_a_traceback(folder: Path) -> None:
    command = _process("run", "rides.sql", "--input", "-", "--output", "TOTALS")
    minute = b'{"Name": "a", "Distance": 1}\n' * 4200
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(minute)
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read().strip() == b""


AWS = {"aiobotocore", "botocore", "aiohttp", "moto"}


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["run", "rides.sql", "--input", "in.jsonl"], AWS | {"asyncio", "rich"}),
        (["check", "rides.sql"], AWS),
        # One that has outputs.
        (["check", "fleet-pulse"], AWS),
    ],
)
def test_what_needs_no_aws_does_not_wait_for_it(
    folder: Path, words: list[str], unwanted: set[str]
) -> None:
    script = (
        "import sys\nfrom wildrydes import cli\n"
        f"try: cli.main({['sql', *words]})\n"
        "except SystemExit as end: assert not end.code\n"
        f"print(sorted({unwanted} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_explain(sql: Sql) -> None:
    code, shown, _ = sql("explain", "rides.sql")
    assert code == 0
    assert shown.startswith("application rides\n")
    explained = json.loads(sql("explain", "rides.sql", "--json")[1])
    assert [pump["name"] for pump in explained["pumps"]] == ["P", "Q"]
    assert sql("explain", "rides.sql", "--dot")[1].startswith('digraph "rides" {')
    assert sql("explain", "rides.sql", "--dot", "--json")[0] == 2


def test_test(sql: Sql, folder: Path) -> None:
    case = folder / "cases" / "totals"
    case.mkdir(parents=True)
    (case / "app.sql").write_text(SQL)
    (case.parent / "schema.json").write_text(json.dumps(SCHEMA))
    (case / "input.jsonl").write_text('{"Name": "a", "Distance": 30}\n')
    code, shown, _ = sql("test", "cases")
    assert code == 1
    assert "cases/totals: there is no expected.jsonl" in shown
    assert shown.endswith("1 cases, 1 wrong\n")
    assert sql("test", "cases", "--accept")[0] == 0
    assert sql("test", "cases") == (0, "1 cases, all right\n", "")
    (report,) = lines(sql("test", "cases", "--json")[1])
    assert report["ok"] is True
    assert "four shards" in report["ways"]
    expected = case / "expected.jsonl"
    expected.write_text(expected.read_text().replace("30", "31"))
    code, shown, _ = sql("test", "cases")
    assert code == 1
    assert "  ! METRES: expected 31, came 30" in shown
    (folder / "empty").mkdir()
    code, _, errors = sql("test", "empty")
    assert code == 1
    assert "there is no case in empty" in errors
