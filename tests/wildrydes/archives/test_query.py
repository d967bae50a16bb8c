"""`wildrydes query` over archives of both formats, whole, pruned and compacted."""

import json
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.sinks.archived import AS_JSON, AS_PARQUET, HOUR_MS, history, in_order, objects_of
from tests.wildrydes.archives.test_commands import POISON, stored
from tests.wildrydes.running import client
from wildrydes.cli import main

Run = Callable[..., tuple[int, str, str]]
"""Runs `wildrydes`; returns exit code, standard output, standard error."""
METRES = (
    "SELECT hour, name, sum(distance) AS metres, count(*) AS readings FROM wildrydes "
    "WHERE name IS NOT NULL AND hour < 1 GROUP BY hour, name ORDER BY hour, name"
)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        output, errors = capfd.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, output, errors

    return run


@pytest.fixture(params=[AS_JSON, AS_PARQUET], ids=["json", "parquet"])
def objects(request: pytest.FixtureRequest) -> dict[str, bytes]:
    format_ = request.param.format.encode()
    identity = b'{"format":"%s","object_bytes":2000,"window_ms":60000}\n' % format_
    return {**objects_of(history(1), request.param), "archive.json": identity}


@pytest.fixture
def folder(objects: dict[str, bytes], tmp_path: Path) -> str:
    return stored(tmp_path / "archive", objects)


def expected() -> list[tuple[int, str, float, int]]:
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    for record in in_order(history(1)):
        hour = record.arrival_ms % (24 * HOUR_MS) // HOUR_MS
        if record.data in POISON or hour >= 1:
            continue
        value = json.loads(record.data)
        if value.get("Name") is not None:
            distance = value.get("Distance")
            found[hour, value["Name"]].append(distance if isinstance(distance, int | float) else 0)
    return [(hour, name, sum(d), len(d)) for (hour, name), d in sorted(found.items())]


def check(lines: str) -> None:
    rows = [json.loads(line) for line in lines.splitlines()]
    wanted = expected()
    assert [(r["hour"], r["name"], r["readings"]) for r in rows] == [
        (hour, name, count) for hour, name, _, count in wanted
    ]
    assert [r["metres"] for r in rows] == pytest.approx([metres for _, _, metres, _ in wanted])


def test_the_rows_and_the_hours_that_were_read(folder: str, run: Run) -> None:
    code, output, errors = run("query", "--folder", folder, "--format", "json", METRES)
    assert code == 0
    check(output)
    assert "hours read 1 of 2" in errors
    run("archive", "compact", "--folder", folder)
    code, output, errors = run("query", "--folder", folder, "--format", "json", METRES)
    check(output)
    assert "(3 objects" in errors, "one a shard"


def test_an_hour_that_is_not_there(folder: str, run: Run) -> None:
    query = "SELECT count(*) AS n, min(statustime) AS s FROM wildrydes WHERE year = 2025"
    code, output, errors = run("query", "--folder", folder, "--format", "json", query)
    assert (code, json.loads(output)) == (0, {"n": 0, "s": None})
    assert "hours read 0 of " in errors


def test_files_of_every_format(folder: str, run: Run, tmp_path: Path) -> None:
    for ending in ("csv", "json", "parquet"):
        path = tmp_path / f"rows.{ending}"
        assert run("query", "--folder", folder, "--output", str(path), METRES)[0] == 0
        with duckdb.connect() as connection:
            query = f"SELECT hour, name, readings FROM '{path}' ORDER BY hour, name"
            rows = connection.sql(query).fetchall()
        assert rows == [(hour, name, count) for hour, name, _, count in expected()]
    _, table, _ = run("query", "--folder", folder, METRES)
    assert "metres" in table
    _, text, _ = run("query", "--folder", folder, "--format", "csv", METRES)
    assert text.splitlines()[0] == "hour,name,metres,readings"
    assert '"Rocinante, the 2nd"' in text


def test_explain_and_ddl(folder: str, run: Run) -> None:
    code, output, _ = run("query", "--folder", folder, "--explain", METRES)
    assert code == 0
    assert "hours read 1 of 2" in output
    assert "READ_" in output.upper()
    code, output, _ = run("query", "--folder", folder, "--ddl", "duckdb")
    with duckdb.connect() as connection:
        connection.execute(output)
        [(count,)] = connection.execute("SELECT count(*) FROM wildrydes").fetchall()
    assert count == sum(record.data not in POISON for record in in_order(history(1)))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "give a query"),
        (("--format", "parquet", "SELECT 1"), 2, "needs --output"),
        (("--output", "x.txt", "SELECT 1"), 2, "--format is needed"),
        (("SELECT nme FROM wildrydes",), 1, "query:1:8: Binder Error"),
        (("SELECT foo_(1)",), 1, "query:1:8: foo_ has no counterpart"),
        (("--athena", "--dialect", "duckdb", "SELECT 1"), 2, "Athena's SQL"),
    ],
)
def test_what_cannot_be_asked(
    arguments: tuple[str, ...], code: int, message: str, run: Run, tmp_path: Path
) -> None:
    found, _, errors = run("query", "--folder", str(tmp_path), *arguments)
    assert found == code
    assert message in errors


def test_a_bucket_and_its_bound(url: str, objects: dict[str, bytes], run: Run) -> None:
    s3 = client("s3", url)
    bucket = f"archive-{len(objects)}-{objects['archive.json'][11:15].decode().strip(chr(34))}"
    s3.create_bucket(Bucket=bucket)
    for key, body in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    aws = ("--endpoint-url", url, "--archive-bucket", bucket)
    code, output, _ = run("query", *aws, "--format", "json", METRES)
    assert code == 0
    check(output)
    code, _, errors = run("query", *aws, "--disk-max", "1KB", METRES)
    assert code == 1
    assert "may be fetched to this machine" in errors


def test_on_athena(url: str, run: Run) -> None:
    """moto answers what it is told to: this is about the calls, the pages and the NULLs."""
    athena = client("athena", url)
    answer = {
        "results": [
            {
                "rows": [
                    {"Data": [{"VarCharValue": "name"}, {"VarCharValue": "n"}]},
                    {"Data": [{"VarCharValue": "Shadowfax"}, {"VarCharValue": "2"}]},
                    {"Data": [{}, {"VarCharValue": "1"}]},
                ],
                "column_info": [column("name", "varchar"), column("n", "bigint")],
            }
        ]
    }
    body = json.dumps(answer).encode()
    request = urllib.request.Request(f"{url}/moto-api/static/athena/query-results", data=body)
    urllib.request.urlopen(request).close()
    aws = ("--endpoint-url", url, "--athena", "--output-location", "s3://results/")
    code, output, errors = run("query", *aws, "--format", "json", "SELECT name, count(*) AS n")
    assert code == 0
    assert [json.loads(line) for line in output.splitlines()] == [
        {"name": "Shadowfax", "n": 2},
        {"name": None, "n": 1},
    ]
    assert "bytes scanned, about $" in errors
    [query_id] = athena.list_query_executions()["QueryExecutionIds"]
    execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    assert execution["Query"] == "SELECT name, count(*) AS n"
    assert execution["WorkGroup"] == "primary"


def column(name: str, type_: str) -> dict[str, object]:
    rest = {"CatalogName": "hive", "SchemaName": "", "TableName": "", "Nullable": "UNKNOWN"}
    return {**rest, "Name": name, "Label": name, "Type": type_, "CaseSensitive": True}
