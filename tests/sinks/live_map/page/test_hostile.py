"""What a producer may send to do harm: the page stays right, and nothing of it runs."""

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

ROUGH_NAMES = [
    "<img src=x onerror=alert(1)>",
    "<script>document.title='taken'</script>",
    '"><svg onload=alert(1)>&amp;',
    "\u202eRTL override שלום",
    "🦄🏳️‍🌈👩‍👩‍👧‍👦",
    "line\nbreak\ttab\u0000null",
    "javascript:alert(1)",
    "' OR 1=1 --",
    "__proto__",
    "constructor",
    "e" + "\u0301" * 150,
    " ",
    "W" * 200,
]


async def test_names_are_text_wherever_they_stand(open_page, herd, serving, in_view) -> None:
    animals = herd(*ROUGH_NAMES, health=lambda number: 20)
    async with serving(animals) as url:
        page = await open_page(url)
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await in_view(page, len(ROUGH_NAMES))
        await page.click("#alarms summary")
        await page.wait_for_selector("#alarms-list .who")
        names = await page.locator("#alarms-list .who").evaluate_all(
            "all => all.map((one) => one.textContent)"
        )
        assert sorted(names) == sorted(ROUGH_NAMES)
        for _ in ROUGH_NAMES:
            await page.keyboard.press("n")
            assert await page.text_content("#panel-name") in ROUGH_NAMES
            box = await page.locator("#panel").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 1000
        assert await page.title() == "Wild Rydes live map"
        assert await page.locator("#sidebar img, #panel img, #sidebar script").count() == 0
        assert dialogs == []


async def test_a_link_to_a_rough_name_finds_it(open_page, herd, serving, in_view) -> None:
    async with serving(herd(*ROUGH_NAMES)) as url:
        page = await open_page(url)
        await in_view(page, len(ROUGH_NAMES))
        await page.keyboard.press("n")
        hash_, name = await page.evaluate("[location.hash, document.title && '']"), None
        name = await page.text_content("#panel-name")
        other = await page.context.new_page()
        await other.goto(url + hash_[0])
        await other.wait_for_selector("#panel:not([hidden])")
        assert await other.text_content("#panel-name") == name


@pytest.mark.parametrize(
    "fields",
    [
        {"Latitude": 91.0},
        {"Latitude": 1e308},
        {"Longitude": -181},
        {"Latitude": "north"},
        {"Latitude": None},
        {"Name": "x" * 10_000},
        {"Name": None},
        {"Distance": "far"},
    ],
    ids=str,
)
async def test_what_cannot_be_shown_is_counted(open_page, herd, serving, in_view, fields) -> None:
    fields_short = {"Rogue": fields}
    animals = herd("Artax", "Rogue", changed=fields_short)
    async with serving(animals) as url:
        page = await open_page(url)
        await in_view(page, 1)
        await page.wait_for_function(
            "() => document.getElementById('hidden-count').textContent.includes('not shown')"
        )
        assert await page.inner_text("#counts") == "1 unicorn"
        assert await page.get_attribute("#hidden-count", "title")
        # For those who have no mouse to rest on it.
        await page.click("#alarms summary")
        await page.wait_for_function(
            "() => /Not shown: [1-9]\\d* readings /.test(window['alarms-list'].textContent)"
        )


@pytest.mark.parametrize("health", [-(10**30), -2049, 0, 2048, 10**30])
async def test_points_beyond_their_range_are_at_its_end(
    open_page, herd, serving, in_view, health
) -> None:
    async with serving(herd("Artax", health=lambda _: health)) as url:
        page = await open_page(url)
        await in_view(page, 1)
        await page.keyboard.press("n")
        assert await page.inner_text("#panel-health") == str(max(-2048, min(2047, health)))


async def test_at_the_ends_of_the_earth(open_page, herd, serving) -> None:
    changed = {
        "North Pole": {"Latitude": 90, "Longitude": 0},
        "South Pole": {"Latitude": -90, "Longitude": 0},
        "East": {"Latitude": 0, "Longitude": 180},
        "West": {"Latitude": 0, "Longitude": -180},
        "Nowhere": {"Latitude": 0, "Longitude": 0},
    }
    async with serving(herd(*changed, changed=changed)) as url:
        page = await open_page(url)
        await page.wait_for_function("() => counts.textContent === '5 unicorns'")
        for _ in changed:
            await page.keyboard.press("n")
            await page.click("#panel-centre")
        centre = await page.evaluate("location.hash")
        assert "NaN" not in centre


async def test_links_that_make_no_sense_do_nothing(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax")) as url:
        rough = (
            "#zoom=1e9&lat=NaN&lon=%00&follow=yes&speed=-1&unicorn=%3Cimg%20src%3Dx%3E&__proto__=1"
        )
        page = await open_page(url + rough)
        await in_view(page, 1)
        assert await page.is_hidden("#panel")


async def test_a_hundred_thousand_names(open_page, herd, serving) -> None:
    """Some more than there is room for."""
    many = 100_000
    animals = herd(*(f"Unicorn {number}" for number in range(many + 50)), pause_s=5)
    async with serving(animals) as url:
        page = await open_page(url)
        await page.wait_for_function("() => counts.textContent === '100,000 unicorns'")
        await page.wait_for_function(
            "() => /^[1-9]\\d* readings not shown/.test(window['hidden-count'].textContent)"
        )
        title = await page.get_attribute("#hidden-count", "title")
        assert "of more names than the map takes" in title
        await page.fill("#query", "unicorn 77777")
        await page.wait_for_function("() => window['list-count'].textContent === '1 of 100,000'")
