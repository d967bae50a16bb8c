"""SIGSTOP of a processor, the start of another, SIGCONT: the older one writes not one row more, on
whatever store the two have in common.
"""

import json
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fleet.settings import CLOCK
from tests.wildrydes.recompute import Row, closed, recompute, row
from tests.wildrydes.running import Running, all_records, application, client, table_rows

SIZE_MS = 5000
UNICORNS = 20
SUPERSEDED = 3
"""The exit code."""


@pytest.mark.long
@pytest.mark.parametrize(
    "store", ["folder", "dynamodb://wildrydes-state", "s3://wildrydes-state/a"]
)
def test_a_paused_processor_writes_nothing_more(tmp_path: Path, store: str) -> None:
    place = str(tmp_path / "state") if store == "folder" else store
    with Running("local", "--port", "0", "--time-scale", "5") as local:
        ready = local.named("ready")
        url, clock_text = ready["url"], ready["environment"][CLOCK]
        kinesis, dynamodb = client("kinesis", url), client("dynamodb", url)
        kinesis.create_stream(StreamName="wildrydes", ShardCount=2)
        processor = ["processor", "--app", str(application("five_seconds")), "--create-missing"]
        processor += ["--endpoint-url", url, "--port", "0", "--state-store", place]
        unicorns = [
            "--unicorns",
            str(UNICORNS),
            "--seed",
            "7",
            "--rate",
            "2",
            "--endpoint-url",
            url,
        ]
        # Each on a machine of its own: all they share is the store.
        with (
            Running("simulator", *unicorns, clock=clock_text) as simulator,
            Running(*processor, "--data", str(tmp_path / "one"), clock=clock_text) as older,
        ):
            older.event(lambda e: e["event"] == "status" and e["rows_out"] >= 20)
            before = pause_between_writes(older, kinesis, dynamodb)
            newer_data = str(tmp_path / "two")
            with Running(*processor, "--data", newer_data, clock=clock_text) as newer:
                assert "going on from the snapshot" in newer.named("ready")["start"]
                newer.event(lambda e: e["event"] == "status" and e["rows_out"] >= 40)
                repeated = repeats(kinesis)
                older.send(signal.SIGCONT)
                assert older.wait() == SUPERSEDED
                # It finds out by the store, or by the table if a write was still under way.
                assert "epoch" in older.errors
                newer.event(lambda e: e["event"] == "status" and e["rows_out"] >= 80)
                assert newer.end() == 0
            assert simulator.end() == 0
        rows = sorted(row(r) for r in table_rows(dynamodb, "UnicornSensorData"))
        assert len(rows) >= before + 80
        assert rows == closed(recompute(all_records(kinesis, "wildrydes"), SIZE_MS), rows[-1][1])
        # A stream takes whatever is put, so the older one has put nothing more. What the newer one
        # repeated at its start is the window that was written and not yet in a snapshot.
        assert repeats(kinesis) == repeated
        assert len(repeated) in (0, UNICORNS)
        assert sorted(summary_rows(kinesis)) == sorted(rows + repeated)


def summary_rows(kinesis: Any) -> list[Row]:
    return [row(json.loads(r["Data"])) for r in all_records(kinesis, "wildrydes-summary")]


def repeats(kinesis: Any) -> list[Row]:
    """The rows that are on the summary stream more than once, for each time more."""
    found = summary_rows(kinesis)
    return sorted((Counter(found) - Counter(set(found))).elements())


def pause_between_writes(process: Running, kinesis: Any, dynamodb: Any) -> int:
    """Stops the process while all rows of its windows are written, none half; returns how many."""
    for _ in range(50):
        process.send(signal.SIGSTOP)
        rows = len(table_rows(dynamodb, "UnicornSensorData"))
        if rows % UNICORNS == 0 and rows == len(all_records(kinesis, "wildrydes-summary")):
            return rows
        process.send(signal.SIGCONT)
        time.sleep(0.3)
    raise AssertionError("it is always in the middle of a write")
