"""`wildrydes state` on folders; the stores themselves are tested with the processor's."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fleet.errors import ConfigError, FleetError, SnapshotCorrupt, SnapshotRefused, Superseded
from processor.engine import Engine
from processor.snapshot.base import Figures, Snapshot
from processor.snapshot.disk import DiskSnapshots
from tests.processor.snapshot.samples import FIRST
from wildrydes.cli import wildrydes

SAVED = replace(
    FIRST,
    application="rides",
    epoch=7,
    shape={"P": ["windows of 60 s"]},
    figures=Figures(1_767_225_659_000, 2, 40, 9_000),
    tables={"ZONES": "0123456789abcdef" * 4},
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    save(tmp_path, SAVED)
    return tmp_path


def save(data: Path, snapshot: Snapshot) -> None:
    asyncio.run(DiskSnapshots(data / "processor" / snapshot.application).save(snapshot))


def stored(data: Path, application: str = "rides") -> Snapshot | None:
    return asyncio.run(DiskSnapshots(data / "processor" / application).load())


def state(*arguments: object, answer: str | None = None) -> Result:
    result = CliRunner().invoke(wildrydes, ["state", *map(str, arguments)], input=answer)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def shown(data: Path, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(state("show", "--data", data, "--json", *arguments).output)
    return found


def test_show_says_what_there_is(data: Path) -> None:
    found = shown(data)
    assert (found["application"], found["epoch"], found["released"]) == ("rides", 7, False)
    assert found["saved"] == "2026-01-01 00:01:00.000"
    assert found["watermark"] == "2026-01-01 00:00:59.000"
    assert (found["open_windows"], found["groups"], found["memory_bytes"]) == (2, 40, 9_000)
    assert found["keeps"] == {"P": ["windows of 60 s"]}
    assert found["cursors"] == SAVED.cursors
    assert found["tables"] == SAVED.tables
    assert found["shards"] == [
        {"shard": "shardId-000000000000", "position": "49", "time": "2026-01-01 00:00:59.000"},
        {"shard": "shardId-000000000001", "position": "SHARD_END", "time": None},
    ]
    text = state("show", "--data", data).output
    for part in (
        "rides",
        "epoch 7",
        "held",
        "2 open, 40 groups",
        "windows of 60 s",
        "SHARD_END",
        "ZONES",
    ):
        assert part in text


def test_a_snapshot_of_a_start_has_no_figures_yet(tmp_path: Path) -> None:
    save(tmp_path, replace(SAVED, figures=None, saved_ms=0, positions={}, clocks_ms={}))
    found = shown(tmp_path)
    assert found["saved"] is found["watermark"] is found["groups"] is None
    assert "before anything was read" in state("show", "--data", tmp_path).output


def test_the_application_is_the_only_one_or_named(data: Path) -> None:
    save(data, replace(SAVED, application="others", epoch=9))
    with pytest.raises(ConfigError, match="several applications") as caught:
        state("show", "--data", data)
    assert "others, rides" in (caught.value.remedy or "")
    assert shown(data, "--app", "others")["epoch"] == 9
    assert shown(data, "--app", "some/where/rides.sql")["epoch"] == 7
    with pytest.raises(FleetError, match=r"there is no snapshot in .*neither"):
        state("show", "--data", data, "--app", "neither")


def test_what_is_exported_is_imported_anywhere(data: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "rides.snapshot", tmp_path / "other"
    assert "epoch 7" in state("export", file, "--data", data).output
    assert "as epoch 8" in state("import", file, "--state-store", other).output
    there = asyncio.run(DiskSnapshots(other / "rides").load())
    assert there == replace(SAVED, epoch=8, released=True)
    with pytest.raises(ConfigError, match="there already"):
        state("export", file, "--data", data)
    with pytest.raises(ConfigError, match="is of application rides, not of others"):
        state("import", file, "--app", "others", "--data", data)


def test_an_import_supersedes_whoever_is_at_work(data: Path, tmp_path: Path) -> None:
    at_work = DiskSnapshots(data / "processor" / "rides")
    asyncio.run(at_work.save(replace(SAVED, epoch=8)))
    file = tmp_path / "rides.snapshot"
    state("export", file, "--data", data)
    state("import", file, "--data", data)
    with pytest.raises(Superseded):
        asyncio.run(at_work.save(replace(SAVED, epoch=8)))


@pytest.mark.parametrize(
    "newer", [replace(SAVED, epoch=8), replace(SAVED, saved_ms=SAVED.saved_ms + 1)]
)
def test_a_newer_snapshot_is_replaced_only_by_force(
    data: Path, tmp_path: Path, newer: Snapshot
) -> None:
    file, other = tmp_path / "rides.snapshot", tmp_path / "other"
    state("export", file, "--data", data)
    save(other, newer)
    with pytest.raises(SnapshotRefused, match=f"epoch {newer.epoch}, saved 2026") as caught:
        state("import", file, "--data", other)
    assert "--force" in (caught.value.remedy or "")
    assert stored(other) == newer
    state("import", file, "--data", other, "--force")
    found = stored(other)
    assert found is not None
    assert found.epoch > newer.epoch
    assert replace(found, epoch=7, released=False) == SAVED
    aside = other / "processor" / "rides" / "set-aside-1" / "snapshot"
    state("import", aside, "--data", other, "--force")
    assert stored(other) == replace(newer, epoch=found.epoch + 2, released=True)


def test_a_file_that_is_damaged_changes_nothing(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "rides.snapshot"
    state("export", file, "--data", data)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(SnapshotCorrupt, match="damaged"):
        state("import", file, "--data", data)
    assert stored(data) == SAVED


def test_a_reset_sets_aside_and_asks_first(data: Path) -> None:
    assert state("reset", "--data", data, answer="n\n").exit_code == 1
    assert stored(data) == SAVED
    home = json.loads(state("reset", "--data", data, "--yes", "--json").output)["set_aside"]
    assert stored(data) is None
    assert (Path(home) / "snapshot").is_file()
    with pytest.raises(FleetError, match="no snapshot"):
        state("reset", "--data", data, "--app", "neither", "--yes")


def test_figures_are_those_of_the_engine() -> None:
    from tests.processor.engine.runs import Record, batch_of
    from tests.processor.snapshot.test_fit import TUMBLE
    from tests.processor.snapshot.texts import compiled

    engine = Engine(compiled(TUMBLE))
    data = b'{"Name": "Bucephalus", "Distance": 1.5, "MagicPoints": 1}'
    engine.add(batch_of([Record(0, 1_000, data), Record(1, 61_000, data)]))
    engine.advance(2_000)
    figures = engine.figures
    assert (figures.watermark_ms, figures.open_windows) == (2_000, 2)
    assert figures.groups == 2  # one, and NULL, which is always there
    assert figures.state_bytes == engine.state_bytes
