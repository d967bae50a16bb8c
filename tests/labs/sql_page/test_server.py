"""The page's server: what it answers."""

import asyncio
import csv
import io
import os
from pathlib import Path

import aiohttp
import duckdb
import pytest
from aiohttp import ClientSession

from fleet.errors import ConfigError
from labs.sql_page.answer import ROWS_MAX
from labs.sql_page.database import QUERIES_MAX
from labs.sql_page.serving import SqlServer
from tests.labs.sql_page.conftest import SLOW, ask, loopback


async def test_tables_with_their_columns(client: ClientSession, database: Path) -> None:
    async with client.get("/tables") as response:
        answer = await response.json()
    assert answer["database"] == str(database)
    assert answer["is_writable"] is False
    found = [
        (t["schema"], t["name"], t["is_view"], t["row_count"],
         [(c["name"], c["type"], c["is_required"]) for c in t["columns"]])
        for t in answer["tables"]
    ]  # fmt: skip
    rides = [("id", "INTEGER", True), ("name", "VARCHAR", False), ("fare", "DECIMAL(8,2)", False)]
    assert found == [
        ("main", "free", True, None, [(name, kind, False) for name, kind, _ in rides]),
        ("main", "rides", False, 3, rides),
        ("other", "Odd name", False, 0, [("a b", "BOOLEAN", False)]),
    ]


async def test_rows_are_texts_and_null_is_null(client: ClientSession) -> None:
    status, answer = await ask(
        client,
        "SELECT *, 9007199254740993 AS big, id = 1 AS yes, [1, 2] AS list, {'a': 'é'} AS struct, "
        "TIMESTAMPTZ '2008-01-25 14:30:00+00' AS at, 'x'::BLOB AS raw "
        "FROM rides ORDER BY id LIMIT 2",
    )
    assert status == 200
    assert [(c["name"], c["type"], c["is_number"]) for c in answer["columns"][:6]] == [
        ("id", "INTEGER", True), ("name", "VARCHAR", False), ("fare", "DECIMAL(8,2)", True),
        ("big", "BIGINT", True), ("yes", "BOOLEAN", False), ("list", "INTEGER[]", False),
    ]  # fmt: skip
    rest = ["[1, 2]", '{"a": "é"}', "2008-01-25 14:30:00", "\\x78"]
    assert answer["rows"] == [
        ["1", "Zoë", "2.50", "9007199254740993", "true", *rest],
        ["2", None, "10.00", "9007199254740993", "false", *rest],
    ]
    assert (answer["is_cut"], answer["statements"]) == (False, 1)


async def test_the_first_rows_of_more(client: ClientSession) -> None:
    for count, is_cut in ((ROWS_MAX, False), (ROWS_MAX + 1, True), (100_000_000, True)):
        _, answer = await ask(client, f"SELECT * FROM range({count})")
        assert (len(answer["rows"]), answer["is_cut"]) == (ROWS_MAX, is_cut)


async def test_several_statements_and_none(client: ClientSession) -> None:
    _, answer = await ask(client, "SELECT 1; -- one\nSELECT 2 AS b;")
    assert (answer["statements"], answer["rows"]) == (2, [["2"]])
    for nothing in ("", " ; ", "-- nothing"):
        _, answer = await ask(client, nothing)
        assert (answer["statements"], answer["columns"], answer["rows"]) == (0, [], [])


# Places counted by hand, in characters.
WRONG = [
    ("SELEC 1", 1, 1, 5, "syntax error"),
    ("SELECT 1;\n\n  SELECT nope FROM rides", 3, 10, 4, '"nope" not found'),
    ("SELECT 'é€🦄';\nSELECT 'é€🦄' || nope FROM rides", 2, 17, 4, '"nope" not found'),
    ("SELECT *\nFROM ride", 2, 6, 4, "ride does not exist"),
    ("SELECT 'open", 1, 8, 1, "unterminated"),
    ("SELECT CAST(name AS INTEGER)\nFROM rides", 1, 8, 21, "Could not convert"),
]


@pytest.mark.parametrize(("sql", "line", "column", "length", "message"), WRONG)
async def test_an_error_has_its_place(
    client: ClientSession, sql: str, line: int, column: int, length: int, message: str
) -> None:
    status, answer = await ask(client, sql)
    assert status == 400
    assert message in answer["error"]
    assert (answer["line"], answer["column"], answer["length"]) == (line, column, length)


async def rows_of_csv(client: ClientSession, sql: str) -> list[list[str]]:
    async with client.post("/csv", json={"id": "q", "sql": sql}) as response:
        assert response.status == 200
        assert response.content_type == "text/csv"
        return list(csv.reader(io.StringIO(await response.text(), newline="")))


async def test_csv_has_every_row(client: ClientSession) -> None:
    assert await rows_of_csv(client, "SELECT * FROM rides ORDER BY id") == [
        ["id", "name", "fare"], ["1", "Zoë", "2.50"], ["2", "", "10.00"], ["3", 'a,"b', "0.00"],
    ]  # fmt: skip
    rows = await rows_of_csv(client, "SELECT range AS n FROM range(25_001)")
    assert rows == [["n"], *([str(n)] for n in range(25_001))]


async def test_half_a_file_of_csv_is_no_file(client: ClientSession) -> None:
    sql = "SELECT if(range = 90_000, error('late')::BIGINT, range) FROM range(100_000)"
    async with client.post("/csv", json={"id": "q", "sql": sql}) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_csv_of_what_is_wrong(client: ClientSession) -> None:
    async with client.post("/csv", json={"id": "q", "sql": "SELEC 1"}) as response:
        assert response.status == 400
        assert (await response.json())["column"] == 1


async def until_it_runs(client: ClientSession, query_id: str) -> None:
    """Cancels it as soon as there is something to cancel."""
    while True:
        async with client.post("/cancel", json={"id": query_id}) as response:
            if (await response.json())["found"]:
                return


async def test_a_query_is_cancelled_and_others_are_not(client: ClientSession) -> None:
    slow = asyncio.create_task(ask(client, SLOW, "slow"))
    await until_it_runs(client, "slow")
    assert await slow == (409, {"cancelled": True})
    status, answer = await ask(client, "SELECT 1", "slow")
    assert (status, answer["rows"]) == (200, [["1"]])


async def test_queries_beyond_the_limit_are_refused(client: ClientSession) -> None:
    names = [f"slow {number}" for number in range(QUERIES_MAX)]
    asked = [asyncio.create_task(ask(client, SLOW, name)) for name in [*names, "one more"]]
    done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result()[0] for task in done] == [429]
    async with client.get("/tables") as response:
        assert response.status == 200, "the tables can be had meanwhile"
    for name in [*names, "one more"]:
        async with client.post("/cancel", json={"id": name}):
            pass
    results = await asyncio.gather(*asked)
    assert sorted(status for status, _ in results) == [409] * QUERIES_MAX + [429]


async def test_a_query_ends_when_nobody_waits_for_it(server: SqlServer) -> None:
    async with ClientSession(server.url) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await ask(client, SLOW, "left")
    # The same name is free again only when the query has ended.
    async with ClientSession(server.url) as client:
        status = 429
        while status == 429:
            status, answer = await ask(client, "SELECT 7", "left")
        assert answer["rows"] == [["7"]]


async def test_a_server_that_stops_waits_for_no_query(database: Path) -> None:
    body = {"id": "endless", "sql": "SELECT * FROM range(300_000_000_000)"}
    async with ClientSession() as client:
        async with SqlServer(database, loopback()) as server:
            response = await client.post(f"{server.url}csv", json=body)
            assert response.status == 200
        with pytest.raises(aiohttp.ClientError):
            await response.read()


async def test_a_writable_one_keeps_what_is_written(database: Path) -> None:
    async with (
        SqlServer(database, loopback(), is_writable=True) as server,
        ClientSession(server.url) as client,
    ):
        status, _ = await ask(client, "INSERT INTO rides VALUES (4, 'new', 1)")
        assert status == 200
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("SELECT name FROM rides WHERE id = 4").fetchall() == [("new",)]


async def test_a_file_that_is_put_in_its_place_is_followed(
    client: ClientSession, database: Path, tmp_path: Path
) -> None:
    with duckdb.connect(str(tmp_path / "next.duckdb")) as connection:
        connection.execute("CREATE TABLE fresh (a INTEGER)")
    (tmp_path / "next.duckdb").replace(database)
    async with client.get("/tables") as response:
        assert [table["name"] for table in (await response.json())["tables"]] == ["fresh"]
    os.unlink(database)
    status, answer = await ask(client, "SELECT 1")
    assert status == 503
    assert "is not there" in answer["error"]


async def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("no database " * 1000)
    for name, message in (("none.duckdb", "is not there"), ("text.duckdb", "cannot be opened")):
        with loopback() as bound, pytest.raises(ConfigError, match=message):
            await SqlServer(tmp_path / name, bound).__aenter__()
