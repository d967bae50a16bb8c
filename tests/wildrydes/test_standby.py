"""A standby takes over from a processor that stops and from one that is killed: the same rows."""

import json
import signal
from pathlib import Path

import pytest

from fleet.settings import CLOCK
from tests.wildrydes.recompute import closed, recompute, row
from tests.wildrydes.running import Running, all_records, application, client, table_rows

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
        with Running("simulator", *unicorns, clock=clock) as simulator:
            with (
                Running(*processor, clock=clock) as first,
                Running(*processor, "--standby", clock=clock) as second,
            ):
                first.event(lambda e: e["event"] == "status" and e["rows_out"] >= 20)
                waiting = second.event(lambda e: e["event"] == "status" and bool(e["waiting"]))
                assert "is at work" in waiting["waiting"]["predecessor"]
                first.send(how)
                first.wait()
                assert "going on from the snapshot" in second.named("ready")["start"]
                second.event(lambda e: e["event"] == "status" and e["rows_out"] >= 40)
                assert second.end() == 0
            assert simulator.end() == 0
        rows = sorted(row(r) for r in table_rows(dynamodb, "UnicornSensorData"))
        expected = recompute(all_records(kinesis, "wildrydes"), SIZE_MS)
        assert rows == closed(expected, rows[-1][1])
        summary = {row(json.loads(r["Data"])) for r in all_records(kinesis, "wildrydes-summary")}
        assert sorted(summary) == rows
