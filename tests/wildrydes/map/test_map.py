"""`wildrydes map` as its users meet it: real processes, a real stream, real clients."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from awsio.clients import AwsClients
from awsio.stream_consumer import registered_consumer
from awsio.streams import create_stream, summarize_stream
from fleet.errors import ConfigError, ResourceMissing
from fleet.reading import Reading, encode_reading
from fleet.settings import AwsSettings
from local_kinesis.endpoint import LocalEndpoint
from sinks.live_map.access.settings import AccessSettings
from sinks.live_map.tick_wire import LENGTH
from sinks.live_map.tile_source import TileSource
from tests.wildrydes.running import DEADLINE_S
from wildrydes.map.report import MapReport
from wildrydes.map.service import run_map
from wildrydes.map.settings import MapSettings
from wildrydes.map.workers import Begin, encode_begin

TOKEN = "correct horse battery staple"


class Report(MapReport):
    """Remembers the address."""

    def __init__(self) -> None:
        super().__init__(as_json=False)
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.said: list[str] = []

    def on_ready(self, url: str, key: str, mode: str) -> None:
        self.url.set_result(url)

    def say(self, text: str) -> None:
        self.said.append(text)


def settings(url: str, *, workers: int = 1, **changed: Any) -> MapSettings:
    choices: dict[str, Any] = {
        "stream": "wildrydes",
        "summary_stream": "wildrydes-summary",
        "table": None,
        "archive_bucket": None,
        "host": "127.0.0.1",
        "port": 0,
        "workers": workers,
        "access": AccessSettings(mode="token", token=TOKEN),
        "aws": AwsSettings(url, "us-east-1"),
    }
    return MapSettings(**choices | changed)


class Site:
    """A running map, and what puts readings into its stream."""

    def __init__(self, url: str, report: Report, kinesis: Any) -> None:
        self.url = url
        self.report = report
        self._kinesis = kinesis

    async def put(self, stream: str, *records: bytes) -> None:
        for record in records:
            await self._kinesis.put_record(StreamName=stream, Data=record, PartitionKey="k")

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[aiohttp.ClientSession, None]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.url, cookie_jar=jar) as client:
            async with client.post("/auth", json={"token": TOKEN}) as answer:
                assert answer.status == 200
            yield client

    async def documents(self) -> AsyncGenerator[dict[str, Any], None]:
        """What the feed tells one viewer."""
        async with self.client() as client, client.get("/feed?version=2&format=json") as feed:
            async for line in feed.content:
                yield json.loads(line)

    async def until(self, document: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The feed's first document of which something is true."""
        async with asyncio.timeout(DEADLINE_S), aclosing(self.documents()) as documents:
            async for found in documents:
                if document(found):
                    return found
        raise AssertionError("the feed has ended")


@asynccontextmanager
async def mapped(workers: int = 1) -> AsyncGenerator[Site, None]:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        kinesis = await aws.kinesis()
        for stream in ("wildrydes", "wildrydes-summary"):
            await create_stream(kinesis, stream, 2)
        stop, report = asyncio.Event(), Report()
        running = asyncio.create_task(
            run_map(settings(endpoint.url, workers=workers), stop, report)
        )
        waiting = asyncio.ensure_future(report.url)
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        try:
            yield Site(await report.url, report, kinesis)
        finally:
            stop.set()
            await running


def reading(name: str, health: int = 150) -> bytes:
    return encode_reading(Reading(name, "2026-01-01 00:00:00.000", 40.7, -74.0, 30.0, 150, health))


async def test_it_shows_what_comes_into_both_streams() -> None:
    async with mapped() as site:

        async def put() -> None:
            # From now on is from when the shards were found.
            while True:
                await site.put("wildrydes", reading("Artax"), b"poison")
                minute = {
                    "Name": "Artax", "StatusTime": "2026-01-01 00:01:00.000", "Distance": 1800.5,
                    "MinMagicPoints": 1, "MaxMagicPoints": 2,
                    "MinHealthPoints": 3, "MaxHealthPoints": 4,
                }  # fmt: skip
                await site.put("wildrydes-summary", json.dumps(minute).encode(), b"{}", b"[]")
                await asyncio.sleep(0.3)

        putting = asyncio.create_task(put())
        try:
            seen = await site.until(lambda document: bool(document.get("unicorns")))
            assert seen["type"] in {"full", "changes", "status"}
            rows = await site.until(lambda document: document["type"] == "rows")
            assert rows["rows"][0]["distance_m"] == 1800.5
            hidden = await site.until(
                lambda d: d["type"] == "status" and d["hidden"]["malformed"] > 0
            )
            assert hidden["unicorns"] == 1
        finally:
            putting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await putting


async def test_without_its_stream_it_says_who_makes_it() -> None:
    async with LocalEndpoint(kinesis_only=True) as endpoint:
        with pytest.raises(ResourceMissing) as missing:
            await run_map(settings(endpoint.url), asyncio.Event(), Report())
    assert "simulator --create-stream" in str(missing.value.remedy)


async def test_a_port_that_is_taken_is_said() -> None:
    async with mapped() as site:
        port = int(site.url.rstrip("/").rpartition(":")[2])
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 is taken"):
            await run_map(settings("http://127.0.0.1:9", port=port), asyncio.Event(), Report())


async def test_it_does_not_show_itself_to_strangers() -> None:
    choices = settings("http://127.0.0.1:9", host="0.0.0.0", access=AccessSettings())
    with pytest.raises(ConfigError, match="whoever reaches"):
        await run_map(choices, asyncio.Event(), Report())


async def test_an_operators_tiles_are_allowed_to_the_page() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        await create_stream(await aws.kinesis(), "wildrydes", 1)
        tiles = TileSource("https://tiles.example/{z}/{x}/{y}.png", "Example Maps")
        choices = settings(endpoint.url, summary_stream=None, tiles=tiles)
        stop, report = asyncio.Event(), Report()
        running = asyncio.create_task(run_map(choices, stop, report))
        async with (
            aiohttp.ClientSession(await report.url) as client,
            client.get("/") as answer,
        ):
            policy = answer.headers["Content-Security-Policy"]
            assert "img-src 'self' https://tiles.example;" in policy
        stop.set()
        await running
    begin = Begin(choices, b"secret")
    body = encode_begin(begin)[LENGTH.size :]
    assert msgspec.msgpack.decode(body, type=Begin) == begin, "its workers are told of them"


@pytest.mark.long
async def test_workers_are_one_map() -> None:
    """Ids, tickets and sessions are the same everywhere, and one that dies comes back."""
    async with mapped(workers=3) as site:
        await up(site)
        putting = asyncio.create_task(put_forever(site))
        await site.until(lambda document: bool(document.get("unicorns")))
        feeds = {(await site.until(lambda d: d["type"] == "hello"))["feed"] for _ in range(12)}
        assert len(feeds) == 1, "one map, whoever answers"

        async with site.client() as client:
            async with client.post("/auth/ticket") as answer:
                ticket = (await answer.json())["ticket"]
            tries = await asyncio.gather(*(status_of(site, ticket) for _ in range(12)))
            assert sorted(tries) == [101, *[401] * 11], "whichever worker is asked"

            async with client.post("/auth/ticket") as answer:
                ticket = (await answer.json())["ticket"]
            async with client.ws_connect(f"/feed?version=2&ticket={ticket}") as socket:
                async with client.delete("/auth") as answer:
                    assert answer.status == 204
                while (message := await socket.receive(timeout=60)).type in {
                    aiohttp.WSMsgType.TEXT,
                    aiohttp.WSMsgType.BINARY,
                }:
                    pass
                assert message.data == 4401

        [first, *_] = children()
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(DEADLINE_S):
            while not any("started anew" in text for text in site.report.said):  # noqa: ASYNC110 (nothing tells a test)
                await asyncio.sleep(0.1)
            while len(children()) < 3:  # noqa: ASYNC110 (nothing tells a test)
                await asyncio.sleep(0.1)
        await site.until(lambda document: bool(document.get("unicorns")))
        putting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await putting
    assert children() == []


async def up(site: Site) -> None:
    async with asyncio.timeout(DEADLINE_S), aiohttp.ClientSession(site.url) as client:
        while True:
            try:
                async with client.get("/healthz"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def put_forever(site: Site) -> None:
    while True:
        await site.put("wildrydes", reading("Artax"), reading("Binky"))
        await asyncio.sleep(0.3)


async def status_of(site: Site, ticket: str) -> int:
    async with aiohttp.ClientSession(site.url) as client:
        try:
            async with client.ws_connect(f"/feed?version=2&ticket={ticket}"):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status


def children() -> list[int]:
    """The workers of this process."""
    command = ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [int(line.split()[0]) for line in lines if "wildrydes.map.worker" in line]


async def test_readings_are_pushed_across_a_split_and_the_consumer_is_gone_at_the_end() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        kinesis = await aws.kinesis()
        await create_stream(kinesis, "wildrydes", 1)
        stop, report = asyncio.Event(), Report()
        choices = settings(endpoint.url, summary_stream=None, fan_out="control-room")
        running = asyncio.create_task(run_map(choices, stop, report))
        site = Site(await report.url, report, kinesis)
        async with asyncio.timeout(DEADLINE_S):
            while await consumers(kinesis) != ["control-room"]:  # noqa: ASYNC110 (nothing tells a test)
                await asyncio.sleep(0.05)

        put: list[int] = []

        async def put_on() -> None:
            # The first ones may be too early for the map.
            for number in itertools.count():
                await site.put("wildrydes", reading(f"Artax {number}"))
                put.append(number)
                await asyncio.sleep(0.1)

        putting = asyncio.create_task(put_on())
        async with asyncio.timeout(DEADLINE_S):
            seen = await told_across_a_split(site, kinesis, put)
        assert seen == set(range(min(seen), max(seen) + 1)), "none between is missing"
        putting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await putting
        stop.set()
        await running
        assert await consumers(kinesis) == []


async def told_across_a_split(site: Site, kinesis: Any, put: Sequence[int]) -> set[int]:
    """Splits the shard as soon as one unicorn is told of; returns the numbers of all that are told
    of until there are some that were put after it.
    """
    seen: set[int] = set()
    split_at: int | None = None
    async with aclosing(site.documents()) as documents:
        async for document in documents:
            seen |= {int(unicorn["name"].split()[1]) for unicorn in unicorns(document)}
            if seen and split_at is None:
                await kinesis.split_shard(
                    StreamName="wildrydes",
                    ShardToSplit="shardId-000000000000",
                    NewStartingHashKey=str(2**127),
                )
                split_at = len(put)
            if split_at is not None and max(seen) > split_at + 3:
                break
    return seen


def unicorns(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document.get("unicorns")
    return found if isinstance(found, list) else []


async def test_a_consumer_that_was_there_stays() -> None:
    async with (
        LocalEndpoint(kinesis_only=True) as endpoint,
        AwsClients(AwsSettings(endpoint.url, "us-east-1")) as aws,
    ):
        kinesis = await aws.kinesis()
        await create_stream(kinesis, "wildrydes", 1)
        async with registered_consumer(kinesis, "wildrydes", "map") as consumer:
            assert "/consumer/map:" in consumer
        assert await consumers(kinesis) == []
        arn = (await summarize_stream(kinesis, "wildrydes")).arn
        await kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="map")
        async with registered_consumer(kinesis, "wildrydes", "map"):
            pass
        assert await consumers(kinesis) == ["map"]


async def consumers(kinesis: Any) -> list[str]:
    """The names of those that are registered."""
    arn = (await summarize_stream(kinesis, "wildrydes")).arn
    answer = await kinesis.list_stream_consumers(StreamARN=arn)
    return [consumer["ConsumerName"] for consumer in answer["Consumers"]]
