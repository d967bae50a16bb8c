"""Signing in: the page asks, says what is wrong, remembers if it may, and opens the feed with
tickets."""

import json

import pytest

from fleet.clock import SystemClock
from sinks.live_map.access.door import Admission, Refused, TokenDoor
from sinks.live_map.access.gate import Gate

playwright = pytest.importorskip("playwright.async_api", reason="pip install playwright")

pytestmark = pytest.mark.browser

TOKEN = "correct horse battery staple"
POOL = "us-east-1:0a1b2c3d-0000-4000-8000-123456789abc"


def token_gate() -> Gate:
    return Gate(TokenDoor(lambda: TOKEN, SystemClock()), SystemClock())


class PoolDoor(TokenDoor):
    """A pool's door as the page sees it; sinks/live_map/access/cognito.py is tested apart."""

    mode = "cognito"

    async def admit(self, credentials) -> Admission:
        if credentials.get("identity_pool_id") != POOL:
            raise Refused(401, "wrong_pool", "This map does not accept that identity pool id.")
        return await self.admit_bearer(TOKEN)


def pool_gate() -> Gate:
    return Gate(PoolDoor(lambda: TOKEN, SystemClock()), SystemClock())


async def test_a_token_opens_the_map(open_page, herd, serving, in_view) -> None:
    async with serving(herd("Artax"), gate=token_gate()) as url:
        page = await open_page(url, may_be_refused=True)
        await page.wait_for_selector("#sign-in[open]")
        assert await page.inner_text("#sign-in-label") == "Access token"
        assert await page.get_attribute("#sign-in-secret", "type") == "password"
        assert await page.evaluate("document.activeElement.id") == "sign-in-secret"
        await page.keyboard.press("Escape")
        assert await page.is_visible("#sign-in"), "there is nothing behind it"
        await page.keyboard.type("guess")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#sign-in-error:not(:empty)")
        assert await page.inner_text("#sign-in-error") == "That is not this map's token."
        assert await page.get_attribute("#sign-in-secret", "aria-invalid") == "true"
        await page.fill("#sign-in-secret", TOKEN)
        await page.keyboard.press("Enter")
        await in_view(page, 1)
        assert await page.is_hidden("#sign-in")
        assert TOKEN not in await page.evaluate("JSON.stringify(localStorage)")
        await page.reload()
        await in_view(page, 1)
        await page.click("#sign-out")
        await page.wait_for_selector("#sign-in[open]")
        assert await page.inner_text("#counts") == ""


async def test_a_wrong_pool_id_is_said_clearly_and_the_right_one_remembered(
    open_page, herd, serving, in_view
) -> None:
    async with serving(herd("Artax"), gate=pool_gate()) as url:
        page = await open_page(url, may_be_refused=True)
        await page.wait_for_selector("#sign-in[open]")
        assert await page.inner_text("#sign-in-label") == "Identity pool ID"
        await page.fill("#sign-in-secret", "us-east-1:00000000-0000-4000-8000-000000000000")
        await page.click("#sign-in-submit")
        await page.wait_for_selector("#sign-in-error:not(:empty)")
        error = await page.inner_text("#sign-in-error")
        assert error == "This map does not accept that identity pool id."
        await page.fill("#sign-in-secret", POOL)
        await page.click("#sign-in-submit")
        await in_view(page, 1)
        await page.context.clear_cookies()
        await page.reload()
        await in_view(page, 1)
        assert await page.is_hidden("#sign-in")


async def test_a_revoked_session_asks_again(open_page, herd, serving, in_view) -> None:
    secret = [TOKEN]
    gate = Gate(TokenDoor(lambda: secret[0], SystemClock()), SystemClock())
    async with serving(herd("Artax"), gate=gate) as url:
        page = await open_page(url, may_be_refused=True)
        await page.wait_for_selector("#sign-in[open]")
        await page.fill("#sign-in-secret", TOKEN)
        await page.keyboard.press("Enter")
        await in_view(page, 1)
        secret[0] = "another shared token of some length"
        await page.wait_for_selector("#sign-in[open]")


async def test_keys_do_nothing_behind_the_dialog(open_page, herd, serving) -> None:
    async with serving(herd("Artax"), gate=token_gate()) as url:
        page = await open_page(url, may_be_refused=True)
        await page.wait_for_selector("#sign-in[open]")
        await page.keyboard.type("lrn/")
        assert await page.input_value("#sign-in-secret") == "lrn/"
        assert await page.is_visible("#sidebar")
        snapshot = json.dumps(await page.locator("#sign-in").aria_snapshot())
        assert "Sign in to the live map" in snapshot
