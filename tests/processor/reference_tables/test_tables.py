"""Tables that change while they are used: over every place, what is sound is taken and what is not
changes nothing but what is said.
"""

import asyncio
import logging
from typing import Any

import pytest

from analytics_sql.application_file import load_application
from fleet.errors import ConfigError, ResourceMissing, TransientError
from processor.engine import Engine
from processor.progress import Progress
from processor.reference_tables.base import TablePlace
from processor.reference_tables.memory import MemoryPlace
from processor.reference_tables.tables import ReferenceTables, TableSettings
from tests.processor.reference_tables.conftest import Storage
from tests.processor.reference_tables.test_engine import rows_of


def never(reason: str, _seconds: float) -> None:
    raise AssertionError(f"nothing has to be waited for: {reason}")


class Used:
    """The tables of an application, and what they say of themselves."""

    def __init__(self, folder: Any, place: TablePlace, **settings: Any) -> None:
        self.application = load_application(folder)
        self.progress = Progress()
        self.tables = ReferenceTables(
            self.application.tables, {"ZONES": place}, self.progress, TableSettings(**settings)
        )

    @property
    def failure(self) -> str | None:
        return self.progress.tables["ZONES"].failure

    def taken(self) -> list[Any] | None:
        """The zones of the rows that were taken; None: nothing was."""
        fresh = self.tables.take()
        return fresh["ZONES"].vectors["ZONE"].to_list() if fresh else None

    async def soon_taken(self) -> list[Any]:
        """The same, once there is something."""
        while True:
            await asyncio.sleep(0)
            if (zones := self.taken()) is not None:
                return zones


async def test_what_has_changed_is_taken_once(folder: Any, storage: Storage) -> None:
    storage.put(b"1,North\n")
    used = Used(folder, storage.place)
    await used.tables.load(never)
    engine = Engine(used.application)
    used.tables.fill(engine)
    assert rows_of(engine, 1, 1) == [{"N": 1, "ZONE": "North"}]
    await used.tables.look()
    assert used.taken() is None
    storage.put(b"1,South\n2,East\n")
    await used.tables.look()
    assert used.taken() == ["South", "East"]
    assert used.taken() is None
    progress = used.progress.tables["ZONES"]
    assert (progress.rows, progress.exchanges, progress.failure) == (2, 1, None)


async def test_what_is_wrong_is_said_and_changes_nothing(
    folder: Any, storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    storage.put(b"1,North\n")
    used = Used(folder, storage.place)
    await used.tables.load(never)
    before = used.tables.digests
    storage.put(b"1,South\ntwo,East\n")
    for anew in (False, False, True):
        await used.tables.look(anew=anew)
        assert "zones.csv:2:1: column \"K\": 'two'" in (used.failure or "")
    assert (used.taken(), used.tables.digests) == (None, before)
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warnings) == 1, "one failure is told once"
    assert warnings[0].endswith("the rows that it had stay")
    # What was there before is no news.
    storage.put(b"1,North\n")
    await used.tables.look()
    assert (used.failure, used.taken()) == (None, None)
    storage.put(b"1,West\n")
    await used.tables.look()
    assert (used.failure, used.taken()) == (None, ["West"])


async def test_what_is_gone_is_said_and_changes_nothing(folder: Any, storage: Storage) -> None:
    storage.put(b"1,North\n")
    used = Used(folder, storage.place)
    await used.tables.load(never)
    storage.remove()
    await used.tables.look()
    assert (used.failure or "").startswith("reference table ZONES: ")
    assert used.taken() is None
    storage.put(b"1,North\n")
    await used.tables.look()
    assert (used.failure, used.taken()) == (None, None)


async def test_a_table_that_is_not_there_ends_the_start(folder: Any, storage: Storage) -> None:
    storage.put(b"")
    storage.remove()
    with pytest.raises((ConfigError, ResourceMissing), match="reference table ZONES: "):
        await Used(folder, storage.place).tables.load(never)


async def test_a_table_that_is_wrong_ends_the_start(folder: Any, storage: Storage) -> None:
    storage.put(b"one,North\n")
    with pytest.raises(ConfigError, match=r"ZONES: .*zones.csv:1:1: "):
        await Used(folder, storage.place).tables.load(never)


async def test_the_same_bytes_again_are_no_change(folder: Any, storage: Storage) -> None:
    storage.put(b"1,North\n")
    used = Used(folder, storage.place)
    await used.tables.load(never)
    storage.put(b"1,North\n")
    await used.tables.look()
    await used.tables.look(anew=True)
    assert used.taken() is None
    assert used.progress.tables["ZONES"].exchanges == 0


async def test_a_table_that_has_become_too_large_keeps_its_rows(
    folder: Any, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(b"1,North\n")
    used = Used(folder, storage.place)
    await used.tables.load(never)
    monkeypatch.setattr("processor.reference_tables.base.BYTES_MAX", 8)
    storage.put(b"1,North\n2,South\n")
    await used.tables.look()
    assert "has 16 bytes" in (used.failure or "")
    assert used.taken() is None


async def test_whoever_asks_has_them_read_again(folder: Any) -> None:
    place, asked = MemoryPlace(b"1,North\n"), asyncio.Event()
    used = Used(folder, place, interval_s=None, asked=asked)
    # Asked before there is anything: what is loaded is new anyway.
    asked.set()
    watching = asyncio.create_task(used.tables.watch())
    await used.tables.load(never)
    place.data = b"1,South\n"
    asked.set()
    assert await used.soon_taken() == ["South"]
    watching.cancel()


async def test_they_are_looked_at_without_being_asked(folder: Any) -> None:
    place = MemoryPlace(b"1,North\n")
    used = Used(folder, place, interval_s=0.001)
    await used.tables.load(never)
    watching = asyncio.create_task(used.tables.watch())
    place.data = b"1,South\n"
    assert await used.soon_taken() == ["South"]
    watching.cancel()


async def test_a_place_that_is_down_at_the_start_is_waited_for(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down(MemoryPlace):
        async def read(self, unless: str | None = None) -> Any:
            if len(reasons) < 3:
                raise TransientError("no route")
            return await super().read(unless)

    monkeypatch.setattr("awsio.retry.FIRST_CAP_S", 0.0)
    reasons: list[str] = []
    used = Used(folder, Down(b"1,North\n"))
    await used.tables.load(lambda reason, _seconds: reasons.append(reason))
    assert reasons == ["reference table ZONES: no route"] * 3
    assert used.tables.digests


async def test_which_tables_have_changed_since_a_snapshot(folder: Any) -> None:
    place = MemoryPlace(b"1,North\n")
    used = Used(folder, place)
    await used.tables.load(never)
    saved = used.tables.digests
    assert used.tables.changed_since({}) == used.tables.changed_since(saved) == []
    place.data = b"1,South\n"
    await used.tables.look()
    assert used.tables.changed_since(saved) == ["ZONES"]


async def test_control_a_mistake_of_ours_is_no_fault_of_a_table(folder: Any) -> None:
    class Broken(MemoryPlace):
        async def read(self, unless: str | None = None) -> Any:
            if unless is not None:
                raise LookupError("a mistake of ours")
            return await super().read(unless)

    used = Used(folder, Broken(b"1,North\n"))
    await used.tables.load(never)
    with pytest.raises(LookupError):
        await used.tables.look()
