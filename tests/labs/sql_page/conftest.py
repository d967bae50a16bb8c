"""A page over a small database of its own."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiohttp import ClientSession

from labs.sql_page.serving import SqlServer

SLOW = "SELECT count(*) FROM range(300_000_000_000) WHERE range % 7 = 3"
"""Hours, unless it is cancelled."""


def loopback() -> socket.socket:
    """A socket for the server, which closes it, on any free port."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE rides (id INTEGER NOT NULL, name VARCHAR, fare DECIMAL(8,2))"
        )
        connection.execute(
            "INSERT INTO rides VALUES (1, 'Zoë', 2.50), (2, NULL, 10), (3, 'a,\"b', 0)"
        )
        connection.execute("CREATE VIEW free AS SELECT * FROM rides WHERE fare = 0")
        connection.execute("CREATE SCHEMA other")
        connection.execute('CREATE TABLE other."Odd name" ("a b" BOOLEAN)')
    return path


@pytest.fixture
async def server(database: Path) -> AsyncIterator[SqlServer]:
    async with SqlServer(database, loopback()) as server:
        yield server


@pytest.fixture
async def client(server: SqlServer):
    async with ClientSession(server.url) as client:
        yield client


async def ask(client: ClientSession, sql: str, query_id: str = "q") -> tuple[int, dict[str, Any]]:
    async with client.post("/query", json={"id": query_id, "sql": sql}) as response:
        return response.status, await response.json()
