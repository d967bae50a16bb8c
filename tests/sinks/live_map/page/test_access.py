"""Whoever cannot see or has no mouse: names, roles, order of focus, contrast."""

import re

import pytest

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser


async def test_tab_reaches_everything_in_order(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax", "Binky")) as url:
        page = await open_page(url)
        await in_view(page, 2)
        await page.keyboard.press("n")
        await page.focus("#map")
        reached = []
        for _ in range(40):
            await page.keyboard.press("Tab")
            stop = await page.evaluate(
                "() => { const at = document.activeElement;"
                " return at.id || at.dataset.filter || at.parentNode.dataset.sort || at.tagName; }"
            )
            if stop == "BODY":
                break
            reached.append(stop)
    assert reached == [
        "list-toggle", "query", "all", "view", "silent", "low", "threshold", "list", "name",
        "health", "magic", "distance", "SUMMARY", "panel-close", "panel-follow", "panel-centre",
        "panel-link", "zoom-in", "zoom-out", "show-all",
    ]  # fmt: skip


async def test_every_control_has_a_name_and_the_list_is_a_grid(
    open_page, herd, serving, in_view
) -> None:
    async with serving(herd("Artax", "Binky"), minutes=3) as url:
        page = await open_page(url)
        await in_view(page, 2)
        await page.keyboard.press("n")
        await page.wait_for_selector("#history[data-state=there]")
        # The list is brought up to date once a second.
        await page.locator("#list-space [role=row]", has_text="1,000").first.wait_for()
        for role in ("button", "textbox", "searchbox", "spinbutton", "img"):
            for one in await page.get_by_role(role).all():
                name = await one.evaluate(
                    "one => one.ariaLabel || one.textContent.trim() || one.labels?.[0]?.textContent"
                    " || (one.getAttribute('alt') === '' && 'decoration')"
                )
                assert name, await one.evaluate("one => one.outerHTML")
        tree = await page.locator("#sidebar").aria_snapshot()
        assert 'complementary "List of unicorns"' in tree or 'grid "Unicorns"' in tree
        assert re.search(r'columnheader "Name.*"', tree)
        assert re.search(r'row "Artax 100 77 1,000" \[selected\]', tree)
        assert await page.locator("#map").get_attribute("role") == "application"


CONTRAST = """() => {
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => {
        const [r, g, b] = rgb(colour).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (rgb(colour)[3] !== 0) return colour;
        }
        return "rgb(255 255 255)";
    };
    const texts = [];
    const overlay = document.querySelector(".overlay");
    const walker = document.createTreeWalker(overlay, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
        const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const text = walker.currentNode.textContent.trim();
        if (ratio < 4.5) texts.push(`${text}: ${ratio.toFixed(2)}`);
    }
    return texts;
}"""
"""WCAG 2.2, success criterion 1.4.3: 4.5 to 1 for text."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out(open_page, herd, serving, in_view, scheme) -> None:
    async with serving(herd("Artax", "Binky", health=lambda _: 20), minutes=3) as url:
        page = await open_page(url, color_scheme=scheme)
        await in_view(page, 2)
        await page.keyboard.press("n")
        await page.keyboard.press("f")
        await page.click("#alarms summary")
        await page.wait_for_selector("#alarms-list li")
        await page.wait_for_selector("#history[data-state=there]")
        await page.mouse.move(0, 0)
        assert await page.evaluate(CONTRAST) == []


LEVELS = """async () => {
    const { LEVELS, levelColour } = await import("/page/health.js");
    return Object.fromEntries(["light", "dark"].map((theme) =>
        [theme, Array.from({ length: LEVELS }, (_, level) => levelColour(level, theme))]));
}"""
# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def lab(rgb: list[float], matrix) -> tuple[float, float, float]:
    """CIELAB (D65) of an sRGB colour as somebody sees it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    r, g, b = (
        min(1, max(0, sum(w * c for w, c in zip(row, linear, strict=True)))) for row in matrix
    )
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("blindness", BLINDNESS)
async def test_health_is_told_apart_by_the_colour_blind(
    open_page, herd, serving, blindness
) -> None:
    """Levels a third of the scale apart differ by at least 12 in CIELAB: 2.3 is just noticeable."""
    async with serving(herd()) as url:
        page = await open_page(url)
        scales = await page.evaluate(LEVELS)
    for theme, colours in scales.items():
        seen = [
            lab([int(part) / 255 for part in re.findall(r"\d+", colour)], BLINDNESS[blindness])
            for colour in colours
        ]
        apart = len(seen) // 3
        for first, second in zip(seen, seen[apart:], strict=False):
            difference = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
            assert difference > 12, (theme, first, second)
