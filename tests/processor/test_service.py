"""Health, readiness and metrics, asked over HTTP."""

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from fleet.clock import ManualClock
from fleet.errors import ConfigError
from processor.progress import Progress, TableProgress
from processor.service import Service

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def progress() -> Progress:
    return Progress()


@pytest.fixture
async def url(progress: Progress) -> AsyncIterator[str]:
    clock = ManualClock(1_767_225_660_000)
    async with Service(web.Application(), "127.0.0.1", 0, progress, clock) as service:
        yield service.url


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_health_is_about_this_process_alone(url: str, progress: Progress) -> None:
    progress.waiting["dynamodb"] = "table is throttled"
    assert (await get(url + "healthz"))[0] == 200


async def test_ready_when_it_reads_and_waits_for_nothing(url: str, progress: Progress) -> None:
    assert (await get(url + "readyz"))[0] == 503
    progress.running = True
    assert (await get(url + "readyz"))[0] == 200
    progress.waits("dynamodb")("table UnicornSensorData: throttled", 0.2)
    status, body = await get(url + "readyz")
    assert status == 503
    assert "table UnicornSensorData: throttled" in body
    progress.went_on("dynamodb")
    assert (await get(url + "readyz"))[0] == 200


async def test_metrics(url: str, progress: Progress) -> None:
    progress.records_in = 120
    progress.saved_ms = 1_767_225_658_500
    progress.waiting["archive"] = "S3 does not answer"
    _, body = await get(url + "metrics")
    lines = body.splitlines()
    assert "wildrydes_records_in_total 120.0" in lines
    assert "wildrydes_snapshot_age_ms 1500.0" in lines
    assert 'wildrydes_waiting{part="archive"} 1.0' in lines


async def test_metrics_of_reference_tables(url: str, progress: Progress) -> None:
    progress.tables["ZONES"] = TableProgress("zones.csv", 3, exchanges=2)
    progress.tables["HERDS"] = TableProgress("herds.csv", 1, failure="herds.csv is gone")
    lines = (await get(url + "metrics"))[1].splitlines()
    assert 'wildrydes_table_rows{table="ZONES"} 3.0' in lines
    assert 'wildrydes_table_exchanges_total{table="ZONES"} 2.0' in lines
    assert 'wildrydes_table_stale{table="ZONES"} 0.0' in lines
    assert 'wildrydes_table_stale{table="HERDS"} 1.0' in lines


async def test_every_metric_is_documented(url: str) -> None:
    _, body = await get(url + "metrics")
    names = set(re.findall(r"^# TYPE (\w+) ", body, re.MULTILINE))
    assert len(names) >= 11
    documented = (ROOT / "docs/operations.md").read_text()
    assert {name for name in names if f"`{name}`" not in documented} == set()


async def test_a_taken_port_is_a_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is taken"):
            async with Service(web.Application(), "127.0.0.1", port, Progress(), ManualClock()):
                pass
