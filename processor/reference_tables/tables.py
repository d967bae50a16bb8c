"""The rows of all reference tables of an application, in a process that runs it."""

import asyncio
from collections.abc import Mapping, Sequence

from analytics_sql.plan import ReferenceTable
from awsio.retry import OnWait, retry
from processor.engine import Engine
from processor.reference_tables.base import TablePlace
from processor.reference_tables.content import TableContent, decode_table, named


class ReferenceTables:
    """Fills the tables of engines from the places that they are stored in."""

    def __init__(
        self, tables: Sequence[ReferenceTable], places: Mapping[str, TablePlace], on_wait: OnWait
    ) -> None:
        self._tables = tables
        self._places = places
        self._on_wait = on_wait
        self._contents: dict[str, TableContent] = {}

    async def load(self) -> None:
        """Reads all tables; waits for a place that is down. Raises ConfigError and ResourceMissing
        for a table that cannot be had.
        """
        for table in self._tables:
            place = self._places[table.name]
            with named(table):
                stored = await retry(
                    place.read, f"reference table {table.name}", on_wait=self._on_wait
                )
            assert stored is not None, "no version was named that it could still have"
            # In a thread: a large table must not hold up the map and the status.
            self._contents[table.name] = await asyncio.to_thread(decode_table, table, stored.data)

    def fill(self, engine: Engine) -> None:
        """Gives an engine of this application the rows that were read last."""
        for name, content in self._contents.items():
            engine.tables[name].replace(content.vectors, content.count)
