"""Event time with real processes, on a machine whose clock lies."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fleet.timestamp import timestamp_text
from sinks.dead_letter_log import read_letters
from tests.wildrydes.kinesis_endpoint import kinesis_endpoint
from tests.wildrydes.running import (
    Running,
    all_records,
    application,
    client,
    is_made,
    wait_until,
)

LIES = str(Path(__file__).with_name("lying_clock.py"))
# Seconds of event time in the order of arrival, the lateness being 5: 1 and 14 are late.
EVENTS_S = (0, 7, 3, 1, 20, 14, 16, 40)
IN_TIME = {5: 2, 10: 1, 20: 1, 25: 1, 45: 1}
"""Second of a window's end -> readings in it."""
CORRECTED = {5: 3, 10: 1, 15: 1, 20: 1, 25: 1, 45: 1}
HASH_KEYS = ("0", str(1 << 127))
"""One of each of two shards."""


def _put(kinesis: Any, start_ms: int) -> None:
    for name, hash_key in zip("ab", HASH_KEYS, strict=True):
        # The last is of now: it closes the windows before it.
        for event_ms in (*(start_ms + s * 1000 for s in EVENTS_S), time.time_ns() // 1_000_000):
            reading = {"Name": name, "StatusTime": timestamp_text(event_ms), "Distance": 1}
            points = {"MagicPoints": 1, "HealthPoints": 1}
            data = json.dumps(reading | points).encode()
            kinesis.put_record(
                StreamName="wildrydes", Data=data, PartitionKey=name, ExplicitHashKey=hash_key
            )


def _rows(kinesis: Any, stream: str) -> dict[tuple[str, str], int]:
    """(name, time) -> distance; of a row that was written again the last counts."""
    if not is_made(kinesis, stream):
        return {}
    rows = [json.loads(record["Data"]) for record in all_records(kinesis, stream)]
    return {(row["Name"], row["StatusTime"]): row["Distance"] for row in rows}


@pytest.mark.long
def test_late_records_whatever_the_clock_says(tmp_path: Path) -> None:
    with kinesis_endpoint() as url:
        kinesis = client("kinesis", url)
        kinesis.create_stream(StreamName="wildrydes", ShardCount=2)
        wait_until("stream", lambda: len(kinesis.list_shards(StreamName="wildrydes")["Shards"]) > 1)
        start_ms = (time.time_ns() // 1_000_000 - 50_000) // 5000 * 5000
        _put(kinesis, start_ms)
        for late, windows in (("error-stream", IN_TIME), ("correct", CORRECTED)):
            expected = {
                (name, timestamp_text(start_ms + end_s * 1000)): readings
                for name in "ab"
                for end_s, readings in windows.items()
            }
            arguments = ["processor", "--app", str(application("five_seconds"))]
            arguments += ["--event-time", "StatusTime", "--lateness", "5s", "--late", late]
            arguments += ["--sinks", "kinesis", "--summary-stream", late, "--create-missing"]
            arguments += ["--endpoint-url", url, "--port", "0", "--data", str(tmp_path / late)]
            with Running(*arguments, program=[LIES]) as processor:
                wait_until(late, lambda: _rows(kinesis, late) == expected)  # noqa: B023
                assert processor.end() == 0
            assert _rows(kinesis, late) == expected
            file = tmp_path / late / "processor/five_seconds/dead-letter.jsonl"
            reasons = [stored.letter.reason.split(":")[0] for stored in read_letters(file)]
            lost = {"late by 1,000 ms": 4} if late == "error-stream" else {}
            assert Counter(reasons) == lost
