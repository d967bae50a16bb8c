"""The rows of the application's reference tables, as they are now, in tables reference_0 and so on
with the columns c0, c1, ...

A row of the stream saw the table as it was when the row was taken in. verify cannot know what a
table held before, so it is judged by what it holds now, and the verdict says so.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from analytics_sql.plan import ReferenceTable
from analytics_sql.record_format import JSON
from awsio.clients import AwsClients
from awsio.retry import OnWait, error_code, retry
from fleet.errors import ResourceMissing
from wildrydes.verification.database import Database
from wildrydes.verification.decoder import decoder_of
from wildrydes.verification.expression_sql import STORED
from wildrydes.verification.not_judged import NotJudged

ROWS_AT_ONCE: Final = 10_000
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


async def load_references(
    database: Database, tables: Sequence[ReferenceTable], aws: AwsClients, on_wait: OnWait | None
) -> Mapping[str, str | NotJudged]:
    """Reference table -> the table with its rows, or why it cannot be judged. Raises
    ResourceMissing for a file or object that is not there.
    """
    found: dict[str, str | NotJudged] = {}
    for number, table in enumerate(tables):
        data = await _content(table, aws, on_wait)
        try:
            found[table.name] = _load(database, f"reference_{number}", table, data)
        except NotJudged as why:
            found[table.name] = NotJudged(f"table {table.name}: {why}")
    return found


async def _content(table: ReferenceTable, aws: AwsClients, on_wait: OnWait | None) -> bytes:
    missing = f"reference table {table.name}: there is no {table.source}"
    remedy = f"--reference {table.name}=FILE names another"
    if not table.is_on_s3:
        try:
            return await asyncio.to_thread(Path(table.source).read_bytes)
        except OSError as error:
            raise ResourceMissing(f"{missing} ({error.strerror})", remedy=remedy) from error
    client = await aws.s3()
    bucket, _, key = table.source.removeprefix("s3://").partition("/")

    async def fetch() -> bytes:
        answer = await client.get_object(Bucket=bucket, Key=key)
        async with answer["Body"] as body:
            return await body.read()

    try:
        return await retry(fetch, table.source, on_wait=on_wait)
    except Exception as error:
        if error_code(error) in {"NoSuchKey", "NoSuchBucket", "404"}:
            raise ResourceMissing(missing, remedy=remedy) from error
        raise


def _load(database: Database, name: str, table: ReferenceTable, data: bytes) -> str:
    decoder = decoder_of(table.columns, table.format)
    columns = [f"c{i}" for i in range(len(table.columns))]
    types = [STORED[column.type.kind] for column in table.columns]
    listed = ", ".join(map(" ".join, zip(columns, types, strict=True)))
    database.execute(f"CREATE TABLE {name} ({listed})")
    data = data.removeprefix(_BYTE_ORDER_MARK)
    records = data.splitlines() if table.format == JSON else [data]
    rows = [row for record in records if record.strip() for row in decoder.rows(record)]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        sound = []
        for row in rows[start : start + ROWS_AT_ONCE]:
            if not isinstance(row, list):
                raise NotJudged(f"a row that cannot be read: {row}")
            sound.append(row)
        values = zip(columns, zip(*sound, strict=True), strict=True)
        database.insert(name, dict(values))
    return name
