"""`wildrydes up` as a user runs it: real processes, and rows recomputed from the raw records."""

import json
import signal
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.timestamp import timestamp_ms, timestamp_text
from tests.wildrydes.recompute import Row, closed, recompute, row
from tests.wildrydes.running import (
    Running,
    all_records,
    application,
    client,
    table_rows,
    wait_until,
)

SUMMARY = "wildrydes-summary"


def check_all_landed(url: str, size_ms: int, unicorns: int) -> int:
    """Rows in DynamoDB and in the summary stream equal those recomputed; returns how many.

    Everything runs on meanwhile, and the newest window may be landing at this moment: the windows
    up to the one that is newest now are compared, once they have as many rows in both places as
    their records make. On a busy machine not every unicorn need have reported in each of them.
    """

    def table() -> list[Row]:
        return [row(r) for r in table_rows(client("dynamodb", url), "UnicornSensorData")]

    def summary() -> list[Row]:
        records = all_records(client("kinesis", url), SUMMARY)
        return [row(json.loads(record["Data"])) for record in records]

    last = max(r[1] for r in table())
    # A window that has rows is over: no more records come for it.
    expected = closed(recompute(all_records(client("kinesis", url), "wildrydes"), size_ms), last)
    for place in (table, summary):
        wait_until(
            f"{len(expected)} rows up to {last} in the {place.__name__}",
            lambda place=place: len(closed(place(), last)) >= len(expected),
        )
        assert closed(place(), last) == expected
    assert len({name for name, *_ in expected}) == unicorns
    return len(expected)


def test_everything_on_one_machine(tmp_path: Path) -> None:
    app = application("five_seconds")
    flags = ["--port", "0", "--endpoint-port", "0", "--data", str(tmp_path), "--app", str(app)]
    fast = ["--time-scale", "5", "--unicorns", "30", "--seed", "1"]
    with Running("up", *flags, *fast) as up:
        url = up.named("started")["endpoint_url"]
        # Two whole windows and the part of one before them.
        up.event(lambda e: e["event"] == "status" and e["rows_landed"] >= 90)
        assert check_all_landed(url, 5000, 30) >= 90
        assert up.end(signal.SIGINT) == 0
        stopped = json.loads(up.rest()[-1])
    assert stopped["event"] == "stopped"
    assert stopped["readings_sent"] == stopped["readings_in"] > 0
    assert stopped["rows_landed"] >= 90
    assert stopped["dead_letters"] == 0
    assert "snapshot" in stopped["summary"]
    # Nothing listens any more, and the snapshot waits for the next start.
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0
    assert (tmp_path / "up/processor/five_seconds/snapshot").exists()

    with Running("up", *flags, "--unicorns", "1") as again:
        ready = again.named("ready")
        assert "gone" in ready["start"]
        assert "set aside" in ready["start"]
        assert again.end() == 0


@pytest.mark.long
def test_minutes_that_pass_in_a_second(tmp_path: Path) -> None:
    """The workshop's own application: every process has the same fast clock, or its minutes would
    not close, nor its readings belong to them.
    """
    began_ms = time.time() * 1000
    flags = ["--port", "0", "--endpoint-port", "0", "--data", str(tmp_path)]
    with Running("up", *flags, "--time-scale", "60", "--unicorns", "5", "--seed", "1") as up:
        url = up.named("started")["endpoint_url"]
        assert "export WILDRYDES_CLOCK=60@" in up.named("message")["text"]
        up.event(lambda e: e["event"] == "status" and e["rows_landed"] >= 10)
        assert check_all_landed(url, 60_000, 5) >= 10
        newest = all_records(client("kinesis", url), "wildrydes")[-1]
        arrived_ms = newest["ApproximateArrivalTimestamp"].timestamp() * 1000
        passed_ms = time.time() * 1000 - began_ms
        # The rows are of two windows, so a minute has passed; never more than the clock gives.
        assert max(60_000, passed_ms) < arrived_ms - began_ms <= passed_ms * 60
        stamped_ms = timestamp_ms(json.loads(newest["Data"])["StatusTime"])
        assert began_ms + passed_ms < stamped_ms <= arrived_ms
        assert up.end(signal.SIGINT) == 0
        stopped = json.loads(up.rest()[-1])
    assert stopped["readings_sent"] == stopped["readings_in"] > 0


@pytest.mark.parametrize("flag", ["--port", "--endpoint-port"])
def test_a_taken_port_is_a_clear_error(tmp_path: Path, flag: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with Running("up", flag, port, "--data", str(tmp_path)) as up:
            assert up.wait() == 1
            assert up.rest() == []
    assert f"port {port} on 127.0.0.1" in up.errors
    assert flag in up.errors
    assert "Traceback" not in up.errors


@pytest.mark.long
def test_a_full_minute_of_fifty_unicorns(tmp_path: Path) -> None:
    """The workshop's own application and its own minutes, as printed in the README."""
    flags = ["--port", "0", "--endpoint-port", "0", "--data", str(tmp_path)]
    with Running("up", *flags, "--for", "75", "--unicorns", "50") as up:
        url = up.named("started")["endpoint_url"]
        up.event(lambda e: e["event"] == "status" and e["rows_landed"] >= 50)
        landed = timestamp_text(int(datetime.now(UTC).timestamp() * 1000))
        assert check_all_landed(url, 60_000, 50) >= 50
        rows = table_rows(client("dynamodb", url), "UnicornSensorData")
        minute = max(found["StatusTime"] for found in rows)
        assert minute[:16] == landed[:16], "the rows landed within the minute after theirs"
        assert up.wait() == 0
