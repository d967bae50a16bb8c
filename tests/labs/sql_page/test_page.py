"""The page in Chromium: with the keyboard, with errors, with a query that takes too long."""

import csv
from pathlib import Path

import pytest

from labs.sql_page.answer import ROWS_MAX
from labs.sql_page.serving import SqlServer
from tests.labs.sql_page.conftest import SLOW

pytestmark = pytest.mark.browser


async def rows(page) -> list[list[str]]:
    return await page.eval_on_selector_all(
        "#result tbody tr", "lines => lines.map(l => [...l.cells].map(c => c.textContent))"
    )


async def test_a_query_by_keyboard_alone(open_page, server: SqlServer) -> None:
    page = await open_page(server.url)
    await page.keyboard.type("SELECT id, name FROM rides ORDER BY id")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#result table")
    assert await rows(page) == [["1", "Zoë"], ["2", "NULL"], ["3", 'a,"b']]
    assert (await page.text_content("#status")).startswith("3 rows, ")
    assert await page.text_content("#result thead") == "idINTEGERnameVARCHAR"
    await page.wait_for_selector("#run:enabled")
    # The editor lets go of the focus: nobody is caught in it.
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "run"


async def test_only_a_selection_runs_and_an_error_is_marked_in_the_whole(
    open_page, server: SqlServer
) -> None:
    page = await open_page(server.url, may_be_refused=True)
    await page.fill("#editor", "SELECT '🦄' AS a;\nSELECT '🦄' || nope FROM rides;\nSELEC 3")
    await page.evaluate("document.getElementById('editor').setSelectionRange(18, 50)")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#error:not([hidden])")
    said = await page.text_content("#error")
    assert said.startswith("Line 2, column 15: ")
    assert '"nope" not found' in said
    marked = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert await page.eval_on_selector("#editor", marked) == "nope"
    assert await page.get_attribute("#editor", "aria-invalid") == "true"
    # What is marked is no selection of the user's: the whole runs again.
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#error:has-text('Line 3, column 1: ')")
    await page.fill("#editor", "SELECT 1; SELECT 2")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#status:has-text('1 row, of the last of 2 statements')")
    assert await page.is_hidden("#error")
    assert await page.get_attribute("#editor", "aria-invalid") is None


async def test_tables_and_their_columns(open_page, server: SqlServer) -> None:
    page = await open_page(server.url)
    await page.wait_for_selector("summary")
    names = await page.locator("summary").all_text_contents()
    assert names == ["free view", "rides 3 rows", "other.Odd name 0 rows"]
    assert await page.text_content("#database") == f"{server.path}, read-only"
    await page.click("summary:has-text('rides')")
    columns = await page.locator("details[open] li").all_text_contents()
    assert columns == ["id INTEGER NOT NULL", "name VARCHAR", "fare DECIMAL(8,2)"]
    await page.click("details[open] button")
    await page.wait_for_selector("#result table")
    assert len(await rows(page)) == 3
    # The tables are read again, and drawn anew, before another query may run.
    await page.wait_for_selector("#run:enabled")
    await page.click("summary:has-text('Odd name')")
    await page.click("button[aria-label='Show rows of other.Odd name']")
    await page.wait_for_selector("#status:has-text('0 rows')")
    assert await page.input_value("#editor") == 'SELECT * FROM other."Odd name" LIMIT 100'


async def test_escape_cancels_what_takes_too_long(open_page, server: SqlServer) -> None:
    page = await open_page(server.url, may_be_refused=True)
    await page.fill("#editor", SLOW)
    await page.keyboard.press("Control+Enter")
    await page.wait_for_selector("#cancel:enabled")
    assert await page.is_disabled("#run")
    # Once is enough, whichever of the two requests the server reads first.
    await page.keyboard.press("Escape")
    await page.wait_for_selector("#status:text-is('Cancelled.')")
    await page.wait_for_selector("#run:enabled")
    assert await page.is_disabled("#cancel")
    await page.fill("#editor", "SELECT 41 + 1")
    await page.click("#run")
    await page.wait_for_selector("#result td:has-text('42')")


async def test_the_limit_of_rows_is_told_and_csv_has_them_all(
    open_page, server: SqlServer, tmp_path: Path
) -> None:
    page = await open_page(server.url)
    await page.fill("#editor", "SELECT range AS n FROM range(12_345)")
    await page.click("#run")
    await page.wait_for_selector(f"#status:has-text('The first {ROWS_MAX} rows of more')")
    assert len(await rows(page)) == ROWS_MAX
    async with page.expect_download() as download:
        await page.click("#csv")
    file = await download.value
    assert file.suggested_filename == "result.csv"
    await file.save_as(tmp_path / "result.csv")
    text = (tmp_path / "result.csv").read_text()
    assert list(csv.reader(text.splitlines())) == [["n"], *([str(n)] for n in range(12_345))]


async def test_it_fits_and_can_be_read(open_page, server: SqlServer) -> None:
    for scheme in ("light", "dark"):
        for width in (360, 1200):
            page = await open_page(
                server.url, color_scheme=scheme, viewport={"width": width, "height": 800}
            )
            await page.fill("#editor", "SELECT *, repeat('wide ', 60) FROM rides")
            await page.click("#run")
            await page.wait_for_selector("#result table")
            assert await page.evaluate("document.documentElement.scrollWidth") == width
            # Contrast of text as WCAG 2 reckons it: 4.5 at least.
            contrasts = await page.evaluate(CONTRASTS)
            assert min(contrasts.values()) >= 4.5, contrasts


CONTRASTS = """
() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const own = getComputedStyle(element).backgroundColor;
    return own === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : own;
  };
  const found = {};
  for (const name of ["h1", "#database", "summary", ".kind", "#editor", "#run", "#csv", "#status",
                      "th", "td", ".null"]) {
    const element = document.querySelector(name);
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
    found[name] = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
  return found;
}
"""
