"""SIGKILL of a real processor in the middle of a window, and a restart: the same rows."""

import json
import signal
import time
from pathlib import Path

import pytest

from fleet.clock import Clock
from fleet.settings import CLOCK, process_clock
from tests.wildrydes.recompute import closed, recompute, row
from tests.wildrydes.running import Running, all_records, application, client, table_rows

SIZE_MS = 5000


def _wait_for_the_middle_of_a_window(clock: Clock) -> None:
    wait_ms = (SIZE_MS // 2 - clock.now_ms()) % SIZE_MS
    time.sleep(wait_ms / 1000 / clock.scale)


@pytest.mark.long
def test_a_killed_processor_goes_on_with_the_same_rows(tmp_path: Path) -> None:
    app = str(application("five_seconds"))
    with Running("local", "--port", "0", "--time-scale", "5") as local:
        ready = local.named("ready")
        url, clock = ready["url"], ready["environment"][CLOCK]
        kinesis, dynamodb = client("kinesis", url), client("dynamodb", url)
        kinesis.create_stream(StreamName="wildrydes", ShardCount=2)
        processor = ["processor", "--app", app, "--data", str(tmp_path), "--create-missing"]
        processor += ["--endpoint-url", url, "--port", "0"]
        unicorns = ["--unicorns", "20", "--seed", "7", "--rate", "2", "--endpoint-url", url]
        with Running("simulator", *unicorns, clock=clock) as simulator:
            with Running(*processor, clock=clock) as first:
                first.event(lambda e: e["event"] == "status" and e["rows_out"] >= 20)
                _wait_for_the_middle_of_a_window(process_clock({CLOCK: clock}))
                first.send(signal.SIGKILL)
                first.wait()
            before = len(table_rows(dynamodb, "UnicornSensorData"))
            with Running(*processor, clock=clock) as second:
                assert "going on from the snapshot" in second.named("ready")["start"]
                second.event(lambda e: e["event"] == "status" and e["rows_out"] >= 40)
                assert second.end() == 0
            assert simulator.end() == 0
        rows = sorted(row(r) for r in table_rows(dynamodb, "UnicornSensorData"))
        assert len(rows) >= before + 40
        expected = recompute(all_records(kinesis, "wildrydes"), SIZE_MS)
        assert rows == closed(expected, rows[-1][1])
        # The summary stream may repeat rows, but never holds another row.
        summary = {row(json.loads(r["Data"])) for r in all_records(kinesis, "wildrydes-summary")}
        assert sorted(summary) == rows
