"""What several folders of tests share. A real Chromium for the pages: Debian's where there is one,
else Playwright's own. A real PostgreSQL, Debian's.
"""

import gc
import os
import re
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql import PostgresServer, binaries, running_postgresql

# A machine that is busy is no failure: an example may take its time, and so may drawing it. The
# examples are the same in every run: what is to find new ones says so itself.
settings.register_profile(
    "same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")

# What is imported and collected stays until the end: while it is made, and from then on whenever
# memory is looked through for rubbish, it need not be looked at. That took a sixth of all the time.
# Rarely looked through is enough: what matters is freed by counting references.
gc.disable()
gc.set_threshold(20_000, 20, 20)

DEADLINE_MS = 180_000
"""What has not happened in a browser by then does not happen; far beyond what anything takes."""
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Refused, or broken off while the server closed it: it is chance which.
LOST_CONNECTION = re.compile(
    r"ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE)"
    r"|closed before receiving a handshake response"
)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A server of its own, which takes seconds to make: for tests marked `long`."""
    if binaries() is None:
        pytest.skip("no PostgreSQL: on Debian, apt-get install postgresql")
    with running_postgresql() as server:
        yield server


@pytest.fixture
async def chromium():
    flags = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else list(QUIET)
    playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=flags, timeout=DEADLINE_MS
        )
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium):
    """Opens pages, and fails the test for any error in them and any request to another host."""
    faults: list[str] = []

    async def open_page(
        url: str, *, may_lose_connection: bool = False, may_be_refused: bool = False, **options
    ):
        context = await chromium.new_context(
            **{"viewport": {"width": 1000, "height": 700}} | options
        )
        context.set_default_timeout(DEADLINE_MS)
        page = await context.new_page()

        def on_console(message) -> None:
            is_expected = (may_lose_connection and LOST_CONNECTION.search(message.text)) or (
                # The browser itself says so of every refusal, whatever the page makes of it.
                may_be_refused and re.search(r"status of 4\d\d", message.text)
            )
            if message.type in {"error", "warning"} and not is_expected:
                faults.append(message.text)

        origin = "/".join(url.split("/")[:3])
        page.on("console", on_console)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(origin) or url == "about:blank"
                else faults.append(f"asked for {request.url}")
            ),
        )
        await page.goto(url)
        return page

    yield open_page
    assert faults == []
