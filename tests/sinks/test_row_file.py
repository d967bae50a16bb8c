"""Rows in files: cut back to the snapshot and to nothing else; one writer; the CSV form."""

import json
from pathlib import Path

import pytest

from fleet.errors import ConfigError, FleetError, Superseded
from fleet.row import Row
from sinks.row_file import RowFile


def row(number: int) -> Row:
    return Row(f"app/OUT/{number}", "OUT", number, {"N": number, "Note": None})


def numbers(path: Path) -> list[int]:
    return [json.loads(line)["N"] for line in path.read_text().splitlines()]


async def test_a_line_is_the_row_in_the_order_of_its_columns(tmp_path: Path) -> None:
    for row_format, text in (("json", '{"N":7,"Note":null}\n'), ("csv", "7,\n")):
        path = tmp_path / row_format
        sink = RowFile(path, row_format=row_format)  # type: ignore[arg-type]
        await sink.open({})
        await sink.write([row(7)])
        assert path.read_text() == text
        await sink.close()


async def test_a_snapshot_cuts_what_came_after_it_and_no_snapshot_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    first = RowFile(path)
    await first.open({})
    await first.write([row(1)])
    saved = first.cursor()
    await first.write([row(2)])

    again = RowFile(path)
    await again.open(saved)
    assert numbers(path) == [1]
    await again.write([row(2), row(3)])

    without = RowFile(path)
    await without.open({})
    assert numbers(path) == [1, 2, 3]


async def test_the_cursor_of_another_file_cuts_nothing(tmp_path: Path) -> None:
    """--output names another file than when the snapshot was saved."""
    path = tmp_path / "mine.jsonl"
    path.write_text('{"N":1}\n{"N":2}\n{"N":')
    sink = RowFile(path)
    other = RowFile(tmp_path / "other.jsonl")
    await other.open({})
    await other.write([row(1)])
    await sink.open({**other.cursor(), "bytes": 8})
    await sink.write([row(3)])
    assert numbers(path) == [1, 2, 3], "half a line goes: its write never returned"


async def test_an_older_processor_can_neither_write_nor_cut(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    older, newer = RowFile(path, epoch=1), RowFile(path, epoch=2)
    await older.open({})
    await older.write([row(1)])
    before = older.cursor()
    await newer.open(before)
    await newer.write([row(2)])
    with pytest.raises(Superseded, match=r"rows\.jsonl: epoch 2 writes to it, ours is 1"):
        await older.write([row(9)])
    with pytest.raises(Superseded):
        await RowFile(path, epoch=1).open(before)
    assert numbers(path) == [1, 2]


async def test_two_files_of_one_stem_do_not_share_their_writer(tmp_path: Path) -> None:
    for name, epoch in (("rows.jsonl", 5), ("rows.csv", 1)):
        sink = RowFile(tmp_path / name, epoch=epoch)
        await sink.open({})
        await sink.write([row(1)])


async def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    with pytest.raises(FleetError, match="in the way") as error:
        await RowFile(tmp_path / "in the way" / "rows.jsonl").open({})
    assert error.value.remedy


async def test_the_file_of_another_application_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rides = RowFile(path, application="rides", epoch=5)
    await rides.open({})
    await rides.write([row(1)])
    for epoch in (4, 6):
        with pytest.raises(ConfigError, match="application rides writes to it") as error:
            await RowFile(path, application="alarms", epoch=epoch).open({})
    assert f"remove {path}.epoch" in str(error.value.remedy)
    again = RowFile(path, application="rides", epoch=6)
    await again.open(rides.cursor())
    assert numbers(path) == [1]
