"""The places of an application's reference tables, for a process with an event loop."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from analytics_sql.plan import ReferenceTable
from awsio.clients import AwsClients
from processor.reference_tables.base import Stored, TablePlace
from processor.reference_tables.file import read_file
from processor.reference_tables.s3 import ObjectPlace


class FilePlace:
    """See TablePlace. A file is the same as long as its time, size and inode are."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path

    async def read(self, unless: str | None = None) -> Stored | None:
        """See TablePlace."""
        return await asyncio.to_thread(read_file, self._path, unless)


def places_of(tables: Sequence[ReferenceTable], aws: AwsClients) -> dict[str, TablePlace]:
    """Where each table comes from, by its name."""
    return {
        table.name: ObjectPlace(aws, table.source)
        if table.is_on_s3
        else FilePlace(Path(table.source))
        for table in tables
    }
