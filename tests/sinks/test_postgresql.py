"""A real PostgreSQL: types, what it refuses, outages, lost connections, and who may write."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from fleet.errors import ConfigError, FleetError, ResourceMissing, RowRefused
from fleet.row import Row, Value
from fleet.row_mark import row_mark
from sinks.postgresql import ROWS_MAX, PostgresSink
from sinks.postgresql_table import create_rows_table, postgres_type
from sinks.row_columns import RowColumn
from tests.postgresql import PASSWORD, PostgresServer

pytestmark = pytest.mark.long

KINDS: dict[str, tuple[Value, object]] = {
    "TINYINT": (-128, -128),
    "SMALLINT": (32767, 32767),
    "INTEGER": (-(2**31), -(2**31)),
    "BIGINT": (2**63 - 1, 2**63 - 1),
    "REAL": (0.1, 0.1),
    "DOUBLE": (0.1, 0.1),
    "DECIMAL(10,2)": (Decimal("12.50"), Decimal("12.50")),
    "BOOLEAN": (False, False),
    "VARCHAR(16)": ("☃ '\"\\", "☃ '\"\\"),
    "CHAR(3)": ("a", "a"),
    "TIMESTAMP": ("2026-01-01 00:01:00.250", datetime(2026, 1, 1, 0, 1, 0, 250_000)),
    "DATE": ("2026-01-01", date(2026, 1, 1)),
    "TIME": ("00:01:00.250", time(0, 1, 0, 250_000)),
    "INTERVAL DAY TO SECOND": ("1 00:00:00", "1 00:00:00"),
}
WRONG: dict[str, Value] = {
    "TINYINT": 32768,
    "BIGINT": 2**63,
    "DOUBLE": "far",
    "DECIMAL(10,2)": Decimal("123456789.00"),
    "VARCHAR(16)": "nothing\x00",
    "CHAR(3)": "four",
    "TIMESTAMP": "noon",
}


def row(key: str, **values: Value) -> Row:
    return Row(f"app/OUT/1/{key}", "OUT", 1_767_225_660_000, values)


def read(server: PostgresServer, query: str) -> list[Any]:
    with psycopg.connect(server.url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


async def made(
    server: PostgresServer, table: str, columns: list[RowColumn], **given: Any
) -> PostgresSink:
    await create_rows_table(server.url, table, columns, "there")
    sink = PostgresSink(server.url, table, columns, where="there", epoch=1, **given)
    await sink.open()
    return sink


N = [RowColumn("N", "BIGINT")]


async def test_every_type(postgresql: PostgresServer) -> None:
    sink = await made(postgresql, "every_type", [RowColumn(kind, kind) for kind in KINDS])
    one = row("one", **{kind: value for kind, (value, _) in KINDS.items()})
    nothing = row("nothing", **dict.fromkeys(KINDS))
    await sink.write([one, nothing])
    await sink.close()
    found = read(postgresql, "SELECT * FROM every_type ORDER BY 2")
    assert found == [
        (row_mark(one.id), *(wanted for _, wanted in KINDS.values()), 1),
        (row_mark(nothing.id), *[None] * len(KINDS), 1),
    ]
    types = read(
        postgresql,
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = 'every_type'::regclass AND attnum > 0 ORDER BY attnum",
    )
    assert [name for (name,) in types] == [
        "text",
        *("smallint", "smallint", "integer", "bigint", "real", "double precision"),
        *("numeric(10,2)", "boolean", "character varying(16)", "character varying(3)"),
        *("timestamp(3) without time zone", "date", "time(3) without time zone", "text"),
        "bigint",
    ]


@pytest.mark.parametrize("kind", WRONG)
async def test_a_value_that_the_column_cannot_have_is_refused_alone(
    postgresql: PostgresServer, fresh_name: Callable[[str], str], kind: str
) -> None:
    table = fresh_name("wrong")
    sink = await made(postgresql, table, [RowColumn("V", kind)])
    good = [row(f"good {n}", V=KINDS[kind][0]) for n in range(20)]
    bad = row("bad", V=WRONG[kind])
    with pytest.raises(RowRefused, match="refuses 1 of 21 rows") as error:
        await sink.write([*good[:13], bad, *good[13:]])
    await sink.close()
    [(row_id, _)] = error.value.refused
    assert row_id == bad.id
    assert read(postgresql, f'SELECT count(*) FROM "{table}"') == [(20,)]


async def test_more_rows_than_a_transaction_has(postgresql: PostgresServer) -> None:
    sink = await made(postgresql, "many", N)
    rows = [row(str(n), N=n) for n in range(2 * ROWS_MAX + 1)]
    await sink.write([*rows, row("7", N=-7)])
    await sink.close()
    assert read(postgresql, 'SELECT count(*), min("N") FROM many') == [(len(rows), -7)]


async def test_an_outage_is_waited_out_and_told(postgresql: PostgresServer) -> None:
    told: list[str] = []

    def on_wait(reason: str, _seconds: float) -> None:
        told.append(reason)
        if len(told) == 3:
            postgresql.start()

    sink = await made(postgresql, "outage", N, on_wait=on_wait)
    await sink.write([row("a", N=1)])
    await asyncio.to_thread(postgresql.stop)
    await sink.write([row("a", N=1), row("b", N=2)])
    await sink.close()
    assert read(postgresql, 'SELECT "N" FROM outage ORDER BY 1') == [(1,), (2,)]
    assert all(reason.startswith("table outage at there: ") for reason in told)
    assert "Connection refused" in told[2]
    assert PASSWORD not in "".join(told)


async def test_a_connection_that_the_server_ends_is_made_again(postgresql: PostgresServer) -> None:
    sink = await made(postgresql, "ended", N)
    await sink.write([row("a", N=1)])
    read(
        postgresql,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
        "'wildrydes'",
    )
    await sink.write([row("a", N=2), row("b", N=3)])
    await sink.close()
    assert read(postgresql, 'SELECT "N" FROM ended ORDER BY 1') == [(2,), (3,)]


async def test_what_is_wrong_with_the_server_or_the_table_is_said(
    postgresql: PostgresServer,
) -> None:
    async def refusal(url: str, table: str, columns: list[RowColumn]) -> FleetError:
        sink = PostgresSink(url, table, columns, where="there", epoch=1)
        with pytest.raises(FleetError) as error:
            await sink.open()
        await sink.close()
        return error.value

    wrong = await refusal(postgresql.url.replace("clover", "oats"), "t", N)
    assert isinstance(wrong, ConfigError)
    assert "password authentication failed" in str(wrong)
    assert "oats" not in f"{wrong}{wrong.remedy}"
    nowhere = await refusal(postgresql.url.replace("/postgres", "/nowhere"), "t", N)
    assert isinstance(nowhere, ConfigError)
    assert 'database "nowhere" does not exist' in str(nowhere)
    missing = await refusal(postgresql.url, "t", N)
    assert isinstance(missing, ResourceMissing)
    assert str(missing) == "there is no table t at there"
    await (await made(postgresql, "narrow", N)).close()
    wide = [*N, RowColumn("M", "BIGINT"), RowColumn("n", "BIGINT")]
    narrow = await refusal(postgresql.url, "narrow", wide)
    assert str(narrow) == "table narrow at there has no column M, n"
    assert "ALTER TABLE" in str(narrow.remedy)


async def test_a_table_without_its_key_is_an_error(postgresql: PostgresServer) -> None:
    sink = await made(postgresql, "keyless", N)
    with psycopg.connect(postgresql.url) as connection:
        connection.execute("ALTER TABLE keyless DROP CONSTRAINT keyless_pkey")
    with pytest.raises(FleetError, match="no unique or exclusion constraint"):
        await sink.write([row("a", N=1)])
    await sink.close()


async def test_a_table_in_a_schema_is_made_once(postgresql: PostgresServer) -> None:
    with psycopg.connect(postgresql.url) as connection:
        connection.execute("CREATE SCHEMA rides")
    assert await create_rows_table(postgresql.url, "rides.All", N, "there")
    assert not await create_rows_table(postgresql.url, "rides.All", N, "there")
    sink = await made(postgresql, "rides.All", N)
    await sink.write([row("a", N=1)])
    await sink.close()
    assert read(postgresql, 'SELECT "N" FROM rides."All"') == [(1,)]


def test_a_decimal_without_sizes_has_none() -> None:
    assert postgres_type(RowColumn("D", "DECIMAL")) == "numeric"
