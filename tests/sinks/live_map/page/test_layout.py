"""What stands where, from a phone to a wall: nothing that is to be used is out of the window or
under something else, at any zoom of the page."""

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

WINDOWS = {
    "phone": (390, 844),
    "small phone": (360, 640),
    "phone on its side": (844, 390),
    "laptop": (1366, 625),
    "desktop": (1280, 720),
    "desktop at 200 %": (640, 360),
    "desktop at 400 %": (320, 256),
    "wall": (3840, 2160),
}

COVERED = """() => {
    const covered = [];
    const controls = ".overlay :is(button, input, summary, h2, dd)";
    for (const control of document.querySelectorAll(controls)) {
        if (!control.checkVisibility() || control.closest("#list-space")) continue;
        control.scrollIntoView({ block: "nearest" });
        const { left, top, width, height } = control.getBoundingClientRect();
        const what = control.id || control.textContent.trim() || control.dataset.filter;
        if (left < 0 || top < 0 || left + width > innerWidth || top + height > innerHeight) {
            covered.push(`${what} is out of the window`);
            continue;
        }
        for (const [x, y] of [[0.5, 0.5], [0.02, 0.5], [0.98, 0.5]]) {
            const at = document.elementFromPoint(left + x * width, top + y * height);
            if (!control.contains(at)) covered.push(`${what} is under ${at?.id || at?.className}`);
        }
    }
    return covered;
}"""


@pytest.mark.parametrize("window", WINDOWS)
async def test_everything_can_be_reached(open_page, herd, serving, in_view, window) -> None:
    width, height = WINDOWS[window]
    async with serving(herd("Artax", "Binky"), minutes=5) as url:
        page = await open_page(url, viewport={"width": width, "height": height})
        await in_view(page, 2)
        if await page.is_visible("#sidebar") and width <= 760:
            await page.keyboard.press("l")
        assert await page.evaluate(COVERED) == []
        await page.keyboard.press("n")
        await page.wait_for_selector("#history[data-state=there]")
        assert await page.evaluate(COVERED) == [], "with the panel of a unicorn"
        await page.keyboard.press("Escape")
        if await page.is_hidden("#sidebar"):
            await page.keyboard.press("l")
            # The list is laid over the map, and what is under it is not to be used meanwhile.
            assert [
                fault for fault in await page.evaluate(COVERED) if "list" in fault.split(" is ")[0]
            ] == []
            await page.click("#list-close")
        assert await page.evaluate(
            "() => document.documentElement.scrollWidth <= innerWidth"
            " && document.documentElement.scrollHeight <= innerHeight"
        )


@pytest.mark.parametrize("text", ["The map has been updated: reload the page", "Live"])
async def test_what_is_said_of_the_connection_is_said_whole(
    open_page, herd, serving, in_view, text
) -> None:
    async with serving(herd("Artax")) as url:
        page = await open_page(url, viewport={"width": 360, "height": 640})
        await in_view(page, 1)
        await page.evaluate("text => { connection.textContent = text; }", text)
        assert await page.evaluate(
            "() => { const card = document.getElementById('status');"
            " return card.scrollWidth <= card.clientWidth + 1"
            " && card.scrollHeight <= card.clientHeight + 1; }"
        )


NAMES = """() => Array.from(document.querySelectorAll(".place span"), (name) => {
    const { left, top, right, bottom } = name.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(name);
    const text = range.getBoundingClientRect();
    return [name.textContent, text.left, text.top, text.right, text.bottom];
})"""


@pytest.mark.parametrize("zoom", [11, 12, 13, 14, 16])
async def test_names_of_places_do_not_stand_on_one_another(open_page, herd, serving, zoom) -> None:
    async with serving(herd("Artax")) as url:
        page = await open_page(f"{url}#lat=40.75&lon=-73.95&zoom={zoom}")
        await page.wait_for_selector(".place", state="attached")
        names = await page.evaluate(NAMES)
        overlapping = [
            (one, other)
            for i, (one, *a) in enumerate(names)
            for other, *b in names[:i]
            # A pixel is the line's own leading.
            if min(a[2], b[2]) - max(a[0], b[0]) > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1
        ]
        assert names
        assert overlapping == []


async def test_colours_that_mean_something_stay_in_forced_colours(
    open_page, herd, serving, in_view
) -> None:
    async with serving(herd("Artax", health=lambda _: 20)) as url:
        page = await open_page(url, forced_colors="active")
        await in_view(page, 1)
        await page.keyboard.press("n")
        colours = await page.evaluate(
            "() => ['.dot', '#panel-swatch', '#legend-scale'].map((one) => {"
            " const style = getComputedStyle(document.querySelector(one));"
            " return style.backgroundImage === 'none' ? style.backgroundColor : 'picture'; })"
        )
        assert colours[0] == "rgb(26, 135, 84)"
        assert colours[1] == await page.evaluate(
            "async () => { const { healthLevel, levelColour } = await import('/page/health.js');"
            " const probe = document.createElement('i');"
            " probe.style.cssText = 'forced-color-adjust: none';"
            " probe.style.background = levelColour(healthLevel(20), 'light');"
            " document.body.append(probe);"
            " return getComputedStyle(probe).backgroundColor; }"
        )
        assert colours[2] == "picture"


async def test_nothing_glides_for_those_who_want_no_motion(
    open_page, herd, serving, in_view
) -> None:
    async with serving(herd("Artax")) as url:
        page = await open_page(url, reduced_motion="reduce")
        await in_view(page, 1)
        await page.focus("#map")
        moves = await page.evaluate(
            "() => { const pane = document.querySelector('.leaflet-map-pane');"
            " const before = pane.style.transform;"
            " const key = { key: 'ArrowRight', code: 'ArrowRight', keyCode: 39, bubbles: true };"
            " document.getElementById('map').dispatchEvent(new KeyboardEvent('keydown', key));"
            " return [pane.style.transform !== before,"
            " pane.classList.contains('leaflet-pan-anim')]; }"
        )
        assert moves == [True, False]
