"""One archive, one query, two engines: ours, and an endpoint with Athena's API (ministack).

ministack takes the table's statement as it is, SerDe and projection, and runs SELECTs with DuckDB
in its own dialect: JSON's types are what it finds and not what the statement says, and `/` is not
Trino's. So the archive here has nothing but readings, and the queries divide nothing.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.sinks.archived import AS_JSON, AS_PARQUET, Sent, history, objects_of, reading
from tests.wildrydes.running import DEADLINE_S, client
from wildrydes.cli import main
from wildrydes.reserved_port import reserved_port

pytestmark = pytest.mark.long

VERSION = "1.5.33"
QUERIES = (
    "SELECT hour, name, sum(distance) AS metres, count(*) AS readings FROM wildrydes "
    "WHERE hour < 2 GROUP BY hour, name ORDER BY hour, name",
    "SELECT count(*) AS n, min(magicpoints) AS least, avg(latitude) AS north FROM wildrydes",
    "SELECT name, max(distance) AS longest FROM wildrydes WHERE year = 2026 AND month = 1 "
    "AND day = 1 AND hour = 0 GROUP BY name ORDER BY longest DESC LIMIT 3",
)


@contextmanager
def ministack(folder: Path, port: int) -> Iterator[str]:
    """Its URL, once it answers; it pins an older botocore, so it has an environment of its own."""
    python = folder / "environment" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(folder / "environment")], check=True)
    packages = [f"ministack=={VERSION}", "duckdb"]
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, *packages], check=True)
    # Its own command listens on every address of the machine.
    server = subprocess.Popen(
        [str(python), "-m", "hypercorn", "ministack.app:app", "--bind", f"127.0.0.1:{port}"],
        env={**os.environ, "GATEWAY_PORT": str(port)},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert server.poll() is None, "ministack ended"
                assert time.monotonic() < deadline, "ministack does not listen"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(DEADLINE_S)


def only_readings() -> dict[str, list[Sent]]:
    return {
        shard_id: [
            replace(
                record,
                data=reading(record.partition_key, "2026-01-01 00:00:00.000", 20 + place / 16),
            )
            for place, record in enumerate(records)
        ]
        for shard_id, records in history(1).items()
    }


def test_both_engines_give_the_same_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as left:
            main(["query", *arguments])
        output, errors = capfd.readouterr()
        assert left.value.code == 0, errors
        return output

    with reserved_port() as port, ministack(tmp_path, port) as url:
        for settings in (AS_JSON, AS_PARQUET):
            check_one(url, settings.format, objects_of(only_readings(), settings), run)


def check_one(url: str, form: str, objects: dict[str, bytes], run: Callable[..., str]) -> None:
    s3, bucket = client("s3", url), f"archive-{form}"
    for name in (bucket, "results"):
        s3.create_bucket(Bucket=name)
    identity = {"format": form, "object_bytes": 2000, "window_ms": 60_000}
    s3.put_object(Bucket=bucket, Key="archive.json", Body=json.dumps(identity).encode())
    for key, body in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    client("glue", url).create_database(DatabaseInput={"Name": f"rides_{form}"})
    here = ("--endpoint-url", url, "--archive-bucket", bucket)
    there = (
        *("--endpoint-url", url, "--athena", "--output-location", "s3://results/"),
        *("--database", f"rides_{form}"),
    )
    assert run(*there, run(*here, "--ddl", "athena")) == ""
    for query in QUERIES:
        ours = [json.loads(line) for line in run(*here, "--format", "json", query).splitlines()]
        theirs = [json.loads(line) for line in run(*there, "--format", "json", query).splitlines()]
        assert ours
        assert lower(theirs) == [pytest.approx(row) for row in ours]


def lower(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Athena's names are lower case; ministack's are as the file has them."""
    return [{name.lower(): value for name, value in row.items()} for row in rows]
