"""Every way in without a right is refused: the table of docs/security.md, row by row.

A test is named by its row; the last test here sees to it that both lists are the same. Each is
tried against a map that shows itself to whoever has the right, so that a refusal means something.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from fleet.clock import ManualClock
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from sinks.live_map import LiveMap
from sinks.live_map.access.attempts import FAILURES_MAX
from sinks.live_map.access.door import TOKEN_SESSION_MS, TokenDoor
from sinks.live_map.access.gate import COOKIE, Gate
from sinks.live_map.access.origins import LOOPBACK_NAMES, Origins
from sinks.live_map.access.sessions import TICKET_MS, Session
from sinks.live_map.access.settings import AccessSettings, open_gate
from tests.sinks.live_map.serving import serving

TOKEN = "correct horse battery staple"
DATA_PATHS = (
    "/feed",
    "/feed?version=2&format=json",
    "/unicorns/Artax",
    "/unicorns/Artax/rows",
    "/replay?from=0&to=1",
    "/replay/range",
)


@dataclass
class Site:
    """A map behind a token, and a browser that has not signed in."""

    gate: Gate
    clock: ManualClock
    live_map: LiveMap
    url: str
    client: aiohttp.ClientSession
    token: list[str]

    async def get(self, path: str = "/unicorns/Artax", **headers: str) -> int:
        """The status of a GET."""
        async with self.client.get(path, headers=headers) as answer:
            if answer.status in {401, 403}:
                assert "Artax" not in await answer.text()
            return answer.status

    async def websocket(self, query: str = "", **headers: str) -> int:
        """101 for one that opens, else the status."""
        try:
            async with self.client.ws_connect(f"/feed?version=2{query}", headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status

    async def sign_in(self) -> None:
        async with self.client.post("/auth", json={"token": self.token[0]}) as answer:
            assert answer.status == 200

    async def ticket(self) -> str:
        async with self.client.post("/auth/ticket") as answer:
            assert answer.status == 200
            return (await answer.json())["ticket"]

    def cookie(self) -> str:
        return next(cookie.value for cookie in self.client.cookie_jar if cookie.key == COOKIE)

    async def with_cookie(self, value: str) -> int:
        """The status of a GET with that cookie alone."""
        async with aiohttp.ClientSession(self.url, cookie_jar=aiohttp.DummyCookieJar()) as client:
            headers = {"Cookie": f"{COOKIE}={value}"}
            async with client.get("/unicorns/Artax", headers=headers) as answer:
                return answer.status


@pytest.fixture
async def site(producer) -> AsyncIterator[Site]:
    clock = ManualClock(producer.now_ms)
    token = [TOKEN]
    gate = Gate(TokenDoor(lambda: token[0], clock), clock, Origins(LOOPBACK_NAMES))
    live_map = LiveMap(clock, 20, gate=gate)
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        serving(live_map) as url,
        aiohttp.ClientSession(
            url, cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=60)
        ) as client,
    ):
        await live_map.write(producer.batch(producer.record("Artax")))
        yield Site(gate, clock, live_map, url, client, token)


async def test_whoever_has_the_right_comes_in(site: Site) -> None:
    """The control."""
    await site.sign_in()
    assert await site.get() == 200
    assert await site.get("/replay/range") == 404
    assert await site.websocket(f"&ticket={await site.ticket()}") == 101
    assert await site.get(Authorization=f"Bearer {TOKEN}") == 200
    assert await site.websocket(Authorization=f"Bearer {TOKEN}") == 101


async def test_no_session(site: Site) -> None:
    for path in DATA_PATHS:
        for method in ("GET", "HEAD"):
            async with site.client.request(method, path) as answer:
                assert answer.status == 401, path
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    async with site.client.post("/auth/ticket") as answer:
        assert answer.status == 401
    assert await site.get("/feed", Accept="text/event-stream") == 401
    assert await site.websocket() == 401
    assert await site.websocket("&format=json") == 401


@pytest.mark.parametrize(
    "path",
    [
        "/page/../feed?format=json", "/page/%2e%2e/feed?format=json", "//feed?format=json",
        "/feed/?format=json", "/FEED?format=json", "/page/..%2ffeed?format=json",
        "/auth/../unicorns/Artax", "/healthz/../unicorns/Artax", "/./unicorns/Artax",
        "/unicorns//Artax", "/page/main.js/../../unicorns/Artax", "/%66eed?format=json",
    ],
)  # fmt: skip
async def test_another_spelling_of_the_path(site: Site, path: str) -> None:
    status, body = await raw(site, f"GET {path} HTTP/1.1\r\nHost: {host(site)}\r\n")
    assert status in {400, 401, 404}, body
    assert "Artax" not in body.partition("\r\n\r\n")[2].replace("/unicorns/Artax", "")


async def test_a_wrong_token(site: Site) -> None:
    for wrong in ("correct horse battery stapl", TOKEN + " ", TOKEN.upper(), "\0" * 28):
        async with site.client.post("/auth", json={"token": wrong}) as answer:
            assert answer.status == 401
            assert (await answer.json())["error"] == "wrong_token"
            assert "Set-Cookie" not in answer.headers
    assert await site.get(Authorization="Bearer wrong") == 401
    assert await site.get(Authorization=f"Basic {TOKEN}") == 401


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"token"', b'{"token":1}', b'{"token":null}', b'{"token":""}',
        b'{"token":["%b"]}' % TOKEN.encode(), b'{"tokens":"x"}', b"[" * 5000, b"\xff",
        b'{"token":"%b","more":1}' % TOKEN.encode(), b'{"token":"%b"}' % (b"x" * 5000),
        b'{"identity_pool_id":"%b"}' % TOKEN.encode(), b" " * 9000 + b'{"token":"x"}',
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)  # fmt: skip
async def test_a_malformed_sign_in(site: Site, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with site.client.post("/auth", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"] == "malformed"


async def test_many_guesses(site: Site) -> None:
    for _ in range(FAILURES_MAX):
        async with site.client.post("/auth", json={"token": "guess"}) as answer:
            assert answer.status == 401
    async with site.client.post("/auth", json={"token": TOKEN}) as answer:
        assert answer.status == 429, "even the right one has to wait"
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    # What a proxy would say of the address is not believed.
    assert await site.get(Authorization=f"Bearer {TOKEN}", **{"X-Forwarded-For": "1.2.3.4"}) == 429
    site.clock.advance(61_000)
    await site.sign_in()


async def test_a_forged_session(site: Site) -> None:
    await site.sign_in()
    sealed = site.cookie()
    assert await site.with_cookie(sealed) == 200
    kind, session, expires, mac = sealed.split(".")
    later = str(int(expires) + 1)
    for forged in (
        "", ".", "...", "....", f"{kind}.{session}.{later}.{mac}", f"{kind}.{session}.{expires}.",
        f"{kind}.{'0' * 32}.{expires}.{mac}", f"{kind}.{session}.{expires}.{'0' * 64}",
        f"{kind}.{session}.{expires}", f"{kind}.{session}.{expires}.{mac}x", "ü.ü.ü.ü", sealed[:-1],
        f"{kind}.{session}.{expires}.{mac.upper()}",
    ):  # fmt: skip
        assert await site.with_cookie(forged) == 401, forged


async def test_a_session_of_another_map(site: Site) -> None:
    other = Gate(TokenDoor(lambda: TOKEN, site.clock), site.clock)
    sealed = other.sessions.seal(other.sessions.open(site.clock.now_ms() + 1000))
    assert await site.with_cookie(sealed) == 401


async def test_a_ticket_as_a_session_and_a_session_as_a_ticket(site: Site) -> None:
    await site.sign_in()
    assert await site.with_cookie(await site.ticket()) == 401
    assert await site.websocket(f"&ticket={site.cookie()}") == 401


async def test_an_expired_session(site: Site) -> None:
    await site.sign_in()
    ticket = await site.ticket()
    sealed = site.cookie()
    site.clock.advance(TOKEN_SESSION_MS)
    assert await site.with_cookie(sealed) == 401
    assert await site.websocket(f"&ticket={ticket}") == 401


async def test_an_expired_ticket(site: Site) -> None:
    await site.sign_in()
    ticket = await site.ticket()
    site.clock.advance(TICKET_MS)
    assert await site.websocket(f"&ticket={ticket}") == 401


async def test_a_ticket_used_twice(site: Site) -> None:
    await site.sign_in()
    ticket = await site.ticket()
    tries = await asyncio.gather(*(site.websocket(f"&ticket={ticket}") for _ in range(8)))
    assert sorted(tries) == [101, *[401] * 7]


async def test_a_cookie_alone_opens_no_websocket(site: Site) -> None:
    await site.sign_in()
    assert await site.websocket() == 401
    assert await site.websocket("&ticket=") == 401


async def test_after_signing_out(site: Site) -> None:
    await site.sign_in()
    sealed, ticket = site.cookie(), await site.ticket()
    async with site.client.ws_connect(f"/feed?version=2&ticket={await site.ticket()}") as open_one:
        async with site.client.delete("/auth") as answer:
            assert answer.status == 204
        assert await close_code(open_one) == 4401
    assert await site.with_cookie(sealed) == 401
    assert await site.websocket(f"&ticket={ticket}") == 401


async def test_after_the_token_was_changed(site: Site) -> None:
    await site.sign_in()
    sealed = site.cookie()
    async with site.client.ws_connect(f"/feed?version=2&ticket={await site.ticket()}") as open_one:
        site.token[0] = "another token, quite as long"
        assert await close_code(open_one) == 4401
    assert await site.with_cookie(sealed) == 401
    assert await site.get(Authorization=f"Bearer {TOKEN}") == 401
    await site.sign_in()


async def test_a_connection_outlives_no_session(site: Site) -> None:
    await site.sign_in()
    socket = await site.client.ws_connect(f"/feed?version=2&ticket={await site.ticket()}")
    lines = await site.client.get("/feed?format=json")
    assert lines.status == 200
    site.clock.advance(TOKEN_SESSION_MS)
    assert await close_code(socket) == 4401
    async with asyncio.timeout(60):
        await lines.read()


async def test_a_renewed_session_goes_on(site: Site) -> None:
    """The other control: signing in again in time keeps the connection."""
    await site.sign_in()
    async with site.client.ws_connect(f"/feed?version=2&ticket={await site.ticket()}") as socket:
        site.clock.advance(TOKEN_SESSION_MS - 1000)
        await site.sign_in()
        site.clock.advance(TOKEN_SESSION_MS // 2)
        [session] = site.live_map.viewers.sessions()
        assert not site.gate.sessions.is_over(session)
        assert not socket.closed


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1",
        "https://{host}",
        "file://{host}",
        "{host}",
    ],
)
async def test_another_sites_page(site: Site, origin: str) -> None:
    await site.sign_in()
    origin = origin.format(host=host(site))
    if origin.startswith("https://"):
        # Another scheme on the same port is nobody's page, and no harm either.
        origin = "https://127.0.0.1"
    assert await site.websocket(f"&ticket={await site.ticket()}", Origin=origin) == 403
    for path in ("/feed?format=json", "/unicorns/Artax", "/auth"):
        assert await site.get(path, Origin=origin) == 403
    async with site.client.post("/auth", json={"token": TOKEN}, headers={"Origin": origin}) as no:
        assert no.status == 403


async def test_our_own_page_may(site: Site) -> None:
    """The control."""
    await site.sign_in()
    ticket = await site.ticket()
    assert await site.websocket(f"&ticket={ticket}", Origin=site.url) == 101
    assert await site.get(Origin=site.url, **{"Sec-Fetch-Site": "same-origin"}) == 200


async def test_a_request_that_another_site_makes_the_browser_send(site: Site) -> None:
    await site.sign_in()
    for where in ("cross-site", "same-site"):
        assert await site.get(**{"Sec-Fetch-Site": where}) == 403
    async with site.client.post(
        "/auth", data=f'{{"token":"{TOKEN}"}}', headers={"Content-Type": "text/plain"}
    ) as answer:
        assert answer.status == 400
    cookies = [cookie for cookie in site.client.cookie_jar if cookie.key == COOKIE]
    assert [(c["samesite"], c["httponly"]) for c in cookies] == [("Strict", True)]


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""]
)
async def test_another_name_that_leads_here(site: Site, name: str) -> None:
    """DNS rebinding: to the browser it is evil.example's own page that asks."""
    await site.sign_in()
    assert await site.get(Host=name, Origin=f"http://{name}") == 403


async def test_a_name_of_loopback_may(site: Site) -> None:
    """The control."""
    await site.sign_in()
    port = site.url.rpartition(":")[2]
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert await site.get(Host=f"{name}:{port}") == 200


@pytest.mark.parametrize("host_name", ["0.0.0.0", "192.168.1.5", "::", "map.example"])
async def test_no_auth_off_loopback(host_name: str) -> None:
    with pytest.raises(ConfigError, match="whoever reaches") as refused:
        async with open_gate(AccessSettings(), AwsSettings(), host_name):
            pass
    assert "--auth token" in str(refused.value.remedy)


@pytest.mark.parametrize("token", ["", "short", "x" * 15])
async def test_a_token_that_can_be_guessed(token: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(token + "\n")
    for settings in (
        AccessSettings(mode="token", token=token),
        AccessSettings(mode="token", token_file=path),
    ):
        with pytest.raises(ConfigError, match="16 characters"):
            settings.check("127.0.0.1", AwsSettings())


async def test_a_token_file_that_is_gone_for_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    read = AccessSettings(mode="token", token_file=path).read_token()
    path.unlink()
    assert read() == TOKEN
    path.write_text("another token, quite as long")
    assert read() == "another token, quite as long"


async def test_what_is_open_tells_nothing(site: Site) -> None:
    for path in ("/", "/page/main.js", "/auth"):
        async with site.client.get(path) as answer:
            assert answer.status == 200
            assert "Artax" not in await answer.text()


async def test_every_answer_has_the_headers(site: Site) -> None:
    for path in ("/", "/page/main.js", "/auth", "/nowhere", "/unicorns/Artax", "/feed"):
        async with site.client.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Server"] == "wildrydes"
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_session_is_not_guessed() -> None:
    clock = ManualClock()
    sessions = Gate(TokenDoor(lambda: TOKEN, clock), clock).sessions
    ids = {sessions.open(1).id for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    assert sessions.unseal(sessions.seal(Session("x", clock.now_ms() + 1))) is not None


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int:
    while (message := await socket.receive(timeout=60)).type != aiohttp.WSMsgType.CLOSE:
        assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}
    return message.data


def host(site: Site) -> str:
    return site.url.removeprefix("http://")


async def raw(site: Site, head: str) -> tuple[int, str]:
    """Sends a head as it stands; a client library would mend it."""
    name, _, port = host(site).partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(head.encode() + b"Connection: close\r\n\r\n")
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1]), answer.decode("latin-1")


DOCS = Path(__file__).resolve().parents[4] / "docs/security.md"


def test_the_table_in_the_docs_is_what_is_tested() -> None:
    rows = re.findall(r"^\| .*\| `(test_\w+)` \|$", DOCS.read_text(), re.MULTILINE)
    assert len(rows) > 20
    tested = {name for path in Path(__file__).parent.glob("test_*.py") for name in names_in(path)}
    assert set(rows) - tested == set(), "rows that no test holds"


def names_in(path: Path) -> list[str]:
    return re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
