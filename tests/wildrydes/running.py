"""A command of the program as a real process, with its JSON lines read as they come."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from fleet.settings import CLOCK

Event = dict[str, Any]
DEADLINE_S = 300.0
"""No event in this time is a failure; far beyond what any step takes, on a busy machine too."""


class Running:
    """`with Running("processor", ...) as process:`; ends the process when the block is left."""

    def __init__(
        self,
        *arguments: str,
        json_lines: bool = True,
        clock: str = "",
        program: Sequence[str] = ("-m", "wildrydes"),
    ) -> None:
        """`clock`: see fleet.settings.CLOCK. `program`: what Python runs."""
        command = [sys.executable, *program, *arguments]
        self._process = subprocess.Popen(
            [*command, "--json"] if json_lines else command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {CLOCK: clock},
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._errors: list[str] = []
        self._threads = [
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    @property
    def process_id(self) -> int:
        """Of the process itself."""
        return self._process.pid

    @property
    def errors(self) -> str:
        """What it wrote to stderr: so far, or all of it once it has ended."""
        if self._process.poll() is not None:
            self._threads[1].join(DEADLINE_S)
        return "".join(self._errors)

    def line(self) -> str:
        """The next line of its output."""
        line = self._lines.get(timeout=DEADLINE_S)
        assert line is not None, f"ended: {self.errors}"
        return line

    def event(self, wanted: Callable[[Event], bool]) -> Event:
        """The first event from now on that is wanted; the others are passed over."""
        deadline_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline_s:
            event: Event = json.loads(self.line())
            if wanted(event):
                return event
        raise AssertionError(f"no such event in {DEADLINE_S} s: {self.errors}")

    def named(self, name: str) -> Event:
        """The next event of this name."""
        return self.event(lambda event: event["event"] == name)

    def send(self, number: signal.Signals) -> None:
        """Sends a signal."""
        self._process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Asks it to end and returns its exit code; what it still prints stays to be read."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Its exit code, once it ends by itself."""
        return self._process.wait(DEADLINE_S)

    def rest(self) -> list[str]:
        """The lines that are left, after the end."""
        lines = []
        while (line := self._lines.get(timeout=DEADLINE_S)) is not None:
            lines.append(line)
        return lines

    def _read_output(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors.append(line)


def client(service: str, url: str) -> Any:
    """A boto3 client: somebody else's, so that what it sees is the truth."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 10, "mode": "standard"}),
    )


def all_records(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    """Every record of every shard, read by boto3."""
    records: list[dict[str, Any]] = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            answer = kinesis.get_records(ShardIterator=iterator)
            records += answer["Records"]
            iterator = answer.get("NextShardIterator")
            if not iterator or (not answer["Records"] and not answer["MillisBehindLatest"]):
                break
    return records


def is_made(kinesis: Any, stream: str) -> bool:
    """Whether a stream is there; one that is being made cannot be read as yet."""
    try:
        answer = kinesis.describe_stream_summary(StreamName=stream)
    except kinesis.exceptions.ResourceNotFoundException:
        return False
    return bool(answer["StreamDescriptionSummary"]["StreamStatus"] != "CREATING")


def table_rows(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    """Every item of a table, as plain values."""
    rows = []
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            rows.append({k: int(v["N"]) if "N" in v else v["S"] for k, v in item.items()})
    return rows


def wait_until(what: str, condition: Callable[[], bool], *, pause_s: float = 0.2) -> None:
    """Waits for a condition that a process brings about."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"not in {DEADLINE_S} s: {what}"
        time.sleep(pause_s)


def application(name: str) -> Path:
    """A SQL file of these tests."""
    return Path(__file__).with_name("applications") / f"{name}.sql"
