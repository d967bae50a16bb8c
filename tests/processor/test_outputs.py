"""Each sink gets the rows of its streams, error_stream included, and a crash between two sinks
changes nothing.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from fleet.errors import RowRefused
from fleet.row import Row
from processor import error_stream
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.snapshot.memory import MemorySnapshots
from processor.source.memory import MemorySource
from sinks.base import Cursor, RowSink
from sinks.memory import MemoryDeadLetters, MemorySink
from sinks.row_file import RowFile
from sinks.row_format import json_object
from tests.processor.lives import Crash, Outside, TickingClock, straight
from tests.processor.world import APPLICATION, STREAM, make_world


class NamedSink(MemorySink):
    """Dies before its `dies_at`-th write."""

    def __init__(self, name: str, rows: dict[str, Row], dies_at: int = 0) -> None:
        super().__init__(rows)
        self.name = name
        self._left = dies_at

    async def write(self, rows: Sequence[Row]) -> None:
        self._left -= 1
        if self._left == 0:
            raise Crash
        await super().write(rows)


async def run(
    snapshots: MemorySnapshots, sinks: Sequence[RowSink], letters: MemoryDeadLetters
) -> None:
    start, _ = await resume(snapshots, APPLICATION, STREAM)
    outputs = Outputs(
        streams={*APPLICATION.outputs, error_stream.NAME},
        rows=sinks,
        records=[],
        dead_letters=letters,
        takes={"main": APPLICATION.outputs, "errors": {error_stream.NAME}},
    )
    source = MemorySource(make_world(2).shards, seed=start.epoch)
    engine, clock = Engine(APPLICATION), TickingClock()
    pipeline = Pipeline(engine, source, outputs, snapshots, start, clock, Progress())
    await pipeline.run(asyncio.Event())


async def test_each_sink_gets_the_rows_of_its_streams() -> None:
    main, errors, both = (NamedSink(name, {}) for name in ("main", "errors", "both"))
    letters = MemoryDeadLetters()
    await run(MemorySnapshots(), [main, errors, both], letters)
    outside: Outside = (await straight(make_world(2)))[0]
    assert main.rows == outside.rows
    assert sorted(map(repr, letters.letters)) == sorted(map(repr, outside.letters))
    assert both.rows == main.rows | errors.rows
    assert {row.stream for row in errors.rows.values()} == {"error_stream"}
    shown = sorted(
        (row.values["ERROR_NAME"], row.values["MESSAGE"], row.values["DATA_ROW"])
        for row in errors.rows.values()
    )
    assert shown == sorted(
        (
            "EVALUATION_ERROR" if letter.stage.startswith("pump") else "PARSE_ERROR",
            letter.reason,
            letter.data.hex(),
        )
        for letter in outside.letters
    )
    assert shown


@pytest.mark.parametrize("victim", ["main", "errors"])
@pytest.mark.parametrize("dies_at", range(1, 6))
async def test_dying_between_two_sinks_changes_nothing(victim: str, dies_at: int) -> None:
    outside: Outside = (await straight(make_world(2)))[0]
    snapshots, kept = MemorySnapshots(), list(outside.letters[:0])
    main: dict[str, Row] = {}
    errors: dict[str, Row] = {}
    for fatal in (dies_at, 0):
        sinks = [
            NamedSink("main", main, fatal if victim == "main" else 0),
            NamedSink("errors", errors, fatal if victim == "errors" else 0),
        ]
        try:
            await run(snapshots, sinks, MemoryDeadLetters(kept))
        except* Crash:
            pass
        snapshots = snapshots.as_another()
    assert main == outside.rows
    assert len(errors) == len(outside.letters)
    assert sorted(letter.data for letter in kept) == sorted(x.data for x in outside.letters)


class NeverCutBack(RowFile):
    """The control: adds its rows after whatever is there."""

    async def open(self, cursor: Cursor) -> None:
        await super().open({})


class Patient(NamedSink):
    """Dies when its neighbour has written what comes with that write."""

    neighbour_wrote: asyncio.Event

    async def write(self, rows: Sequence[Row]) -> None:
        if self._left == 1:
            self.neighbour_wrote.clear()
            await self.neighbour_wrote.wait()
        await super().write(rows)


async def lines_after_a_crash(
    kind: type[RowFile], path: Path, dies_at: int, victim: type[NamedSink] = NamedSink
) -> list[bytes]:
    """What a file holds at the end, when a sink beside it died at that write."""
    wrote = asyncio.Event()

    class Telling(kind):  # type: ignore[misc, valid-type]
        async def write(self, rows: Sequence[Row]) -> None:
            await super().write(rows)
            wrote.set()

    snapshots = MemorySnapshots()
    for epoch, fatal in ((1, dies_at), (2, 0)):
        main = victim("main", {}, fatal)
        if isinstance(main, Patient):
            main.neighbour_wrote = wrote
        sinks = [main, Telling(path, epoch=epoch)]
        try:
            await run(snapshots, sinks, MemoryDeadLetters())
        except* Crash:
            pass
        snapshots = snapshots.as_another()
    return sorted((await asyncio.to_thread(path.read_bytes)).splitlines())


# The file is written in a thread: with a neighbour that does not wait it is a race which is first.
@pytest.mark.parametrize("victim", [NamedSink, Patient])
@pytest.mark.parametrize("dies_at", range(1, 6))
async def test_a_file_has_each_row_once_whatever_crashes(
    tmp_path: Path, dies_at: int, victim: type[NamedSink]
) -> None:
    outside: Outside = (await straight(make_world(2)))[0]
    errors = [error_stream.error_row(APPLICATION.name, letter) for letter in outside.letters]
    rows = [*outside.rows.values(), *errors]
    found = await lines_after_a_crash(RowFile, tmp_path / "rows.jsonl", dies_at, victim)
    assert found == sorted(json_object(row.values) for row in rows)


@pytest.mark.parametrize("dies_at", range(1, 6))
async def test_the_control_that_is_never_cut_back_has_rows_twice(
    tmp_path: Path, dies_at: int
) -> None:
    found = await lines_after_a_crash(NeverCutBack, tmp_path / "rows.jsonl", dies_at, Patient)
    assert len(found) > len(set(found))


async def test_what_a_sink_refuses_does_not_come_back_as_a_row() -> None:
    class Choosy(NamedSink):
        async def write(self, rows: Sequence[Row]) -> None:
            raise RowRefused("none", [(row.id, "not liked") for row in rows])

    letters, errors = MemoryDeadLetters(), NamedSink("errors", {})
    await run(MemorySnapshots(), [Choosy("main", {}), errors], letters)
    refused = [letter for letter in letters.letters if letter.stage == "sink main"]
    assert {json.loads(letter.data)["Name"] for letter in refused} >= {"Copenhagen"}
    assert len(errors.rows) == len(letters.letters) - len(refused)
