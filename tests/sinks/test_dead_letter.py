"""The file of dead letters: its lines, torn writes, and what an operator may do to it."""

import base64
import json
import os
from pathlib import Path

import pytest

from fleet.errors import FleetError, Superseded
from fleet.row import DeadLetter
from sinks.base import Cursor
from sinks.cut_back_file import BLOCK_BYTES
from sinks.dead_letter import DeadLetterFile, letter_line


def letter(data: bytes = b'{"Name":1}') -> DeadLetter:
    return DeadLetter(
        shard_id="shardId-000000000004",
        sequence_number="4959",
        arrival_ms=1_767_225_600_001,
        partition_key="Shadowfax ☃",
        stage="decode",
        reason="Name: expected text, found a number",
        data=data,
    )


async def written(path: Path, letters: int) -> Cursor:
    """The cursor of a file after so many letters."""
    sink = DeadLetterFile(path)
    await sink.open({})
    await sink.write([letter()] * letters)
    await sink.close()
    return sink.cursor()


def test_a_line_says_everything() -> None:
    assert letter_line(letter()).decode() == (
        '{"shard_id":"shardId-000000000004","sequence_number":"4959",'
        '"arrival":"2026-01-01 00:00:00.001","partition_key":"Shadowfax ☃","stage":"decode",'
        '"reason":"Name: expected text, found a number","data":"{\\"Name\\":1}"}\n'
    )


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\nb\r\x00", b"", "☃".encode(), b"\xed\xa0\x80"])
def test_any_bytes_come_back(data: bytes) -> None:
    line = letter_line(letter(data))
    assert line.count(b"\n") == 1
    values = json.loads(line)
    if "data" in values:
        assert values["data"].encode() == data
    else:
        assert base64.b64decode(values["data_base64"]) == data


async def test_it_is_on_the_disk_when_write_returns(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "letters.jsonl"
    sink = DeadLetterFile(path)
    await sink.open({})
    assert sink.cursor()["bytes"] == 0
    await sink.write([letter(), letter(b"\xff")])
    assert path.read_bytes() == letter_line(letter()) + letter_line(letter(b"\xff"))
    assert sink.cursor()["bytes"] == path.stat().st_size
    await sink.close()
    await sink.close()


@pytest.mark.parametrize("torn", [1, 40, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 5])
async def test_half_a_line_is_cut(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "letters.jsonl"
    whole = letter_line(letter())
    path.write_bytes(whole + b"x" * torn)
    sink = DeadLetterFile(path)
    await sink.open({})
    assert path.read_bytes() == whole
    await sink.write([letter()])
    assert path.read_bytes() == whole * 2
    await sink.close()


async def test_a_file_of_half_a_line_is_emptied(tmp_path: Path) -> None:
    path = tmp_path / "letters.jsonl"
    path.write_bytes(b"x" * (2 * BLOCK_BYTES))
    sink = DeadLetterFile(path)
    await sink.open({})
    assert sink.cursor()["bytes"] == 0
    assert path.read_bytes() == b""
    await sink.close()


async def test_a_file_moved_away_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "letters.jsonl"
    cursor = await written(path, 10)
    path.unlink()
    sink = DeadLetterFile(path)
    await sink.open(cursor)
    await sink.write([letter()])
    assert path.read_bytes() == letter_line(letter())
    await sink.close()


async def test_the_cursor_of_another_machines_file_cuts_nothing(tmp_path: Path) -> None:
    """The snapshots are shared, the letters are not: each machine has some of its own."""
    here, there = tmp_path / "here" / "letters.jsonl", tmp_path / "there" / "letters.jsonl"
    older = await written(here, 3)
    elsewhere = await written(there, 1)
    sink = DeadLetterFile(here, epoch=2)
    await sink.open(elsewhere)
    assert here.read_bytes() == letter_line(letter()) * 3
    await sink.close()
    # Back on the first one, its own cursor is as good as ever.
    again = DeadLetterFile(here, epoch=3)
    await again.open({**older, "bytes": len(letter_line(letter()))})
    assert here.read_bytes() == letter_line(letter())
    await again.close()


async def test_a_file_of_before_files_had_ids_gets_one_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "letters.jsonl"
    path.write_bytes(letter_line(letter()) * 2)
    path.with_suffix(".epoch").write_text("1767225600\n")
    sink = DeadLetterFile(path, epoch=1_767_225_600)
    await sink.open({"bytes": 10})
    assert path.read_bytes() == letter_line(letter()) * 2
    saved = sink.cursor()
    await sink.write([letter()])
    await sink.close()
    again = DeadLetterFile(path, epoch=1_767_225_601)
    await again.open(saved)
    assert path.read_bytes() == letter_line(letter()) * 2
    await again.close()


async def test_a_damaged_epoch_is_said(tmp_path: Path) -> None:
    path = tmp_path / "letters.jsonl"
    path.with_suffix(".epoch").write_bytes(b"\x00\x00 \xff")
    with pytest.raises(FleetError, match=r"letters\.epoch holds no epoch"):
        await DeadLetterFile(path).open({})


async def test_a_cursor_inside_a_line_cuts_the_whole_line(tmp_path: Path) -> None:
    """Somebody edited the file: what is left must still be lines."""
    path = tmp_path / "letters.jsonl"
    whole = letter_line(letter())
    cursor = await written(path, 3)
    sink = DeadLetterFile(path)
    await sink.open({**cursor, "bytes": len(whole) + 10})
    assert path.read_bytes() == whole
    await sink.close()


async def test_a_full_disk_is_waited_for_and_half_a_write_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("awsio.retry.FIRST_CAP_S", 0.0)
    path, waits = tmp_path / "letters.jsonl", list[str]()
    sink = DeadLetterFile(path, on_wait=lambda reason, _seconds: waits.append(reason))
    await sink.open({})
    await sink.write([letter()])
    before = sink.cursor()
    real = os.pwrite
    calls = 0

    def pwrite(file: int, data: bytes, at: int) -> int:
        nonlocal calls
        calls += 1
        if calls in (2, 4):
            assert sink.cursor() == before, "nothing counts before all of it is there"
            raise OSError(28, "No space left on device")
        # Short writes are gone on with.
        return real(file, data[:20], at)

    monkeypatch.setattr(os, "pwrite", pwrite)
    await sink.write([letter(b"second")])
    assert waits == [f"dead letters: {path}: No space left on device"] * 2
    assert path.read_bytes() == letter_line(letter()) + letter_line(letter(b"second"))
    await sink.close()


async def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FleetError, match=r"dead letters: .*file/letters.jsonl: "):
        await DeadLetterFile(tmp_path / "file" / "letters.jsonl").open({})


async def test_an_older_processor_neither_cuts_nor_writes_over_what_a_newer_one_wrote(
    tmp_path: Path,
) -> None:
    path = tmp_path / "letters.jsonl"
    older, late, newer = (DeadLetterFile(path, epoch=epoch) for epoch in (9, 9, 10))
    await older.open({})
    await older.write([letter()])
    await newer.open(older.cursor())
    await newer.write([letter()])
    whole = path.read_bytes()
    # It stood still since before the other opened; another had not yet opened.
    with pytest.raises(Superseded, match="epoch 10 writes to it"):
        await older.write([letter(), letter()])
    with pytest.raises(Superseded):
        await late.open({**older.cursor(), "bytes": 0})
    assert path.read_bytes() == whole
    for sink in (older, newer):
        await sink.close()
