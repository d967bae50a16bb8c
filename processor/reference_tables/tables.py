"""The rows of all reference tables of an application, in a process that runs it: read at its start,
and again when what they are stored in has changed, or when somebody asks.

A table that cannot be read any more, or that has become wrong, keeps the rows that it had, and the
progress says why. Windows go on, and a table with a hole in it never takes the place of a whole
one.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from analytics_sql.plan import ReferenceTable
from awsio.retry import OnWait, retry
from fleet.errors import FleetError
from processor.engine import Engine
from processor.progress import Progress, TableProgress
from processor.reference_tables.base import TablePlace
from processor.reference_tables.content import TableContent, decode_table, named

log = logging.getLogger(__name__)

INTERVAL_S: Final = 60.0
"""From one look at where the tables are stored to the next."""


@dataclass(frozen=True, slots=True)
class TableSettings:
    """What becomes of reference tables: --reference and --reload."""

    sources: Mapping[str, str] = field(default_factory=dict)
    """Table -> file or s3://bucket/key, in place of the application's own."""
    interval_s: float | None = INTERVAL_S
    """None: tables are read again only when asked for."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by whoever wants all tables read again, whatever their version."""


@dataclass(slots=True)
class _Held:
    """What is known of one table."""

    content: TableContent
    """The newest rows that were sound."""
    version: str
    """Of what was read last, sound or not."""
    fault: str | None = None
    """What was wrong with that."""


class ReferenceTables:
    """Gives engines their tables."""

    def __init__(
        self,
        tables: Sequence[ReferenceTable],
        places: Mapping[str, TablePlace],
        progress: Progress,
        settings: TableSettings | None = None,
    ) -> None:
        self._tables = tables
        self._places = places
        self._progress = progress
        self._settings = settings or TableSettings()
        self._loaded = asyncio.Event()
        self._held: dict[str, _Held] = {}
        self._fresh: dict[str, TableContent] = {}

    async def load(self, on_wait: OnWait) -> None:
        """Reads the tables that were not read yet; waits for a place that is down. Raises
        ConfigError and ResourceMissing for a table that cannot be had.
        """
        for table in self._tables:
            if table.name in self._held:
                continue
            place = self._places[table.name]
            with named(table):
                stored = await retry(place.read, f"reference table {table.name}", on_wait=on_wait)
            assert stored is not None, "no version was named that it could still have"
            # In a thread: a large table must not hold up the map and the status.
            content = await asyncio.to_thread(decode_table, table, stored.data)
            self._held[table.name] = _Held(content, stored.version)
            self._progress.tables[table.name] = TableProgress(place.where, content.count)
            log.info("reference table %s: %s rows from %s", table.name, content.count, place.where)
        self._loaded.set()

    async def watch(self) -> None:
        """Looks again and again once all are loaded, until it is cancelled."""
        await self._loaded.wait()
        asked = self._settings.asked
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.interval_s):
                    await asked.wait()
            anew = asked.is_set()
            asked.clear()
            await self.look(anew=anew)

    async def look(self, *, anew: bool = False) -> None:
        """Reads the tables that have changed, or all of them; what is sound is there to be taken.
        Nothing is raised for a table that cannot be had: it keeps its rows.
        """
        for table in self._tables:
            held = self._held[table.name]
            try:
                await self._read(table, held, None if anew else held.version)
                self._tell(table.name, held.fault)
                if anew and table.name not in self._fresh and held.fault is None:
                    log.info("reference table %s: read again, the same rows", table.name)
            except FleetError as error:
                # Where it is stored may be well again at the next look.
                self._tell(table.name, str(error))

    async def _read(self, table: ReferenceTable, held: _Held, unless: str | None) -> None:
        """Raises FleetError when there is nothing to be read."""
        with named(table):
            stored = await self._places[table.name].read(unless)
        if stored is None:
            return
        held.version = stored.version
        try:
            content = await asyncio.to_thread(decode_table, table, stored.data)
        except FleetError as error:
            held.fault = str(error)
            return
        held.fault = None
        if content.digest != held.content.digest:
            held.content = self._fresh[table.name] = content

    def _tell(self, name: str, failure: str | None) -> None:
        """Once for each failure, however often it is met."""
        progress = self._progress.tables[name]
        if failure is not None and failure != progress.failure:
            log.warning("%s; the rows that it had stay", failure)
        elif failure is None and progress.failure is not None:
            log.info("reference table %s can be read again", name)
        progress.failure = failure

    def fill(self, engine: Engine) -> None:
        """Gives an engine of this application the newest rows."""
        self.take()
        for name, held in self._held.items():
            engine.tables[name].replace(held.content.vectors, held.content.count)

    def take(self) -> dict[str, TableContent]:
        """The tables that have other rows than those which were filled in or taken last."""
        fresh, self._fresh = self._fresh, {}
        for name, content in fresh.items():
            progress = self._progress.tables[name]
            progress.rows = content.count
            progress.exchanges += 1
            log.info("reference table %s: exchanged, %s rows now", name, content.count)
        return fresh

    def changed_since(self, digests: Mapping[str, str]) -> list[str]:
        """The tables that have other rows than those of which these are the digests."""
        return sorted(name for name, own in self.digests.items() if digests.get(name, own) != own)

    @property
    def digests(self) -> dict[str, str]:
        """Of the newest rows of each table."""
        return {name: held.content.digest for name, held in self._held.items()}
