"""Replays: the bar, and how the page reads what docs/live-map.md says an archive answers with. The
answers are made by hand here; tests/sinks/live_map/test_replay.py has the server's."""

import json
import struct

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

FROM_MS = 1_767_272_400_000  # 2026-01-01 13:00 UTC
MINUTES = 10
HEADER = struct.Struct("<4sBBHIId")


def packed(type_: int, body: bytes) -> bytes:
    body += b" " * (-len(body) % 8) if type_ == 1 else b"\0" * (-len(body) % 8)
    return struct.pack("<II", len(body), type_) + body


def archive(from_ms: int, *, is_whole: bool = True) -> bytes:
    """Artax goes east, 0.0001 degrees a second; its health is the minute."""
    hello = {
        "type": "hello", "version": 2, "feed": "replay", "replay": True, "interval_ms": 1000,
        "gone_after_ms": 30000, "rest_ticks": 10, "time_scale": 1.0,
    }  # fmt: skip
    parts = [packed(1, json.dumps(hello).encode())]
    parts.append(packed(1, json.dumps({"type": "names", "first": 0, "names": ["Artax"]}).encode()))
    for second in range(MINUTES * 60):
        time_ms = FROM_MS + (second + 1) * 1000
        if time_ms <= from_ms:
            continue
        unicorn = (
            struct.pack("<I", 0)
            + struct.pack("<ii", round((-73.98 + second / 1e4) * 1e7), 407_500_000)
            + struct.pack("<I", 100 + second // 60 | 255 << 24)
        )
        header = HEADER.pack(b"UNIC", 2, 1, 0, 1, second, time_ms)
        parts.append(packed(2, header + unicorn))
    if is_whole:
        parts.append(packed(1, b'{"type": "end", "readings": 600, "hidden": {}}'))
    return b"".join(parts)


@pytest.fixture
async def replayed(open_page, herd, serving):
    """Opens a page of a map with an archive; `asked` has the replays that were asked for."""
    async with serving(herd("Binky")) as url:

        async def open_replay(
            fragment: str = "",
            *,
            is_whole: bool = True,
            is_empty: bool = False,
            clock_off_ms: int = 0,
        ):
            page = await open_page("about:blank")
            page.asked = []
            await page.add_init_script(
                f"const now = Date.now; Date.now = () => now() + {clock_off_ms};"
            )

            async def config(route) -> None:
                await route.fulfill(json={"tiles": None, "archive": True})

            async def span(route) -> None:
                to_ms = FROM_MS + MINUTES * 60_000
                empty = {"from_ms": None, "to_ms": None}
                await route.fulfill(
                    json=empty if is_empty else {"from_ms": FROM_MS, "to_ms": to_ms}
                )

            async def body(route) -> None:
                query = dict(part.split("=") for part in route.request.url.split("?")[1].split("&"))
                page.asked.append({name: int(value) for name, value in query.items()})
                await route.fulfill(body=archive(int(query["from"]), is_whole=is_whole))

            await page.route("**/page/config.json", config)
            await page.route("**/replay/range", span)
            await page.route("**/replay?*", body)
            await page.goto(url + fragment)
            return page

        yield open_replay


async def listed(page, *cells: str) -> None:
    """Waits until a row of the list begins with these: what it shows can be chosen."""
    await page.wait_for_function(
        "cells => [...document.querySelectorAll('#list-space [role=row]:not([hidden])')]"
        ".some(row => cells.every((cell, i) => row.children[i].textContent === cell))",
        arg=list(cells),
    )


async def test_the_bar_plays_the_last_hour_there_is(replayed, in_view) -> None:
    page = await replayed()
    await in_view(page, 1)
    await page.click("#replay-toggle")
    await page.wait_for_selector("#replay[data-state=playing]")
    assert await page.input_value("#replay-from") == "2026-01-01T13:00"
    assert await page.input_value("#replay-to") == "2026-01-01T13:10"
    assert page.asked == [{"from": FROM_MS - 25_000, "to": FROM_MS + 600_000}]
    await listed(page, "Artax")
    await page.keyboard.press("n")
    assert await page.inner_text("#panel-name") == "Artax"
    await page.wait_for_function("() => moment.textContent.startsWith('13:00:')")
    assert await page.inner_text("#connection") == "Replay", "what is read out stays as it is"
    await page.click("#replay-live")
    await page.wait_for_selector("[data-state=live]")
    await listed(page, "Binky")
    await page.keyboard.press("n")
    assert await page.inner_text("#panel-name") == "Binky"


@pytest.mark.parametrize("years", [-20, 20])
async def test_the_browsers_clock_has_no_say(replayed, years) -> None:
    page = await replayed(clock_off_ms=years * 365 * 86_400_000)
    await page.click("#replay-toggle")
    await page.wait_for_selector("#replay[data-state=playing]")
    assert await page.input_value("#replay-to") == "2026-01-01T13:10"


async def test_a_link_plays_at_its_speed_to_the_end(replayed) -> None:
    page = await replayed("#from=2026-01-01T13:00:00&to=2026-01-01T13:10:00&speed=60&unicorn=Artax")
    await page.wait_for_selector("#panel:not([hidden])")
    assert await page.input_value("#replay-speed") == "60"
    await page.wait_for_selector("#replay[data-state=ended]")
    assert await page.inner_text("#replay-time") == "13:10:00"
    # The last second's fix: where 599 steps of 0.0001 degrees lead.
    await page.wait_for_function(
        "() => window['panel-position'].textContent === '40.75000, -73.92010'"
    )
    assert await page.inner_text("#panel-health") == "109"
    await page.click("#replay-play")
    await page.wait_for_selector("#replay[data-state=playing]")


async def test_the_slider_the_keys_and_a_pause(replayed) -> None:
    page = await replayed()
    await page.click("#replay-toggle")
    await page.wait_for_selector("#replay[data-state=playing]")
    await page.focus("#map")
    await page.keyboard.press("k")
    await page.wait_for_selector("#replay[data-state=paused]")
    await page.locator("#replay-slider").fill("300000")
    await page.wait_for_function("() => window['replay-time'].textContent === '13:05:00'")
    await page.wait_for_selector("#replay[data-state=paused]")
    assert page.asked[-1]["from"] == FROM_MS + 300_000 - 25_000
    await listed(page, "Artax", "105")
    await page.keyboard.press("n")
    assert await page.inner_text("#panel-health") == "105"
    await page.focus("#map")
    await page.keyboard.press(".")
    await page.wait_for_function("() => window['replay-time'].textContent === '13:05:10'")
    await page.keyboard.press(",")
    await page.keyboard.press(",")
    await page.wait_for_function("() => window['replay-time'].textContent === '13:04:50'")
    assert await page.get_attribute("#replay-slider", "aria-valuetext") == "13:04:50"


async def test_what_goes_wrong_is_said(replayed) -> None:
    link = "#from=2026-01-01T13:09:00&to=2026-01-01T13:10:00&speed=60"
    page = await replayed(link, is_whole=False)
    await page.wait_for_selector("#replay[data-state=failed]")
    assert await page.inner_text("#replay-note") == "The replay was cut off"
    await page.fill("#replay-to", "2026-01-01T12:00:00")
    await page.click("#replay-form button[type=submit]")
    assert await page.inner_text("#replay-note") == "The replay must end after it begins."
    await page.fill("#replay-to", "2026-01-02T13:00:00")
    await page.click("#replay-form button[type=submit]")
    assert await page.inner_text("#replay-note") == "Six hours at a time, at most."


async def test_an_empty_archive(replayed) -> None:
    page = await replayed(is_empty=True)
    await page.click("#replay-toggle")
    await page.wait_for_function(
        "() => /nothing in the archive/.test(window['replay-note'].textContent)"
    )
