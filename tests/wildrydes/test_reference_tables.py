"""Reference tables of real processes: from S3 and from a file, read again on SIGHUP, with a crash
and a standby in between.
"""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.processor.reference_tables.conftest import SCHEMA, SQL, ZONES
from tests.wildrydes.running import Event, Running, all_records, client, is_made, wait_until

MANIFEST = """
[input]
stream = "readings"
schema = "schema.json"

[[reference]]
name = "ZONES"
source = "s3://stable/maps/zones.csv"
schema = "zones.schema.json"

[[outputs]]
url = "kinesis://zones"
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    home = tmp_path / "app"
    home.mkdir()
    (home / "app.sql").write_text(SQL)
    (home / "application.toml").write_text(MANIFEST)
    (home / "schema.json").write_text(SCHEMA)
    (home / "zones.schema.json").write_text(ZONES)
    return home


class World:
    """A stream in, a stream out, and the object that has the table."""

    def __init__(self, url: str) -> None:
        self.kinesis, self.s3 = client("kinesis", url), client("s3", url)
        self.kinesis.create_stream(StreamName="readings", ShardCount=1)
        self.s3.create_bucket(Bucket="stable")

    def table(self, text: str) -> None:
        self.s3.put_object(Bucket="stable", Key="maps/zones.csv", Body=text.encode())

    def send(self, number: int) -> None:
        data = json.dumps({"K": 1, "N": number}).encode()
        self.kinesis.put_record(StreamName="readings", PartitionKey="a", Data=data)
        wait_until(f"row {number} lands", lambda: number in self.rows())

    def rows(self) -> dict[int, str]:
        """Number -> zone; a row that is there twice is the same one."""
        found: dict[int, str] = {}
        if not is_made(self.kinesis, "zones"):
            return found
        for record in all_records(self.kinesis, "zones"):
            row = json.loads(record["Data"])
            assert found.setdefault(row["N"], row["ZONE"]) == row["ZONE"]
        return found


def has(rows: int) -> Any:
    return lambda e: e["event"] == "table" and e["rows"] == rows


def is_stale(event: Event) -> bool:
    return event["event"] == "status" and "ZONES" in event["tables_stale"]


def is_sound(event: Event) -> bool:
    return event["event"] == "status" and not event["tables_stale"]


@pytest.mark.long
def test_a_table_on_s3_through_hang_ups_a_kill_and_a_standby(app: Path, tmp_path: Path) -> None:
    with Running("local", "--port", "0") as local:
        url = local.named("ready")["url"]
        world = World(url)
        words = ["processor", "--app", str(app), "--data", str(tmp_path), "--create-missing"]
        words += ["--endpoint-url", url, "--port", "0", "--reload", "off"]
        with Running(*words) as early:
            assert early.wait() == 1
        assert "there is no such object" in early.errors
        assert "zones" not in world.kinesis.list_streams()["StreamNames"]
        world.table("1,North\n")
        with Running(*words) as first:
            first.event(has(1))
            world.send(1)
            world.table("1,South\n2,East\n")
            world.send(2)
            first.send(signal.SIGHUP)
            first.event(has(2))
            world.send(3)
            world.table("1,South\nwest,West\n")
            first.send(signal.SIGHUP)
            assert "zones.csv:2:1: " in first.event(is_stale)["tables_stale"]["ZONES"]
            world.send(4)
            first.end(signal.SIGKILL)
        with Running(*words) as refused:
            assert refused.wait() == 1
        assert "zones.csv:2:1: " in refused.errors
        world.table("1,South\n2,East\n")
        with Running(*words) as second:
            # The killed one had saved which rows it had.
            assert "changed since" not in second.named("ready")["start"]
            with Running(*words, "--standby") as standby:
                world.send(5)
                standby.event(lambda e: e["event"] == "status" and "predecessor" in e["waiting"])
                # It does not say which rows it would begin with; what is wrong with them it says.
                for text, told in (("west,West\n", is_stale), ("1,Up\n", is_sound)):
                    world.table(text)
                    standby.send(signal.SIGHUP)
                    standby.event(told)
                assert second.end() == 0
                assert "changed since then: ZONES" in standby.named("ready")["start"]
                world.send(6)
                assert standby.end() == 0
        zones = {1: "North", 2: "North", 3: "South", 4: "South", 5: "South", 6: "Up"}
        assert world.rows() == zones


@pytest.mark.long
def test_up_takes_a_file_and_reads_it_again(app: Path, tmp_path: Path) -> None:
    zones = tmp_path / "zones.csv"
    zones.write_text("1,North\n")
    words = ["--app", str(app), "--reference", f"ZONES={zones}", "--data", str(tmp_path)]
    with Running("up", *words, "--port", "0", "--endpoint-port", "0", "--unicorns", "1") as up:
        up.named("started")
        up.send(signal.SIGHUP)
        up.event(has(1))
        zones.write_text("1,North\n2,South\n")
        up.send(signal.SIGHUP)
        up.event(has(2))
        zones.unlink()
        up.send(signal.SIGHUP)
        assert "zones.csv" in up.event(is_stale)["tables_stale"]["ZONES"]
        assert up.end() == 0
