"""What a record costs the server: `python bench/local_kinesis.py`, a minute or two, nothing
asserted.

Each server is a process of its own that tells how much CPU time it has used so far, user and
system, all threads; the client is raw sockets with requests made beforehand, so that what is
measured is the server alone. A round is 40,000 records of 190 bytes in PutRecords of 500, over 4
shards and 1,000 partition keys, read back in GetRecords of 1,000. "Filled" is the same after
`--fill` records more. moto is asked for less, or it would take all day. `--also FILE` measures
another server beside them: a Python file that serves Kinesis on the port given as its argument.
Ratios hold on any machine, absolute figures do not.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import logging
import os
import runpy
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

SHARDS = 4
KEYS = 1000
BATCH = 500
STREAM = "bench"
DATA = base64.b64encode(b"u" * 190).decode()
IDLE_CONNECTIONS = 1000
SINGLE_PUTS = 1000
DELIVERIES = 200
PAGES = 10
FILL_RECORDS = 1_000_000
CONNECT_S = 10.0
WIDTH = 110


@dataclass(frozen=True, slots=True)
class Load:
    """How much one server is asked to do."""

    title: str
    server: str
    """What --serve takes."""
    round_records: int
    fill_records: int


class Server:
    """A server process, and one connection to it."""

    def __init__(self, name: str) -> None:
        # -P: this file's folder must not be searched, the file has the name of what it measures.
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, "--serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line())
        # moto's server closes the connection after each answer.
        self._keep_alive = name != "moto"
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Ends it."""
        if self._socket:
            self._socket.close()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def usage(self) -> tuple[float, float]:
        """CPU seconds used so far, and megabytes resident now."""
        return self._ask("usage")

    def loop_held_ms(self) -> tuple[float, float]:
        """The longest that its event loop was held since this was last asked, and the most CPU time
        in between; of this endpoint alone.
        """
        return self._ask("held")

    def _ask(self, question: str) -> tuple[float, float]:
        assert self._process.stdin
        print(question, file=self._process.stdin, flush=True)
        first, second = self._line().split()
        return float(first), float(second)

    def connect(self) -> socket.socket:
        """A new connection; waits for a server that is not up yet."""
        deadline = time.monotonic() + CONNECT_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port))
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def call(self, operation: str, **members: object) -> dict[str, object]:
        """One operation."""
        body = self.send(request(operation, **members))
        return json.loads(body) if body else {}

    def send(self, message: bytes) -> bytes:
        """One request; the body of its answer."""
        if self._socket is None:
            self._socket = self.connect()
        self._socket.sendall(message)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._socket.recv(1 << 18)
        head = received[:end].decode("latin-1").lower()
        assert head.split()[1] == "200", received
        size = int(head.partition("content-length:")[2].split("\r\n")[0])
        while len(received) < end + 4 + size:
            received += self._socket.recv(1 << 18)
        if not self._keep_alive:
            self._socket.close()
            self._socket = None
        return bytes(received[end + 4 :])

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def request(operation: str, **members: object) -> bytes:
    """An HTTP request as an AWS SDK sends it."""
    body = json.dumps(members).encode()
    head = (
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"X-Amz-Target: Kinesis_20131202.{operation}\r\n"
        "Content-Type: application/x-amz-json-1.1\r\nUser-Agent: bench\r\n"
        "X-Amz-Date: 20260101T000000Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kinesis/aws4_request, "
        "SignedHeaders=host, Signature=0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def put_requests(keys: int) -> list[bytes]:
    """Batches that together hold every partition key once."""
    return [
        request(
            "PutRecords",
            StreamName=STREAM,
            Records=[
                {"Data": DATA, "PartitionKey": f"Unicorn-{number}"}
                for number in range(start, start + BATCH)
            ],
        )
        for start in range(0, keys, BATCH)
    ]


def put(server: Server, records: int, keys: int = KEYS) -> float:
    """Puts; returns the server's CPU microseconds a record."""
    batches = put_requests(keys)
    before, _ = server.usage()
    for number in range(records // BATCH):
        server.send(batches[number % len(batches)])
    return (server.usage()[0] - before) / records * 1e6


def first_iterator(server: Server) -> object:
    """Of the oldest record of the first shard."""
    answer = server.call(
        "GetShardIterator",
        StreamName=STREAM,
        ShardId="shardId-000000000000",
        ShardIteratorType="TRIM_HORIZON",
    )
    return answer["ShardIterator"]


def get(server: Server, records: int, limit: int) -> float:
    """Reads a shard's oldest records, `limit` at a time; returns the server's CPU microseconds for
    each.
    """
    iterator = first_iterator(server)
    read, before = 0, server.usage()[0]
    while read < records:
        page = server.call("GetRecords", ShardIterator=iterator, Limit=limit)
        assert page["Records"], "there are fewer records than were put"
        read += len(page["Records"])
        iterator = page["NextShardIterator"]
    return (server.usage()[0] - before) / read * 1e6


def whole_page(server: Server) -> float:
    """GetRecords of as many records as there may be; returns the server's CPU milliseconds."""
    message = request("GetRecords", ShardIterator=first_iterator(server), Limit=10_000)
    before, _ = server.usage()
    for _ in range(PAGES):
        page = server.send(message)
    assert page.count(b'"SequenceNumber"') == 10_000
    return (server.usage()[0] - before) / PAGES * 1000


def put_one(server: Server) -> float:
    """PutRecord; returns the server's CPU microseconds for each."""
    message = request("PutRecord", StreamName=STREAM, Data=DATA, PartitionKey="Unicorn-1")
    before, _ = server.usage()
    for _ in range(SINGLE_PUTS):
        server.send(message)
    return (server.usage()[0] - before) / SINGLE_PUTS * 1e6


def json_bytes(server: Server) -> float:
    """How long a record is in the JSON of GetRecords."""
    page = server.send(request("GetRecords", ShardIterator=first_iterator(server), Limit=1000))
    count = len(json.loads(page)["Records"])
    return (len(page) - page.index(b"[")) / count


def measure(load: Load) -> dict[str, float]:
    """All figures of one server that every server has."""
    figures: dict[str, float] = {}
    with contextlib.closing(Server(load.server)) as server:
        server.call("CreateStream", StreamName=STREAM, ShardCount=SHARDS)
        put(server, 1000)
        _, empty_mb = server.usage()
        figures["put, empty, µs"] = put(server, load.round_records)
        per_shard = load.round_records // SHARDS // 2
        figures["get, empty, µs"] = get(server, per_shard, 1000)
        put(server, load.fill_records)
        _, filled_mb = server.usage()
        kept = load.fill_records + load.round_records
        each_bytes = (filled_mb - empty_mb) * 2**20 / kept
        figures["memory of a record, bytes"] = each_bytes
        figures["- beyond its JSON, bytes"] = each_bytes - json_bytes(server)
        figures["put, filled, µs"] = put(server, load.round_records)
        figures["put, no key twice, µs"] = put(server, load.round_records, keys=load.round_records)
        figures["get, filled, µs"] = get(server, per_shard, 1000)
        figures["10,000 records in one answer, ms"] = whole_page(server)
        figures["PutRecord, µs"] = put_one(server)
    return figures


def measure_ours() -> dict[str, float]:
    """The figures that only this endpoint has."""
    figures: dict[str, float] = {}
    with contextlib.closing(Server("wildrydes")) as server:
        server.call("CreateStream", StreamName=STREAM, ShardCount=1)
        figures["1,000 idle connections, MB"] = idle_mb(server)
        delivered_ms = sorted(deliveries_ms(server))
        figures["SubscribeToShard, put to event, ms"] = statistics.median(delivered_ms)
        figures["- 99 of 100 in, ms"] = delivered_ms[len(delivered_ms) * 99 // 100]
        put(server, 10_000)
        message = request("GetRecords", ShardIterator=first_iterator(server), Limit=10_000)
        held = []
        for _ in range(PAGES):
            server.loop_held_ms()
            server.send(message)
            held.append(server.loop_held_ms())
        wall_ms, cpu_ms = (statistics.median(each) for each in zip(*held, strict=True))
        figures["10,000 records hold the loop, ms"] = wall_ms
        figures["- of it CPU time, ms"] = cpu_ms
    return figures


def idle_mb(server: Server) -> float:
    """Megabytes that 1,000 connections take that ask nothing."""
    _, before = server.usage()
    with contextlib.ExitStack() as stack:
        for _ in range(IDLE_CONNECTIONS):
            stack.enter_context(server.connect())
        server.call("ListStreams")
        return server.usage()[1] - before


def deliveries_ms(server: Server) -> Iterator[float]:
    """For each of many PutRecords the milliseconds until a subscriber has the record."""
    summary = server.call("DescribeStreamSummary", StreamName=STREAM)["StreamDescriptionSummary"]
    made = server.call(
        "RegisterStreamConsumer", StreamARN=summary["StreamARN"], ConsumerName="bench"
    )
    subscribe = request(
        "SubscribeToShard",
        ConsumerARN=made["Consumer"]["ConsumerARN"],
        ShardId="shardId-000000000000",
        StartingPosition={"Type": "LATEST"},
    )
    with server.connect() as events:
        events.sendall(subscribe)
        received = b""
        while b"MillisBehindLatest" not in received:
            received += events.recv(1 << 16)
        for number in range(DELIVERIES):
            mark = base64.b64encode(b"delivery %08d" % number)
            message = request(
                "PutRecord", StreamName=STREAM, Data=mark.decode(), PartitionKey="Unicorn-1"
            )
            started = time.perf_counter()
            server.send(message)
            received = b""
            while mark not in received:
                received += events.recv(1 << 16)
            yield (time.perf_counter() - started) * 1000


def serve(name: str) -> None:
    """The server side: prints its port, then answers what it is asked."""
    if name == "moto":
        # It would log every request.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        from moto.server import ThreadedMotoServer

        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        report(moto.get_host_and_port()[1])
    elif name in ("wildrydes", "wildrydes --data"):
        import uvloop

        with tempfile.TemporaryDirectory() as folder:
            uvloop.run(serve_ours(Path(folder) if "--data" in name else None))
    else:
        serve_file(name)


async def serve_ours(data: Path | None) -> None:
    """This endpoint, for as long as it is asked; with `data` everything is kept there."""
    from local_kinesis import LocalEndpoint

    held = LoopHeld()
    async with LocalEndpoint(kinesis_only=True, memory_max_bytes=8 << 30, data=data) as endpoint:
        await asyncio.to_thread(report, endpoint.port, held)


def serve_file(path: str) -> None:
    """Another server: a Python file that takes a port as its argument and never returns."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]

    def until_asked_to_end() -> None:
        report(port)
        os._exit(0)

    threading.Thread(target=until_asked_to_end, daemon=True).start()
    sys.argv = [path, str(port)]
    os.environ["UVLOOP"] = "1"
    runpy.run_path(path, run_name="__main__")


class LoopHeld:
    """How long the event loop let somebody wait who would be called every half millisecond.

    It watches from a question until the next, so that at other times it costs nothing.
    """

    INTERVAL_S = 0.0005

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._watches = False
        self._due_s = self._cpu_s = 0.0
        self._longest_s = self._longest_cpu_s = 0.0

    def take_ms(self) -> tuple[float, float]:
        """The longest wait since the last question, and the most CPU time that was spent in one; it
        begins anew. To be called from another thread.
        """
        return asyncio.run_coroutine_threadsafe(self._take(), self._loop).result()

    async def _take(self) -> tuple[float, float]:
        longest_ms = self._longest_s * 1000, self._longest_cpu_s * 1000
        self._longest_s = self._longest_cpu_s = 0.0
        self._watches = not self._watches
        if self._watches:
            self._again()
        return longest_ms

    def _again(self) -> None:
        self._due_s, self._cpu_s = time.perf_counter() + self.INTERVAL_S, time.thread_time()
        self._loop.call_later(self.INTERVAL_S, self._called)

    def _called(self) -> None:
        self._longest_s = max(self._longest_s, time.perf_counter() - self._due_s)
        self._longest_cpu_s = max(self._longest_cpu_s, time.thread_time() - self._cpu_s)
        if self._watches:
            self._again()


def report(port: int, held: LoopHeld | None = None) -> None:
    """Prints the port, then two numbers for every question, until there are no more."""
    print(port, flush=True)
    for question in sys.stdin:
        if question.strip() == "held":
            assert held is not None
            print(*held.take_ms(), flush=True)
        else:
            print(time.process_time(), resident_mb(), flush=True)


def resident_mb() -> float:
    command = ["ps", "-o", "rss=", "-p", str(os.getpid())]
    return int(subprocess.check_output(command)) / 1024


def loads(fill_records: int, also: Path | None) -> list[Load]:
    """What is asked of which server; the first is what the others are compared with."""
    asked = [
        Load("wildrydes", "wildrydes", 40_000, fill_records),
        Load("with --data", "wildrydes --data", 40_000, fill_records),
    ]
    if also is not None:
        asked.append(Load(also.stem, str(also.resolve()), 40_000, fill_records))
    return [*asked, Load("moto", "moto", 2_000, 40_000)]


def main(fill_records: int, also: Path | None) -> None:
    started = time.perf_counter()
    asked = loads(fill_records, also)
    measured = [measure(load) for load in asked]
    table = Table(title="Kinesis endpoints; CPU of the server for one record")
    table.add_column("", no_wrap=True)
    for load in asked:
        table.add_column(load.title, justify="right")
    table.add_column("moto / wildrydes", justify="right")
    for name, ours in measured[0].items():
        moto = measured[-1][name]
        ratio = f"{moto / ours:.0f}" if ours > 0 else ""
        table.add_row(name, *(f"{figures[name]:.2f}" for figures in measured), ratio)
    for name, figure in measure_ours().items():
        table.add_row(name, f"{figure:.2f}")
    Console(width=WIDTH).print(table)
    python = sys.version.split()[0]
    print(f"{time.perf_counter() - started:.0f} s, Python {python}, filled: {fill_records:,}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument(
        "--fill", type=int, default=FILL_RECORDS, metavar="RECORDS", help="of a filled stream"
    )
    parser.add_argument("--also", type=Path, metavar="FILE", help="another server to measure")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
    else:
        main(arguments.fill, arguments.also)
