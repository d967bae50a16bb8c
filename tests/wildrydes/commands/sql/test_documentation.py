"""The examples of docs/sql/testing.md and input.md do what the pages say."""

import json
import re
from pathlib import Path

import pytest

from analytics_sql.application_file import TEXT, WORKSHOP, WORKSHOP_SCHEMA
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from wildrydes import cli
from wildrydes.trial.record_file import FileRecord, read_records
from wildrydes.trial.verdict import difference_between_ways
from wildrydes.trial.ways import all_at_once

SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCS = Path(__file__).parents[4] / "docs/sql"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text()
    found = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The application of testing.md, with its input and the rows that the page shows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rides.sql").write_text(blocks("testing.md", "sql")[0])
    (tmp_path / "rides.schema.json").write_text(blocks("testing.md", "json")[0])
    (tmp_path / "input.jsonl").write_text(blocks("testing.md", "jsonl")[0])
    return tmp_path


def sql(*words: str) -> None:
    with pytest.raises(SystemExit):
        cli.main(["sql", *words])


def test_run(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = ["--output", "RIDES", "--output", "error_stream"]
    sql("run", "rides.sql", "--input", "input.jsonl", *outputs)
    assert capsys.readouterr().out == blocks("testing.md", "jsonl")[1]


def test_the_difference_of_a_golden_case(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = example / "cases/minute"
    case.mkdir(parents=True)
    (example / "rides.sql").rename(case / "app.sql")
    (example / "rides.schema.json").rename(case / "schema.json")
    lines = (example / "input.jsonl").read_text().splitlines()
    (case / "input.jsonl").write_text("\n".join(lines[:3]))
    sql("test", "cases", "--accept")
    expected = case / "expected.jsonl"
    expected.write_text(expected.read_text().replace("62", "61"))
    capsys.readouterr()
    sql("test", "cases")
    assert capsys.readouterr().out.startswith(blocks("testing.md", "text")[0])


@pytest.mark.parametrize("text", blocks("input.md", "json"))
def test_schemas(text: str) -> None:
    assert InputSchema.from_json(json.loads(text), where="example").columns


def applications() -> dict[str, str]:
    """Every application of the docs, and the one that comes with the package."""
    found = {"wildrydes.sql": (WORKSHOP / TEXT).read_text()}
    for page in sorted(DOCS.parent.glob("**/*.md")):
        for number, text in enumerate(SQL.findall(page.read_text()), start=1):
            if "CREATE" in text and "PUMP" in text:
                found[f"{page.name} {number}"] = text
    return found


APPLICATIONS = applications()


def readings() -> list[FileRecord]:
    """Ten minutes of three unicorns, ten seconds apart, each at its own speed."""
    lines = []
    for second in range(0, 600, 10):
        for metres, name in enumerate(("Arion", "Balios", "Xanthos"), start=29):
            reading = {"Name": name, "Distance": metres * 20.0, "HealthPoints": 140 + second % 20}
            lines.append(json.dumps({**reading, "MagicPoints": 150}).encode())
    return list(read_records(lines, "readings", interval_ms=3333))


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications_run(name: str) -> None:
    schema = InputSchema.read(WORKSHOP_SCHEMA)
    application = compile_application(APPLICATIONS[name], name="example", schema=schema)
    records = readings()
    rows = all_at_once(application, records)
    assert {row.stream for row in rows} == {stream.name for stream in application.streams}
    ways, found = difference_between_ways(application, records)
    assert found is None, (ways, found)
