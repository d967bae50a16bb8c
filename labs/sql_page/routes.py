"""What the page asks of the server. Every answer is for the page itself alone."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

from aiohttp import web

from fleet.errors import FleetError, SqlErrors
from labs.sql_page.answer import ROWS_MAX, answer, csv_of
from labs.sql_page.database import (
    QUERIES_MAX,
    Cancelled,
    Database,
    Query,
    TooManyQueries,
)
from sinks.live_map.access.origins import LOOPBACK_NAMES, Origins
from sinks.live_map.page_files import CONTENT_TYPES, SECURITY_HEADERS, read_page_file

PAGE: Final = Path(__file__).parent / "page"
BODY_BYTES_MAX: Final = 1_000_000
ID_CHARACTERS_MAX: Final = 64
AGAIN_S: Final = 0.05
"""Until a query that is to end is interrupted again."""

FOREIGN: Final = {
    "foreign_host": "This server does not answer to that name.",
    "foreign_origin": "This server is for its own page.",
}

Result = TypeVar("Result")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SqlPage:
    """The page over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._origins = Origins(LOOPBACK_NAMES)
        # Of its own: a query may keep its thread for hours, and the list of tables has to be had.
        self._threads = ThreadPoolExecutor(QUERIES_MAX + 1)

    def app(self) -> web.Application:
        """The server's application; the database outlives it."""
        app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[self._guard])
        app.on_response_prepare.append(_add_headers)
        app.on_cleanup.append(self._close)
        for path in sorted(PAGE.iterdir()):
            if path.suffix in CONTENT_TYPES:
                app.router.add_get(f"/page/{path.name}", read_page_file(path).serve)
        app.router.add_get("/", read_page_file(PAGE / "index.html").serve)
        app.router.add_get("/tables", self._tables)
        app.router.add_post("/query", self._query)
        app.router.add_post("/csv", self._csv)
        app.router.add_post("/cancel", self._cancel)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Nothing is public here: no other site may link to a query's answer, or have it made."""
        # A bookmark or a link may lead to the page itself.
        is_page = request.path == "/" and request.method in {"GET", "HEAD"}
        foreign = self._origins.foreign(request, is_public=is_page)
        if foreign is not None:
            return _refusal(403, FOREIGN[foreign])
        if request.method == "POST" and request.content_type != "application/json":
            # What a form of another site can post is none of these.
            return _refusal(415, "Post a JSON object.")
        try:
            return await handler(request)
        except SqlErrors as errors:
            return _sql_refusal(errors)
        except Cancelled:
            return web.json_response({"cancelled": True}, status=409)
        except TooManyQueries as error:
            return _refusal(429, f"{error}: {error.remedy}")
        except FleetError as error:
            return _refusal(503, f"{error}: {error.remedy}")

    async def _tables(self, _: web.Request) -> web.Response:
        loop = asyncio.get_running_loop()
        tables = await loop.run_in_executor(self._threads, self._database.tables)
        return web.json_response(
            {
                "database": str(self._database.path),
                "is_writable": self._database.is_writable,
                "row_limit": ROWS_MAX,
                "tables": [asdict(table) for table in tables],
            }
        )

    async def _query(self, request: web.Request) -> web.Response:
        query_id, text = await _asked(request)
        with self._database.query(query_id) as query:
            start_s = perf_counter()
            found = await self._in_thread(query, answer, query, text)
            return web.json_response({**asdict(found), "elapsed_s": perf_counter() - start_s})

    async def _csv(self, request: web.Request) -> web.StreamResponse:
        query_id, text = await _asked(request)
        with self._database.query(query_id) as query:
            batches = csv_of(query, text)
            names = await self._in_thread(query, next, batches)
            response = web.StreamResponse(headers={"Content-Type": "text/csv; charset=utf-8"})
            response.enable_chunked_encoding()
            await response.prepare(request)
            batch: str | None = names
            try:
                while batch is not None:
                    await response.write(batch.encode())
                    batch = await self._in_thread(query, next, batches, None)
            except FleetError:
                # Half a file must not pass for a whole one: the last chunk never comes.
                if request.transport is not None:
                    request.transport.abort()
            return response

    async def _cancel(self, request: web.Request) -> web.Response:
        queries = self._database.running(_text(await _object(request), "id"))
        await cancelled(queries)
        return web.json_response({"found": bool(queries)})

    async def _in_thread(
        self, query: Query, work: Callable[..., Result], *arguments: Any
    ) -> Result:
        """Runs what blocks. When nobody waits for it any more the query is cancelled, and its
        thread is done with the cursor before this returns.
        """
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                query.cancel()
                await asyncio.wait([task], timeout=AGAIN_S)
            # What it came to is nobody's concern.
            task.exception()
            raise

    async def _close(self, _: web.Application) -> None:
        self._threads.shutdown()


async def cancelled(queries: Iterable[Query]) -> None:
    """Returns when each has ended."""
    for query in queries:
        while not query.is_done:
            query.cancel()
            await asyncio.sleep(AGAIN_S)


async def _asked(request: web.Request) -> tuple[str, str]:
    """The query's id, which the page makes up, and its text."""
    body = await _object(request)
    query_id = _text(body, "id")
    if not 0 < len(query_id) <= ID_CHARACTERS_MAX:
        raise web.HTTPBadRequest(text=f"id has 1 to {ID_CHARACTERS_MAX} characters")
    return query_id, _text(body, "sql")


async def _object(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="this is no JSON object")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise web.HTTPBadRequest(text=f"{name} has to be a text")
    return value


def _sql_refusal(errors: SqlErrors) -> web.Response:
    error = errors.errors[0]
    return web.json_response(
        {
            "error": str(error),
            "line": error.line,
            "column": error.column,
            "length": error.length,
        },
        status=400,
    )


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    # Which versions run here is nobody's business.
    response.headers["Server"] = "wildrydes"
