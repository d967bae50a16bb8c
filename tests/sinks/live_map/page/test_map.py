"""What the map shows: unicorns that move, the panel of one, keys, links, a connection that comes
back."""

import pytest

from wildrydes.reserved_port import reserved_port

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

CANVAS = "document.querySelector('.leaflet-unicorns-pane canvas')"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


async def at_rest(page) -> None:
    """Waits until the map has glided to where it was sent; it begins to in the next frame."""
    await page.evaluate("() => new Promise(done => requestAnimationFrame(() => "
                        "requestAnimationFrame(done)))")  # fmt: skip
    await page.wait_for_function(
        "() => !document.querySelector('.leaflet-pan-anim, .leaflet-zoom-anim')"
    )


@pytest.mark.parametrize(
    "look", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"]
)
async def test_unicorns_are_there_and_move(open_page, herd, serving, in_view, look) -> None:
    async with serving(herd(*(f"Unicorn {number}" for number in range(50)))) as url:
        page = await open_page(url, **look)
        await in_view(page, 50)
        assert await page.inner_text("#connection") == "Live"
        assert await page.inner_text("#counts") == "50 unicorns"
        assert await page.is_hidden("#waiting")
        for _ in range(3):
            picture = await page.evaluate(f"{CANVAS}.toDataURL()")
            await page.wait_for_function(
                f"picture => {CANVAS}.toDataURL() !== picture", arg=picture
            )
        ratio = look.get("device_scale_factor", 1)
        assert await page.evaluate(f"{CANVAS}.width") == ratio * await page.evaluate("innerWidth")


async def test_a_click_opens_the_panel(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax"), minutes=5) as url:
        page = await open_page(url)
        await in_view(page, 1)
        await page.keyboard.press("h")
        await at_rest(page)
        bar, foot, side = [
            await page.locator(f"#{card}").bounding_box() for card in ("bar", "foot", "sidebar")
        ]
        # The only unicorn stands in the middle of what the cards leave free.
        middle = (bar["y"] + bar["height"] + foot["y"]) / 2
        await page.mouse.click((side["x"] + side["width"] + 1000) / 2, middle)
        assert await page.inner_text("#panel-name") == "Artax"
        assert await page.inner_text("#panel-health") == "100"
        assert await page.inner_text("#panel-magic") == "77"
        await page.wait_for_function("() => window['panel-age'].textContent === 'just now'")
        assert await page.inner_text("#panel-position") == "40.74917, -73.98518"
        await page.wait_for_function(
            "() => document.getElementById('panel-distance').textContent === '1,000 m'"
        )
        # The newest row may come before those that the server has kept.
        await page.wait_for_function(
            "() => window['history-distance'].textContent === '5.0 km in all'"
        )
        assert await page.get_attribute("#history", "data-state") == "there"
        assert await page.inner_text("#history-health") == "90 to 110"
        assert await page.locator("#spark-distance line").count() == 5
        label = await page.get_attribute("#spark-health", "aria-label")
        assert label == "Health in 5 minutes: between 90 and 110, last 110"
        await page.click("#panel-close")
        assert await page.is_hidden("#panel")


async def test_the_keyboard_is_enough(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax", "Binky", "Bucephalus")) as url:
        page = await open_page(url)
        await in_view(page, 3)
        await page.keyboard.press("/")
        await page.keyboard.type("b")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        assert await page.inner_text("#panel-name") == "Bucephalus"
        await page.keyboard.press("Escape")
        assert await page.is_hidden("#panel")
        await page.fill("#query", "")
        await page.focus("#map")
        for key, name in (("n", "Artax"), ("n", "Binky"), ("p", "Artax"), ("p", "Bucephalus")):
            await page.keyboard.press(key)
            assert await page.inner_text("#panel-name") == name
            assert await page.inner_text("#announcement") == f"{name} selected"
        await page.keyboard.press("f")
        assert await page.get_attribute("#panel-follow", "aria-pressed") == "true"
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
        assert await page.is_visible("#panel")
        await page.keyboard.press("l")
        assert await page.is_hidden("#sidebar")


async def test_a_link_shows_the_same_unicorn(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax", "Bucephalus & Co")) as url:
        page = await open_page(f"{url}#unicorn=Bucephalus+%26+Co&zoom=16&follow=1")
        await page.wait_for_selector("#panel:not([hidden])")
        assert await page.inner_text("#panel-name") == "Bucephalus & Co"
        assert await page.get_attribute("#panel-follow", "aria-pressed") == "true"
        expected = "#unicorn=Bucephalus+%26+Co&zoom=16&follow=1"
        assert await page.evaluate("location.hash") == expected
        await page.keyboard.press("n")
        await page.wait_for_function("() => location.hash === '#unicorn=Artax&zoom=16'")
        await page.evaluate("location.hash = '#lat=40.7&lon=-74&zoom=12'")
        await page.wait_for_function("() => document.getElementById('map').dataset.inView === '2'")


async def test_following_stops_when_the_map_is_dragged(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax", "Binky")) as url:
        page = await open_page(f"{url}#unicorn=Artax&follow=1")
        await page.wait_for_selector("#panel-follow[aria-pressed=true]")
        await page.mouse.move(600, 300)
        await page.mouse.down()
        await page.mouse.move(640, 340, steps=5)
        await page.mouse.up()
        assert await page.get_attribute("#panel-follow", "aria-pressed") == "false"


async def test_a_lost_connection_comes_back(open_page, herd, serving, in_view) -> None:
    animals = herd("Artax")
    with reserved_port() as port:
        async with serving(animals, port=port) as url:
            page = await open_page(url, may_lose_connection=True)
            await in_view(page, 1)
            await page.keyboard.press("n")
        await page.wait_for_selector("[data-state=waiting]")
        animals.names = ["Binky", "Comet", "Artax"]
        async with serving(animals, port=port):
            await page.wait_for_selector("[data-state=live]")
            await page.wait_for_function("() => /resumed once/.test(losses.textContent)")
            await page.wait_for_function("() => counts.textContent === '3 unicorns'")
            # Another server, other ids: the same unicorn is found again by its name.
            await page.wait_for_selector("#panel:not([hidden])")
            assert await page.inner_text("#panel-name") == "Artax"


async def test_a_page_that_is_older_than_the_map_says_so(open_page, herd, serving) -> None:
    async with serving(herd("Artax")) as url:
        page = await open_page("about:blank")

        async def older(route) -> None:
            answer = await route.fetch()
            text = (await answer.text()).replace("VERSION = 2", "VERSION = 1")
            await route.fulfill(response=answer, body=text)

        await page.route("**/page/feed/frame.js", older)
        await page.goto(url)
        await page.wait_for_selector("[data-state=failed]")
        said = await page.inner_text("#connection")
        assert said == "The map has been updated: reload the page"


async def test_what_was_missed_when_the_page_began_is_fetched_again(
    open_page, herd, serving, in_view
) -> None:
    async with serving(herd("Artax")) as url:
        page = await open_page("about:blank", may_lose_connection=True)
        refused = []

        async def refuse_once(route) -> None:
            refused.append(route.request.url)
            await (route.continue_() if len(refused) > 1 else route.abort("connectionrefused"))

        await page.route("**/page/config.json", refuse_once)
        await page.goto(url)
        await in_view(page, 1)
        await page.wait_for_selector(".place", state="attached")
        assert len(refused) == 2


async def test_one_minute_is_drawn_too(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax"), minutes=1) as url:
        page = await open_page(url)
        await in_view(page, 1)
        await page.keyboard.press("n")
        await page.wait_for_selector("#history[data-state=there]")
        for drawing in ("#spark-health", "#spark-distance"):
            assert await page.locator(f"{drawing} line").evaluate("line => line.y1 !== line.y2")


async def test_before_the_first_reading(open_page, herd, serving) -> None:
    async with serving(herd()) as url:
        page = await open_page(url)
        await page.wait_for_selector("#waiting:not([hidden])")
        assert "Waiting for the first reading" in await page.inner_text("#waiting")
