"""What a record costs the server: `python bench/local_kinesis.py`, under a minute, nothing
asserted.

Each server is a process of its own that tells how much CPU time it has used so far, user and
system; the client is raw sockets with requests made beforehand, so that what is measured is the
server alone. A round is 40,000 records of 190 bytes in PutRecords of 500, over 4 shards and 1,000
partition keys, read back in GetRecords of 1,000. "Filled" is the same after a million records more.
moto is asked for less, or it would take all day. Ratios hold on any machine, absolute figures do
not.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

SHARDS = 4
KEYS = 1000
BATCH = 500
STREAM = "bench"
DATA = base64.b64encode(b"u" * 190).decode()
IDLE_CONNECTIONS = 1000


@dataclass(frozen=True, slots=True)
class Load:
    """How much one server is asked to do."""

    server: str
    round_records: int
    fill_records: int


LOADS = (
    Load("wildrydes", round_records=40_000, fill_records=1_000_000),
    Load("moto", round_records=2_000, fill_records=40_000),
)


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
        assert self._process.stdin
        print(file=self._process.stdin, flush=True)
        seconds, megabytes = self._line().split()
        return float(seconds), float(megabytes)

    def call(self, operation: str, **members: object) -> dict[str, object]:
        """One operation."""
        body = self.send(request(operation, **members))
        return json.loads(body) if body else {}

    def send(self, message: bytes) -> bytes:
        """One request; the body of its answer."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port))
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


def get(server: Server, records: int, limit: int) -> float:
    """Reads a shard's oldest records, `limit` at a time; returns the server's CPU microseconds for
    each.
    """
    answer = server.call(
        "GetShardIterator",
        StreamName=STREAM,
        ShardId="shardId-000000000000",
        ShardIteratorType="TRIM_HORIZON",
    )
    iterator = answer["ShardIterator"]
    read, before = 0, server.usage()[0]
    while read < records:
        page = server.call("GetRecords", ShardIterator=iterator, Limit=limit)
        assert page["Records"], "there are fewer records than were put"
        read += len(page["Records"])
        iterator = page["NextShardIterator"]
    return (server.usage()[0] - before) / read * 1e6


def measure(load: Load) -> dict[str, float]:
    """All figures of one server."""
    figures: dict[str, float] = {}
    with contextlib.closing(Server(load.server)) as server:
        server.call("CreateStream", StreamName=STREAM, ShardCount=SHARDS)
        put(server, 1000)
        _, empty_mb = server.usage()
        figures["put, empty"] = put(server, load.round_records)
        per_shard = load.round_records // SHARDS // 2
        figures["get, empty"] = get(server, per_shard, 1000)
        put(server, load.fill_records)
        _, filled_mb = server.usage()
        kept = load.fill_records + load.round_records
        figures["memory, MB a million records"] = (filled_mb - empty_mb) / kept * 1e6
        figures["put, filled"] = put(server, load.round_records)
        figures["put, no key twice"] = put(server, load.round_records, keys=load.round_records)
        figures["get, filled"] = get(server, per_shard, 1000)
        figures["10,000 records in one answer, ms"] = get(server, 10_000, 10_000) * 10
    return figures


def idle_memory() -> float:
    """Megabytes that 1,000 connections take that ask nothing."""
    with contextlib.closing(Server("wildrydes")) as server:
        server.call("ListStreams")
        _, before = server.usage()
        with contextlib.ExitStack() as stack:
            for _ in range(IDLE_CONNECTIONS):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            server.call("ListStreams")
            return server.usage()[1] - before


def serve(name: str) -> None:
    """The server side: prints its port, then its usage for every line it is sent."""
    if name == "moto":
        # It would log every request.
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        from moto.server import ThreadedMotoServer

        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        report(moto.get_host_and_port()[1])
    else:
        import uvloop

        uvloop.run(serve_ours())


async def serve_ours() -> None:
    from local_kinesis import LocalEndpoint

    async with LocalEndpoint(kinesis_only=True, memory_max_bytes=4 << 30) as endpoint:
        await asyncio.to_thread(report, endpoint.port)


def report(port: int) -> None:
    print(port, flush=True)
    for _ in sys.stdin:
        print(time.process_time(), resident_mb(), flush=True)


def resident_mb() -> float:
    command = ["ps", "-o", "rss=", "-p", str(os.getpid())]
    return int(subprocess.check_output(command)) / 1024


def main() -> None:
    started = time.perf_counter()
    ours, moto = (measure(load) for load in LOADS)
    table = Table(title="Kinesis endpoints; CPU microseconds of the server for one record")
    for column in ("", "wildrydes", "moto", "ratio"):
        table.add_column(column, justify="left" if not column else "right")
    for name, figure in ours.items():
        table.add_row(name, f"{figure:.2f}", f"{moto[name]:.1f}", f"{moto[name] / figure:.0f}")
    table.add_row("1,000 idle connections, MB", f"{idle_memory():.1f}", "", "")
    Console().print(table)
    print(f"{time.perf_counter() - started:.0f} s, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
    else:
        main()
