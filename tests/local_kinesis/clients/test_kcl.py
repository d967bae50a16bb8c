"""The Kinesis Client Library as Python programs use it: amazon_kclpy's MultiLangDaemon, which is
the Java library, CBOR over HTTP/2. Its leases are in DynamoDB, at the same URL.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.local_kinesis.clients.program import CREDENTIALS, DEADLINE_S, run, served

if TYPE_CHECKING:
    from types_boto3_kinesis import KinesisClient

pytestmark = pytest.mark.long

# Of 3.2.0, two jars are not where its installation looks for them.
PACKAGE = "amazon_kclpy==3.1.3"
PROCESSOR = Path(__file__).with_name("kcl") / "record_processor.py"
STREAM = APPLICATION = "kcl"
MIDDLE = 2**127

# The default heap is a quarter of the machine.
JAVA = ("java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
DAEMON = (
    "software.amazon.kinesis.multilang.MultiLangDaemon",
    *("--properties-file", "kcl.properties"),
    *("--log-configuration", "logback.xml"),
)
PROPERTIES = {
    "executableName": "kcl/bin/python record_processor.py",
    "processingLanguage": "python",
    "streamName": STREAM,
    "applicationName": APPLICATION,
    "workerId": "worker",
    "regionName": "us-east-1",
    "AwsCredentialsProvider": "DefaultCredentialsProvider",
    "initialPositionInStream": "TRIM_HORIZON",
    # No CloudWatch.
    "metricsLevel": "NONE",
    # How soon it begins with new shards: a minute by default, and ten seconds each.
    "shardSyncIntervalMillis": "1000",
    "leaseAssignmentIntervalMillis": "1000",
    "parentShardPollIntervalMillis": "500",
    # Without it SIGTERM ends the processors unasked.
    "shutdownGraceMillis": "120000",
}
LOGBACK = """<configuration>
  <appender name="err" class="ch.qos.logback.core.ConsoleAppender">
    <target>System.err</target>
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{20} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="err"/></root>
</configuration>
"""


class Writer:
    """Puts records, and remembers which shard took each, and under which number."""

    def __init__(self, client: "KinesisClient") -> None:
        self.client = client
        self.put: dict[str, list[str]] = defaultdict(list)
        self.count = 0

    def write(self, calls: int) -> None:
        for _ in range(calls):
            keys = [f"unicorn-{self.count + place}" for place in range(100)]
            answer = self.client.put_records(
                StreamName=STREAM,
                Records=[{"PartitionKey": key, "Data": key.encode()} for key in keys],
            )
            assert answer["FailedRecordCount"] == 0
            for record in answer["Records"]:
                self.put[record["ShardId"]].append(record["SequenceNumber"])
            self.count += len(keys)

    def active(self) -> None:
        self.client.get_waiter("stream_exists").wait(
            StreamName=STREAM, WaiterConfig={"Delay": 1, "MaxAttempts": 180}
        )


class Worker:
    """A daemon under way in `folder`, and what its processors have written down."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        self.process = process
        self.folder = folder

    def events(self) -> list[dict[str, Any]]:
        """Whole lines only: the last one may be under way."""
        path = self.folder / "events"
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]

    def delivered(self) -> dict[str, list[str]]:
        """The sequence numbers that each shard's processor got, in its order."""
        numbers: dict[str, list[str]] = defaultdict(list)
        for event in self.events():
            if event["event"] == "records":
                numbers[event["shard_id"]].extend(event["sequence_numbers"])
        return dict(numbers)

    def order(self, event: str) -> list[str]:
        """The shards to which something happened, in the order in which it did."""
        return [one["shard_id"] for one in self.events() if one["event"] == event]

    def wait(self, until: Callable[[], bool], seconds: float = 2 * DEADLINE_S) -> None:
        """Fails when the daemon ends or nothing comes."""
        deadline = time.monotonic() + seconds
        while not until():
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "log").read_text()[-6000:]
                pytest.fail(f"the KCL does not go on, code {self.process.poll()}:\n{log}")
            time.sleep(0.1)

    def stop(self) -> None:
        """As an operator stops it: processors are told, leases given back."""
        self.process.terminate()
        self.process.wait(DEADLINE_S)


@contextmanager
def working(folder: Path, url: str, **properties: str) -> Iterator[Worker]:
    members = PROPERTIES | {"kinesisEndpoint": url, "dynamoDBEndpoint": url} | properties
    lines = [f"{name} = {value}\n" for name, value in members.items()]
    (folder / "kcl.properties").write_text("".join(lines))
    (folder / "logback.xml").write_text(LOGBACK)
    (jars,) = folder.glob("kcl/lib/python*/site-packages/amazon_kclpy/jars")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*JAVA, "-cp", f"{jars}/*", *DAEMON],
            cwd=folder,
            env={**os.environ, **CREDENTIALS},
            stdout=log,
            stderr=log,
        )
    try:
        yield Worker(process, folder)
    finally:
        process.kill()
        process.wait(DEADLINE_S)


def client_of(service: str, url: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def shard_id(index: int) -> str:
    return f"shardId-{index:012d}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the library in an environment of its own, `kcl`."""
    folder = tmp_path_factory.mktemp("kcl")
    run([sys.executable, "-m", "venv", "kcl"], folder)
    run(f"kcl/bin/pip install --quiet --disable-pip-version-check {PACKAGE}", folder)
    shutil.copy(PROCESSOR, folder)
    return folder


@pytest.mark.skipif(
    shutil.which("java") is None, reason="needs Java 17: apt-get install openjdk-17-jdk-headless"
)
@pytest.mark.parametrize("mode", ["POLLING", "FANOUT"])
def test_every_record_once_in_order_through_a_split_and_a_merge(installed: Path, mode: str) -> None:
    (installed / "events").unlink(missing_ok=True)
    with served(kinesis_only=False) as url:
        client = client_of("kinesis", url)
        client.create_stream(StreamName=STREAM, ShardCount=2)
        writer = Writer(client)
        writer.active()
        writer.write(10)
        with working(installed, url, retrievalMode=mode) as worker:
            worker.wait(lambda: sum(map(len, worker.delivered().values())) == writer.count)
            # 0 becomes 2 and 3; then 3 and its neighbour 1, which is older, become 4.
            writer.write(10)
            client.split_shard(
                StreamName=STREAM,
                ShardToSplit=shard_id(0),
                NewStartingHashKey=str(MIDDLE // 2),
            )
            writer.active()
            writer.write(10)
            client.merge_shards(
                StreamName=STREAM,
                ShardToMerge=shard_id(3),
                AdjacentShardToMerge=shard_id(1),
            )
            writer.active()
            writer.write(10)
            worker.wait(lambda: sum(map(len, worker.delivered().values())) >= writer.count)
            worker.stop()
        assert sorted(writer.put) == [shard_id(index) for index in range(5)]
        assert worker.delivered() == writer.put
        ended, started = worker.order("ended"), worker.order("started")
        assert sorted(ended) == [shard_id(index) for index in (0, 1, 3)]
        assert sorted(started) == [shard_id(index) for index in range(5)]
        assert sorted(worker.order("stopped")) == [shard_id(2), shard_id(4)]
        for parent, child in ((0, 2), (0, 3), (1, 4), (3, 4)):
            happened = [(one["event"], one["shard_id"]) for one in worker.events()]
            ending = happened.index(("ended", shard_id(parent)))
            assert ending < happened.index(("started", shard_id(child))), (parent, child)
        arn = client.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"][
            "StreamARN"
        ]
        consumers = client.list_stream_consumers(StreamARN=arn)["Consumers"]
        assert len(consumers) == (mode == "FANOUT")
        leases = client_of("dynamodb", url).scan(TableName=APPLICATION)["Items"]
        checkpoints = {lease["leaseKey"]["S"]: lease["checkpoint"]["S"] for lease in leases}
        for index in (2, 4):
            assert checkpoints[shard_id(index)] == writer.put[shard_id(index)][-1]
