"""The ledger holds what was acknowledged, byte for byte, whatever became of its last line."""

import asyncio
import json
from pathlib import Path

import pytest

from awsio.put_records import Ack, Entry
from fleet.errors import ConfigError, FleetError
from simulator.ledger import Header, Ledger, LedgerEntry, read_ledger

HEADER = Header(1, "wildrydes", 7, 2, "0.1.0")
DATA = '{"Name":"Söngull \\"x\\"","Distance":30.0}'.encode()


def entry(number: int) -> tuple[Entry, Ack]:
    return Entry('Söngull "x"', DATA), Ack("shardId-000000000001", f"4959{number:052d}")


def entries(path: Path) -> list[tuple[str, str, str, bytes]]:
    return [
        (item.shard, item.sequence_number, item.partition_key, bytes(item.data))
        for item in read_ledger(path)
        if isinstance(item, LedgerEntry)
    ]


async def write(path: Path, *numbers: int) -> int:
    with Ledger(path, HEADER) as ledger:
        for number in numbers:
            ledger.enter(*entry(number))
        return ledger.entries_before


async def test_what_is_entered_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert await write(path, 1, 2) == 0
    shard, number, key, data = entries(path)[1]
    assert (shard, key, data) == ("shardId-000000000001", 'Söngull "x"', DATA)
    assert number == f"4959{2:052d}"
    # Any reader of JSON takes it too.
    first, second, _ = [json.loads(line) for line in path.read_text().splitlines()]
    assert first == {
        "ledger": 1, "stream": "wildrydes", "seed": 7, "unicorns": 2, "version": "0.1.0",
    }  # fmt: skip
    assert second["data"] == json.loads(DATA)


async def test_entries_are_in_the_file_after_a_turn_of_the_loop(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with Ledger(path, HEADER) as ledger:
        for number in range(500):
            ledger.enter(*entry(number))
        await asyncio.sleep(0)
        assert len(entries(path)) == 500


async def test_a_later_run_adds_to_it_and_cuts_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    await write(path, 1, 2, 3)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert len(entries(path)) == 2
    assert await write(path, 4) == 2
    assert [number[-1] for _, number, _, _ in entries(path)] == ["1", "2", "4"]
    assert sum(isinstance(item, Header) for item in read_ledger(path)) == 2


async def test_another_streams_ledger_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    await write(path, 1)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="ledger of stream wildrydes, not of rides"):
        Ledger(path, Header(1, "rides", 7, 2, "0.1.0"))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [b"no ledger\n", b'{"ledger":99,"stream":"wildrydes"}\n', b'{"shard":"s"}\n', b"\xff\xfe\n"],
)
def test_what_is_no_ledger_is_never_written_to(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match="line 1 is no line of a ledger"):
        Ledger(path, HEADER)
    assert path.read_bytes() == text


def test_a_missing_ledger_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        list(read_ledger(tmp_path / "none"))


async def test_a_full_disk_is_told_by_the_next_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl", HEADER)

    def full(_file: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("simulator.ledger.os.write", full)
    ledger.enter(*entry(1))
    await asyncio.sleep(0)
    with pytest.raises(FleetError, match="No space left on device"):
        ledger.enter(*entry(2))
    with pytest.raises(FleetError, match="No space left on device"):
        ledger.close()
