"""The page in a real Chromium: `make test-browser`. Debian's is used where there is one, else
Playwright's own."""

import asyncio
import math
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from sinks.live_map import LiveMap

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

INTERVAL_S = 0.2
ROUGH_NAME = "<img src=x onerror=alert(1)> & \u202eRTL 🦄"


class Fleet:
    """Unicorns that go round in circles about the start, fed to a map five times a second."""

    def __init__(self, producer, names: list[str]) -> None:
        self.producer = producer
        self.names = names
        self.step = 0

    async def report(self, live_map: LiveMap) -> None:
        self.step += 1
        records = []
        for number, name in enumerate(self.names):
            angle = self.step / 40 + 2 * math.pi * number / len(self.names)
            away = 0.004 if len(self.names) > 1 else 0.0
            records.append(
                self.producer.record(
                    name,
                    Latitude=40.749167 + away * math.cos(angle),
                    Longitude=-73.985184 + away * math.sin(angle),
                    HealthPoints=100 + number,
                    MagicPoints=77,
                    Distance=30.26,
                )
            )
        now_ms = time.time_ns() // 1_000_000
        await live_map.write(self.producer.batch(*records, arrival_ms=now_ms))

    async def report_forever(self, live_map: LiveMap) -> None:
        while True:
            await self.report(live_map)
            await asyncio.sleep(INTERVAL_S)


@asynccontextmanager
async def serving(fleet: Fleet, port: int = 0) -> AsyncIterator[str]:
    """The map on loopback with the fleet reporting; gives its address."""
    live_map = LiveMap(interval_ms=round(INTERVAL_S * 1000))
    app = web.Application()
    live_map.add_routes(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", port))
    await web.SockSite(runner, listener).start()
    await live_map.open({})
    reporting = asyncio.create_task(fleet.report_forever(live_map))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        reporting.cancel()
        await live_map.close()
        await runner.cleanup()


async def in_view(page, count: int) -> None:
    await page.wait_for_function(
        "count => Number(document.getElementById('map').dataset.inView) === count", arg=count
    )


@pytest.mark.parametrize(
    "look",
    [
        {},
        {"color_scheme": "dark"},
        {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True},
    ],
    ids=["light", "dark", "phone"],
)
async def test_unicorns_are_there_and_move(open_page, producer, look) -> None:
    fleet = Fleet(producer, [f"Unicorn {number}" for number in range(50)])
    async with serving(fleet) as url:
        page = await open_page(url, **look)
        await in_view(page, 50)
        assert await page.inner_text("#connection") == "Live"
        assert await page.inner_text("#counts") == "50 unicorns"
        assert await page.is_hidden("#waiting")
        canvas = "document.querySelector('.leaflet-unicorns-pane canvas')"
        for _ in range(3):
            picture = await page.evaluate(f"{canvas}.toDataURL()")
            await page.wait_for_function(
                f"picture => {canvas}.toDataURL() !== picture", arg=picture
            )
        ratio = look.get("device_scale_factor", 1)
        assert await page.evaluate(f"{canvas}.width") == ratio * await page.evaluate("innerWidth")


async def test_a_click_opens_the_panel(open_page, producer) -> None:
    async with serving(Fleet(producer, [ROUGH_NAME])) as url:
        page = await open_page(url)
        await in_view(page, 1)
        # The only unicorn stands in the middle of what the cards leave free.
        bar, foot = (
            await page.locator("#bar").bounding_box(),
            await page.locator("#foot").bounding_box(),
        )
        middle = (bar["y"] + bar["height"] + foot["y"]) / 2
        await page.mouse.click(500, middle)
        assert await page.inner_text("#panel-name") == ROUGH_NAME
        assert await page.inner_text("#panel-health") == "100"
        assert await page.inner_text("#panel-magic") == "77"
        assert await page.inner_text("#panel-distance") == "30.3 m"
        assert await page.inner_text("#panel-age") == "just now"
        await page.click("#panel-close")
        assert await page.is_hidden("#panel")


async def test_the_keyboard_is_enough(open_page, producer) -> None:
    async with serving(Fleet(producer, ["Artax", "Binky", "Bucephalus"])) as url:
        page = await open_page(url)
        await in_view(page, 3)
        await page.keyboard.press("/")
        await page.keyboard.type("b")
        options = page.locator("#matches [role=option]")
        assert await options.all_inner_texts() == ["Binky", "Bucephalus"]
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        assert await page.inner_text("#panel-name") == "Bucephalus"
        await page.keyboard.press("Escape")
        assert await page.is_hidden("#panel")
        await page.focus("#map")
        for key, name in (("n", "Artax"), ("n", "Binky"), ("p", "Artax"), ("p", "Bucephalus")):
            await page.keyboard.press(key)
            assert await page.inner_text("#panel-name") == name
            assert await page.inner_text("#announcement") == f"{name} selected"
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        assert await page.is_visible("#panel")


async def test_a_lost_connection_comes_back(open_page, producer) -> None:
    fleet = Fleet(producer, ["Artax"])
    async with serving(fleet) as url:
        page = await open_page(url, may_lose_connection=True)
        await in_view(page, 1)
    await page.wait_for_selector("[data-state=waiting]")
    fleet.names = ["Binky", "Comet"]
    async with serving(fleet, port=int(url.rsplit(":", 1)[1])):
        await page.wait_for_selector("[data-state=live]")
        await in_view(page, 2)
        await page.keyboard.press("n")
        assert await page.inner_text("#panel-name") == "Binky"


async def test_before_the_first_reading(open_page, producer) -> None:
    async with serving(Fleet(producer, [])) as url:
        page = await open_page(url)
        await page.wait_for_selector("#waiting:not([hidden])")
        assert "Waiting for the first reading" in await page.inner_text("#waiting")


async def test_the_page_reads_the_frame_worked_out_by_hand(open_page, producer) -> None:
    """The same bytes as in test_frame.py."""
    message = (
        "554e4943010100000200000007000000000080aa6db779420000000002010000c0c1e6d3c03cd5d3"
        "56d4491880113318fa00ffff2d01ffff9600fdff9500ff7f"
    )
    async with serving(Fleet(producer, [])) as url:
        page = await open_page(url)
        frame = await page.evaluate(
            """async (hex) => {
                const { decodeFrame } = await import("/page/feed/frame.js");
                const bytes = Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
                const frame = decodeFrame(bytes.buffer);
                for (const key of Object.keys(frame))
                    if (ArrayBuffer.isView(frame[key])) frame[key] = Array.from(frame[key]);
                return frame;
            }""",
            message,
        )
    assert frame == {
        "isFull": False,
        "sequence": 7,
        "timeMs": 1_767_225_600_000,
        "count": 2,
        "unicorn": [0, 258],
        "longitude": [-739_851_840, -741_000_000],
        "latitude": [407_491_670, 406_000_000],
        "ageMs": [250, 65_535],
        "distanceDm": [301, 65_535],
        "health": [150, -3],
        "magic": [149, 32_767],
    }


async def test_motion_is_interpolated_and_never_extrapolated(open_page, producer) -> None:
    async with serving(Fleet(producer, [])) as url:
        page = await open_page(url)
        places = await page.evaluate(
            """async () => {
                const { Fleet, HEADINGS, WORLD, mercator } = await import("/page/feed/fleet.js");
                const fleet = new Fleet();
                const fix = (longitude, latitude, time) =>
                    fleet.addFix(0, ...mercator(longitude, latitude), time);
                fleet.learn(0, ["Artax"]);
                // East, a degree a second; then nothing for ten seconds; then north.
                fix(10, 0, 1000);
                fix(11, 0, 2000);
                fix(12, 0, 3000);
                fix(12, 1, 13000);
                return [0, 1000, 1500, 2250, 3000, 8000, 13000, 99000].map((time) => {
                    const [x, y] = fleet.locate(0, time);
                    return [(x / WORLD - 0.5) * 360, y < WORLD / 2, fleet.heading[0] / HEADINGS];
                });
            }"""
        )
    longitudes = [longitude for longitude, _, _ in places]
    assert longitudes == pytest.approx([10, 10, 10.5, 11.25, 12, 12, 12, 12], abs=1e-6)
    assert [is_north for _, is_north, _ in places] == [False] * 6 + [True] * 2
    east, north = 0.25, 0.0
    assert [heading for *_, heading in places] == pytest.approx([east] * 4 + [north] * 4)


async def test_who_is_silent_for_thirty_seconds_is_gone(open_page, producer) -> None:
    async with serving(Fleet(producer, [])) as url:
        page = await open_page(url)
        present = await page.evaluate(
            """async () => {
                const { Fleet } = await import("/page/feed/fleet.js");
                const fleet = new Fleet();
                const present = () => Array.from(fleet.list.subarray(0, fleet.size)).sort();
                fleet.learn(0, ["Artax", "Binky"]);
                fleet.take({
                    isFull: true, timeMs: 100000, count: 2, unicorn: [0, 1], ageMs: [0, 4000],
                    longitude: [0, 0], latitude: [0, 0], distanceDm: [1, 1],
                    health: [1, 1], magic: [1, 1],
                });
                const seen = [present()];
                for (const now of [125999, 127000, 131000]) {
                    fleet.dropSilentSince(now - 30000);
                    seen.push(present());
                }
                return seen;
            }"""
        )
    assert present == [[0, 1], [0, 1], [0], []]
