"""Scripts run against a local endpoint, as the command runs them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from fleet.settings import AwsSettings
from labs.lab_run import LabRun
from labs.redshift.duckdb_warehouse import DuckDbWarehouse
from labs.redshift.lab import DATABASE, run
from labs.redshift.warehouse import Warehouse
from labs.report import Report
from local_kinesis.endpoint import LocalEndpoint

STARTED = datetime(2026, 1, 2, 3, 4, 5)


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def endpoint(runner: asyncio.Runner) -> Iterator[LocalEndpoint]:
    """One for all tests, which cost a second each otherwise; it serves while a script runs."""
    endpoint = LocalEndpoint()
    runner.run(endpoint.__aenter__())
    yield endpoint
    runner.run(endpoint.__aexit__(None, None, None))


@pytest.fixture
def run_script(
    tmp_path: Path, runner: asyncio.Runner, endpoint: LocalEndpoint
) -> Callable[..., Report]:
    """Runs a script over files (name -> bytes), on DuckDB unless told otherwise; without a script
    the lab's own."""

    def run_script(
        script: str | None = None,
        files: dict[str, bytes] | None = None,
        warehouse: Warehouse | None = None,
        data: Path | None = None,
    ) -> Report:
        path = None
        if script is not None:
            path = tmp_path / "script.sql"
            path.write_text(script, encoding="utf-8")
        if files is not None:
            data = tmp_path / "files"
            data.mkdir(exist_ok=True)
            for name, body in files.items():
                (data / name).write_bytes(body)
        settings = AwsSettings(endpoint.url, "us-east-1")
        lab_run = LabRun(out=tmp_path, say=lambda _: None, data=data)
        with closing(warehouse or DuckDbWarehouse(tmp_path / DATABASE)) as used:
            return runner.run(run(lab_run, settings, used, STARTED, path))

    return run_script


def answers(report: Report) -> list[list[list[Any]]]:
    """The rows of each query."""
    return [query["rows"] for query in report.results["queries"]]
