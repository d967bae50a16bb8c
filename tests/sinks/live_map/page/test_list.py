"""The list beside the map: search, filters, sorting, ten thousand rows; and the alarms."""

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

ROWS = "#list-space [role=row]:not([hidden])"


async def shown_names(page) -> list[str]:
    rows = await page.locator(f"{ROWS} > :first-child").all_inner_texts()
    tops = await page.locator(ROWS).evaluate_all("rows => rows.map((row) => row.ariaRowIndex)")
    return [name for _, name in sorted(zip(map(int, tops), rows, strict=True))]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("name", ["Artax", "Binky", "Comet", "Unicorn 9", "Unicorn 10"]),
        ("health", ["Comet", "Unicorn 10", "Binky", "Artax", "Unicorn 9"]),
        ("magic", ["Unicorn 10", "Unicorn 9", "Comet", "Binky", "Artax"]),
        ("distance", ["Artax", "Binky", "Comet", "Unicorn 9", "Unicorn 10"]),
    ],
)
async def test_each_column_sorts_both_ways(
    open_page, herd, serving, in_view, column, expected
) -> None:
    health = [120, 90, 10, 200, 60]
    animals = herd(
        "Artax", "Binky", "Comet", "Unicorn 9", "Unicorn 10",
        health=lambda number: health[number], magic=lambda number: 100 - number,
    )  # fmt: skip
    async with serving(animals, minutes=1) as url:
        page = await open_page(url)
        await in_view(page, 5)
        await page.wait_for_function(
            "() => document.querySelector('#list-space [role=row]').lastChild.textContent !== '–'"
        )
        header = page.locator(f"[data-sort={column}]")
        if column != "name":
            await header.locator("button").click()
        assert await header.get_attribute("aria-sort") == "ascending"
        assert await shown_names(page) == expected
        await header.locator("button").click()
        assert await header.get_attribute("aria-sort") == "descending"
        assert await shown_names(page) == expected[::-1]


async def test_search_filters_and_counts(open_page, herd, serving, in_view) -> None:
    animals = herd(
        *(f"Unicorn {number}" for number in range(20)), health=lambda number: 41 + number
    )
    async with serving(animals) as url:
        page = await open_page(url)
        await in_view(page, 20)
        assert await page.inner_text("[data-filter=low] b") == "9"
        await page.click("[data-filter=low]")
        assert await page.inner_text("#list-count") == "9 of 20"
        await page.fill("#threshold", "45")
        await page.keyboard.press("Tab")
        assert await page.inner_text("#list-count") == "4 of 20"
        assert await page.inner_text("[data-filter=low]") == "Health < 45 4"
        await page.fill("#query", "UNICORN 3")
        assert await shown_names(page) == ["Unicorn 3"]
        await page.click("[data-filter=all]")
        await page.fill("#query", "corn 1")
        assert await page.inner_text("#list-count") == "11 of 20", "1, and 10 to 19"
        await page.reload()
        assert await page.input_value("#threshold") == "45", "remembered"


async def test_a_number_is_found_while_it_is_typed(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Aethon-00002", "Aethon-00012", "Aethon-00120", "Artax")) as url:
        page = await open_page(url)
        await in_view(page, 4)
        for typed, expected in {
            "aethon-0": ["Aethon-00002", "Aethon-00012", "Aethon-00120"],
            "12": ["Aethon-00012", "Aethon-00120"],
            "00012": ["Aethon-00012"],
            "2": ["Aethon-00002", "Aethon-00012", "Aethon-00120"],
            "13": [],
        }.items():
            await page.fill("#query", typed)
            assert await shown_names(page) == expected
            assert await page.inner_text("#announcement") == f"{len(expected)} of 4", "read out"


async def test_silent_ones_are_counted_and_found(open_page, herd, serving, in_view) -> None:
    animals = herd("Artax", "Binky")
    async with serving(animals) as url:
        page = await open_page(url)
        await in_view(page, 2)
        animals.silent.add("Artax")
        await page.wait_for_function("() => silent.textContent === '1 silent'")
        await page.click("[data-filter=silent]")
        assert await shown_names(page) == ["Artax"]


async def test_ten_thousand_rows_are_a_few_elements(open_page, herd, serving, in_view) -> None:
    names = [f"Unicorn {number}" for number in range(10_000)]
    animals = herd(*names, health=lambda n: n % 300, pause_s=2)
    async with serving(animals) as url:
        page = await open_page(url)
        await page.wait_for_function("() => counts.textContent === '10,000 unicorns'")
        await page.wait_for_function(
            "() => document.getElementById('list').getAttribute('aria-rowcount') === '10001'"
        )
        assert await page.locator("#list-space [role=row]").count() < 60
        await page.focus("#list")
        await page.keyboard.press("End")
        assert (await shown_names(page))[-1] == "Unicorn 9999"
        active = await page.get_attribute("#list", "aria-activedescendant")
        assert await page.get_attribute(f"#{active}", "aria-rowindex") == "10001"
        await page.keyboard.press("Enter")
        assert await page.inner_text("#panel-name") == "Unicorn 9999"


async def test_alarms_are_a_quiet_list(open_page, herd, serving, in_view) -> None:
    animals = herd("Artax", "Binky", "Comet", health=lambda number: 30 + 15 * number)
    async with serving(animals) as url:
        page = await open_page(url)
        await in_view(page, 3)
        assert await page.inner_text("#alarms-count") == "2"
        await page.click("#alarms summary")
        await page.wait_for_selector("#alarms-list li")
        alarms = page.locator("#alarms-list li")
        assert await alarms.all_text_contents() == ["Artax health 30", "Binky health 45"]
        assert await page.get_attribute("#alarms", "aria-live") is None
        await alarms.first.locator("button").click()
        assert await page.inner_text("#panel-name") == "Artax"


async def test_who_was_not_seen_for_thirty_seconds_is_an_alarm(open_page, herd, serving) -> None:
    """The page's clock is turned on instead of waiting."""
    async with serving(herd()) as url:
        page = await open_page(url)
        texts = await page.evaluate(
            """async () => {
                const { Alarms } = await import("/page/panels/alarms.js");
                const { Fleet } = await import("/page/feed/fleet.js");
                const fleet = new Fleet();
                fleet.learn(0, ["Artax", "Binky"]);
                fleet.addFix(0, 1, 1, 100_000);
                fleet.addFix(1, 1, 1, 120_000);
                document.getElementById("alarms").open = true;
                const alarms = new Alarms(fleet, {});
                return [129_999, 130_000, 250_000].map((now) => {
                    alarms.refresh(now, 50, 30_000);
                    return [...document.querySelectorAll("#alarms-list .what")]
                        .map((text) => text.parentNode.textContent);
                });
            }"""
        )
    assert texts[0] == ["None"] or texts[0] == []
    assert "Artax not seen for 30 s" in texts[1]
    assert "Binky not seen for 2 min" in texts[2]
    assert "No unicorn has been seen for 30 seconds" in texts[2]
