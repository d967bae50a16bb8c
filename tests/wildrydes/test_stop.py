"""A stop while a sink is down is given up in time, and says what is left for the next start."""

import json
import urllib.request
from pathlib import Path

from fleet.settings import CLOCK
from tests.wildrydes.landed import in_table, wait_for_all
from tests.wildrydes.running import Running, application, client

SIZE_MS = 5000
CUT_SHORT = 5


def break_dynamodb(url: str) -> None:
    fault = {"kind": "internal_failure", "service": "dynamodb"}
    headers = {"Content-Type": "application/json"}
    body = json.dumps(fault).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}/_local/faults", body, headers)).close()


def mend(url: str) -> None:
    request = urllib.request.Request(f"{url}/_local/faults", method="DELETE")
    urllib.request.urlopen(request).close()


def test_a_stop_that_is_cut_short_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with Running("local", "--port", "0", "--time-scale", "5") as local:
        ready = local.named("ready")
        url, clock = ready["url"], ready["environment"][CLOCK]
        words = ["processor", "--app", str(application("five_seconds")), "--data", str(tmp_path)]
        words += ["--create-missing", "--endpoint-url", url, "--port", "0"]
        unicorns = ["--unicorns", "5", "--seed", "7", "--create-stream", "--endpoint-url", url]
        with Running("simulator", *unicorns, clock=clock) as simulator:
            with Running(*words, clock=clock) as first:
                first.event(lambda e: e["event"] == "status" and e["rows_out"] >= 5)
                break_dynamodb(url)
                first.event(lambda e: e["event"] == "status" and "dynamodb" in e["waiting"])
                assert first.end() == CUT_SHORT
            mend(url)
            assert "not finished 4 s after the stop" in first.errors
            assert "waiting for dynamodb: table UnicornSensorData" in first.errors
            assert "nothing is lost" in first.errors
            assert simulator.end() == 0
            with Running(*words, clock=clock) as second:
                kinesis, dynamodb = client("kinesis", url), client("dynamodb", url)
                assert wait_for_all(kinesis, dynamodb, SIZE_MS) == in_table(dynamodb)
                assert second.end() == 0
