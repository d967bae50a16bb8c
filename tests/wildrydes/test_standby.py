"""A standby takes over from a processor that stops and from one that is killed: the same rows."""

import signal
from pathlib import Path

import pytest

from fleet.settings import CLOCK
from tests.wildrydes.landed import in_table, newest_end, on_summary, wait_for_all, wait_for_windows
from tests.wildrydes.running import Running, application, client

SIZE_MS = 5000


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_standby_takes_over(tmp_path: Path, how: signal.Signals) -> None:
    app = str(application("five_seconds"))
    with Running("local", "--port", "0", "--time-scale", "5") as local:
        ready = local.named("ready")
        url, clock = ready["url"], ready["environment"][CLOCK]
        kinesis, dynamodb = client("kinesis", url), client("dynamodb", url)
        kinesis.create_stream(StreamName="wildrydes", ShardCount=2)
        processor = ["processor", "--app", app, "--data", str(tmp_path), "--create-missing"]
        processor += ["--endpoint-url", url, "--port", "0"]
        unicorns = ["--unicorns", "20", "--seed", "7", "--rate", "2", "--endpoint-url", url]
        with (
            Running("simulator", *unicorns, clock=clock) as simulator,
            Running(*processor, clock=clock) as first,
        ):
            # Of two that begin at once nobody knows which one has to wait.
            first.named("ready")
            with Running(*processor, "--standby", clock=clock) as second:
                waiting = second.event(lambda e: e["event"] == "status" and bool(e["waiting"]))
                assert "is at work" in waiting["waiting"]["predecessor"]
                first.event(lambda e: e["event"] == "status" and e["rows_out"] > 0)
                first.send(how)
                first.wait()
                before = newest_end(on_summary(kinesis))
                assert "going on from the snapshot" in second.named("ready")["start"]
                wait_for_windows(kinesis, 2, after=before)
                assert simulator.end() == 0
                expected = wait_for_all(kinesis, dynamodb, SIZE_MS)
                assert second.end() == 0
        rows = in_table(dynamodb)
        assert rows == expected
        assert sorted(set(on_summary(kinesis))) == rows
