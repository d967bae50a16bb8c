"""SIGSTOP of a processor, the start of another, SIGCONT: the older one writes not one row more, on
whatever store the two have in common.
"""

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from fleet.settings import CLOCK
from tests.wildrydes.landed import in_table, newest_end, on_summary, wait_for_all, wait_for_windows
from tests.wildrydes.recompute import Row
from tests.wildrydes.running import Running, application, client, wait_until

SIZE_MS = 5000
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
        unicorns = ["--unicorns", "20", "--seed", "7", "--rate", "2", "--endpoint-url", url]
        # Each on a machine of its own: all they share is the store.
        with (
            Running("simulator", *unicorns, clock=clock_text) as simulator,
            Running(*processor, "--data", str(tmp_path / "one"), clock=clock_text) as older,
        ):
            older.event(lambda e: e["event"] == "status" and e["rows_out"] > 0)
            before = pause_between_writes(older, simulator, kinesis, dynamodb)
            newer_data = str(tmp_path / "two")
            with Running(*processor, "--data", newer_data, clock=clock_text) as newer:
                assert "going on from the snapshot" in newer.named("ready")["start"]
                wait_for_windows(kinesis, 1, after=newest_end(before))
                repeated = repeats(kinesis)
                older.send(signal.SIGCONT)
                assert older.wait() == SUPERSEDED
                # It finds out by the store, or by the table if a write was still under way.
                assert "epoch" in older.errors
                # Nobody but the newer one is left who could write these.
                wait_for_windows(kinesis, 2, after=newest_end(on_summary(kinesis)))
                assert simulator.end() == 0
                expected = wait_for_all(kinesis, dynamodb, SIZE_MS)
                assert newer.end() == 0
                written = json.loads(newer.rest()[-1])["rows_out"]
        rows = in_table(dynamodb)
        assert rows == expected
        # A stream takes whatever is put, so the older one has put nothing more. What the newer one
        # repeated at its start is the window that was written and not yet in a snapshot.
        assert repeats(kinesis) == repeated
        assert repeated in ([], [row for row in before if row[1] == newest_end(before)])
        assert on_summary(kinesis) == sorted(rows + repeated)
        # Repeated rows are in the table already: the newer one has written all that came besides.
        assert len(rows) == len(before) + written - len(repeated)


def repeats(kinesis: Any) -> list[Row]:
    """The rows that are on the summary stream more than once, for each time more."""
    found = on_summary(kinesis)
    return sorted((Counter(found) - Counter(set(found))).elements())


def pause_between_writes(
    process: Running, simulator: Running, kinesis: Any, dynamodb: Any
) -> list[Row]:
    """Stops the process when all rows of what was put are written; returns them.

    A row that it was about to put on the summary stream would go there once it goes on: no stream
    holds that off. So the simulator stands still until nothing can be under way.
    """
    simulator.send(signal.SIGSTOP)
    rows = wait_for_all(kinesis, dynamodb, SIZE_MS)
    wait_until("the same on the summary stream", lambda: on_summary(kinesis) == rows)
    process.send(signal.SIGSTOP)
    simulator.send(signal.SIGCONT)
    return rows
