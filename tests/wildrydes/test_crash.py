"""SIGKILL of a real processor in the middle of a window, and a restart: the same rows."""

import signal
import time
from pathlib import Path

import pytest

from fleet.clock import Clock
from fleet.settings import CLOCK, process_clock
from tests.wildrydes.landed import in_table, newest_end, on_summary, wait_for_all, wait_for_windows
from tests.wildrydes.running import Running, application, client

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
            before = newest_end(on_summary(kinesis))
            with Running(*processor, clock=clock) as second:
                assert "going on from the snapshot" in second.named("ready")["start"]
                wait_for_windows(kinesis, 2, after=before)
                assert simulator.end() == 0
                expected = wait_for_all(kinesis, dynamodb, SIZE_MS)
                assert second.end() == 0
        rows = in_table(dynamodb)
        assert rows == expected
        # The summary stream may repeat rows, but never holds another row.
        assert sorted(set(on_summary(kinesis))) == rows
