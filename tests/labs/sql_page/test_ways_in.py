"""What the page's server lets nobody do: the table in docs/labs.md."""

import os
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession

from labs.sql_page.serving import SqlServer
from tests.labs.sql_page.conftest import ask, loopback

REACHES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "COPY rides TO '{folder}/stolen.csv'",
    "EXPORT DATABASE '{folder}/stolen'",
    "ATTACH '{folder}/another.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
]


@pytest.mark.parametrize("is_writable", [False, True])
async def test_sql_reaches_nothing_but_the_file(
    database: Path, tmp_path: Path, is_writable: bool
) -> None:
    before = os.listdir(tmp_path)
    async with (
        SqlServer(database, loopback(), is_writable=is_writable) as server,
        ClientSession(server.url) as client,
    ):
        for sql in REACHES:
            status, answer = await ask(client, sql.format(folder=tmp_path))
            assert status == 400, (sql, answer)
            assert "root:" not in str(answer)
    assert os.listdir(tmp_path) == before


async def test_read_only_unless_told_otherwise(client: ClientSession, database: Path) -> None:
    for sql in (
        "INSERT INTO rides VALUES (4, 'x', 1)",
        "DROP TABLE rides",
        "CREATE TABLE n (a int)",
    ):
        status, answer = await ask(client, sql)
        assert status == 400
        assert "read-only" in answer["error"]


@pytest.mark.parametrize("path", ["/", "/tables", "/page/main.js"])
@pytest.mark.parametrize("name", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "["])
async def test_another_name_that_leads_here(client: ClientSession, path: str, name: str) -> None:
    """DNS rebinding."""
    async with client.get(path, headers={"Host": name}) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:1", "null", "file://"]
)
async def test_another_sites_page(client: ClientSession, origin: str) -> None:
    for path in ("/query", "/csv", "/cancel"):
        body = {"id": "q", "sql": "SELECT 1"}
        async with client.post(path, json=body, headers={"Origin": origin}) as response:
            assert response.status == 403
    async with client.get("/tables", headers={"Origin": origin}) as response:
        assert response.status == 403


async def test_a_request_that_another_site_makes_the_browser_send(client: ClientSession) -> None:
    for site in ("cross-site", "same-site"):
        async with client.get("/tables", headers={"Sec-Fetch-Site": site}) as response:
            assert response.status == 403
    body = '{"id": "q", "sql": "SELECT 1"}'
    async with client.post("/query", data=body) as response:
        assert response.status == 415


async def test_our_own_page_may(client: ClientSession, server: SqlServer) -> None:
    """The control; and a link may lead to the page itself."""
    headers = {"Origin": server.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    body = {"id": "q", "sql": "SELECT 1"}
    async with client.post("/query", json=body, headers=headers) as response:
        assert response.status == 200
    async with client.get("/", headers={"Sec-Fetch-Site": "cross-site"}) as response:
        assert response.status == 200
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"id": 1, "sql": ""}', b'{"id": "", "sql": ""}', b'{"id": "q"}',
     b"\xff", b'{"id": "' + b"x" * 65 + b'", "sql": ""}'],
)  # fmt: skip
async def test_bodies_that_are_none(client: ClientSession, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with client.post("/query", data=body, headers=headers) as response:
        assert response.status == 400


async def test_a_text_that_is_too_long(client: ClientSession) -> None:
    async with client.post("/query", json={"id": "q", "sql": "x" * 1_000_001}) as response:
        assert response.status == 413


def test_the_docs_name_the_tests_that_hold_their_rows() -> None:
    page = Path(__file__).resolve().parents[3] / "docs/labs.md"
    named = set(re.findall(r"`(test_\w+)`", page.read_text()))
    here = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    tests = set(re.findall(r"^async def (test_\w+)", here, re.MULTILINE))
    assert len(named) > 5
    assert named <= tests
