"""How smoothly the live map's page runs, in a real Chromium: frames while it stands still and while
somebody drags and zooms, the first unicorn, and the memory after as many ticks as an hour has.

    python bench/map/page.py                              10,000 unicorns, then 50,000
    python bench/map/page.py --unicorns 2000 --size 390x844x3
    python bench/map/page.py --unicorns 2000 --memory-ticks 3600

Chromium runs without a graphics processor, as on a plain server: a desktop is faster. The map is
served by a process of its own on the same machine, which makes up a reading a second of each
unicorn; on two cores it takes its share of what the browser would have. Needs what `make
test-browser` needs.
"""

import argparse
import asyncio
import multiprocessing
import os
import platform
import shutil
import socket
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from aiohttp import web
from playwright.async_api import Page, async_playwright

from fleet.batch import Batch
from sinks.live_map import LiveMap

FLAGS: Final = ("--disable-gpu", "--no-first-run", "--disable-background-networking")
STEP_DEGREES: Final = 3e-4
"""About 30 m."""
SETTLE_S: Final = 22.0
"""Until trails have their whole length."""

FRAMES: Final = """(seconds) => new Promise((resolve) => {
    const gaps = [];
    const end = performance.now() + seconds * 1000;
    let last;
    const frame = (now) => {
        if (last !== undefined) gaps.push(now - last);
        last = now;
        if (performance.now() < end) requestAnimationFrame(frame);
        else resolve(gaps);
    };
    requestAnimationFrame(frame);
})"""
FIRST: Final = """() => performance.getEntriesByName("first unicorn")[0]?.startTime"""


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds between two frames, and what each took of the page's thread: that hardly
    depends on who else is at work on the machine."""

    gaps: list[float]
    cpu_ms: float

    def __str__(self) -> str:
        ordered = sorted(self.gaps)
        p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.95, 0.99))
        rate = 1000 / statistics.fmean(ordered)
        p50 = statistics.median(ordered)
        return f"{rate:5.1f} {p50:6.1f} {p95:6.1f} {p99:6.1f} {self.cpu_ms:9.1f}"


def serve(port: int, unicorns: int, interval_s: float) -> None:
    """A map whose unicorns report each `interval_s`; runs until it is killed."""
    asyncio.run(report_forever(port, unicorns, interval_s))


async def report_forever(port: int, unicorns: int, interval_s: float) -> None:
    live_map = LiveMap(interval_ms=round(interval_s * 1000))
    app = web.Application()
    live_map.add_routes(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, socket.create_server(("127.0.0.1", port))).start()
    await live_map.open({})
    random = np.random.default_rng(1)
    latitude = 40.76 + random.normal(0, 0.06, unicorns)
    longitude = -73.95 + random.normal(0, 0.08, unicorns)
    heading = random.uniform(0, 2 * np.pi, unicorns)
    health = random.integers(30, 270, unicorns)
    numbers, keys = [str(number) for number in range(unicorns)], ["key"] * unicorns
    while True:
        began = time.perf_counter()
        heading += random.normal(0, 0.3, unicorns)
        latitude += STEP_DEGREES * np.cos(heading)
        longitude += STEP_DEGREES * np.sin(heading)
        columns = zip(numbers, latitude.tolist(), longitude.tolist(), health.tolist(), strict=True)
        records = [
            b'{"Name":"Unicorn %b","StatusTime":"2026-01-01 00:00:00.000","Latitude":%.6f,'
            b'"Longitude":%.6f,"Distance":30.0,"MagicPoints":150,"HealthPoints":%d}'
            % (number.encode(), north, east, points)
            for number, north, east, points in columns
        ]
        arrival_ms = np.full(unicorns, time.time_ns() // 1_000_000)
        await live_map.write(Batch("shardId-0", records, arrival_ms, numbers, keys, "1"))
        await asyncio.sleep(max(0.0, interval_s - (time.perf_counter() - began)))


async def measure(port: int, given: argparse.Namespace) -> None:
    """One page: its first unicorn, its frames standing still and moved."""
    width, height, ratio = size(given.size)
    async with async_playwright() as driver:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
        browser = await driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        context = await browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=ratio
        )
        page = await context.new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.wait_for_function(FIRST)
        print(f"  first unicorn after {await page.evaluate(FIRST):,.0f} ms")
        if given.memory_ticks:
            await measure_memory(page, given)
        else:
            await asyncio.sleep(SETTLE_S)
            print("                 fps    p50    p95    p99  CPU/frame, ms")
            for _ in range(given.repeat):
                print("  still       ", await frames(page, given.seconds), flush=True)
                watching = asyncio.create_task(frames(page, given.seconds))
                await move(page, width, height, given.seconds)
                print("  drag, zoom  ", await watching, flush=True)
        print(f"  {len(faults)} messages in the console", *faults[:3])
        await browser.close()


async def frames(page: Page, seconds: float) -> Frames:
    """Watches the page for so long."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})

    async def cpu_s() -> float:
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

    began_s = await cpu_s()
    gaps = await page.evaluate(FRAMES, seconds)
    return Frames(gaps, 1000 * (await cpu_s() - began_s) / len(gaps))


async def move(page: Page, width: int, height: int, seconds: float) -> None:
    """Drags to and fro, and zooms in and out in between, for so long."""
    end = time.monotonic() + seconds
    side = 1
    while time.monotonic() < end - 1:
        await page.mouse.move(width * 0.7, height / 2)
        await page.mouse.down()
        for step in range(30):
            await page.mouse.move(width * 0.7 - side * step * 6, height / 2 + side * step * 3)
            await asyncio.sleep(1 / 60)
        await page.mouse.up()
        await page.mouse.wheel(0, -side * 160)
        await asyncio.sleep(0.5)
        side = -side


async def measure_memory(page: Page, given: argparse.Namespace) -> None:
    """The heap, garbage collected, at six moments of so many ticks."""
    session = await page.context.new_cdp_session(page)
    await asyncio.sleep(given.interval * 40)  # the rings of positions are full
    for part in range(7):
        await session.send("HeapProfiler.collectGarbage")
        heap = await session.send("Runtime.getHeapUsage")
        counters = await session.send("Memory.getDOMCounters")
        ticks = part * given.memory_ticks // 6
        used, stores = heap["usedSize"] / 1e6, heap["backingStorageSize"] / 1e6
        nodes, listeners = counters["nodes"], counters["jsEventListeners"]
        print(
            f"  {ticks:6,} ticks: {used:6.2f} MB of objects, {stores:6.1f} MB of arrays, "
            f"{nodes:,} nodes, {listeners} listeners",
            flush=True,
        )
        if part < 6:
            await asyncio.sleep(given.memory_ticks / 6 * given.interval)


def size(text: str) -> tuple[int, int, int]:
    """Of WIDTHxHEIGHT or WIDTHxHEIGHTxRATIO."""
    width, height, *ratio = (int(part) for part in text.split("x"))
    return width, height, ratio[0] if ratio else 1


def processor_name() -> str:
    """As Linux tells it; elsewhere what Python knows."""
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main() -> None:
    parser: Any = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--unicorns", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--size", default="1280x720", help="WIDTHxHEIGHT[xRATIO], CSS pixels")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--memory-ticks", type=int, default=0, help="measure memory instead")
    parser.add_argument("--interval", type=float, help="seconds between readings; 1, memory 0.05")
    given = parser.parse_args()
    given.interval = given.interval or (0.05 if given.memory_ticks else 1.0)
    load = os.getloadavg()[0]
    print(f"{processor_name()}, {os.cpu_count()} cores, load {load:.1f}; {given.size}")
    for unicorns in given.unicorns:
        print(f"{unicorns:,} unicorns")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = multiprocessing.Process(target=serve, args=(port, unicorns, given.interval))
        server.start()
        try:
            time.sleep(2 + unicorns / 20_000)
            asyncio.run(measure(port, given))
        finally:
            server.terminate()
            server.join()


if __name__ == "__main__":
    sys.exit(main())
