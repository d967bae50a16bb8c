"""Pipelines that break the promise in one place each: for controls, here and in tests."""

import asyncio
from collections.abc import Sequence

from fleet.row import DeadLetter, Row
from processor.pipeline import Pipeline


class SnapshotFirst(Pipeline):
    """Saves before the sinks have the rows."""

    async def _write_rows(self, rows: Sequence[Row]) -> list[DeadLetter]:
        if rows:
            self._unsaved = True
            await self._save()
            await self._gap()
        return await super()._write_rows(rows)

    async def _gap(self) -> None:
        """Between the two: in it a kill does harm."""
        await asyncio.sleep(0)


class TornSnapshot(Pipeline):
    """Saves new positions with the state of the save before."""

    _older_state = b""

    async def _save(self) -> None:
        dump = self._engine.dump
        newer = dump()
        try:
            self._engine.dump = lambda: self._older_state or newer  # type: ignore[method-assign]
            await super()._save()
        finally:
            self._engine.dump = dump  # type: ignore[method-assign]
            self._older_state = newer
