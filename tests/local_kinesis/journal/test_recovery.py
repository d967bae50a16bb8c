"""What comes back is what was put, up to the last whole entry, whatever became of the files."""

import logging
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from fleet.errors import ConfigError
from local_kinesis.journal.disk import Floors
from local_kinesis.journal.entry import HEAD_BYTES
from local_kinesis.journal.recovery import recover
from local_kinesis.journal.shard_log import FILE_BYTES
from local_kinesis.shard_iterator import ShardIterator
from local_kinesis.store import Store
from tests.local_kinesis.journal.conftest import NOW_MS, Kept, put, text

LOG = f"kinesis/readings.{NOW_MS}/0/00000000000000000001.log"


def log_files(path: Path) -> list[Path]:
    return sorted(path.glob("kinesis/*/0/*.log"))


def test_streams_and_their_records_come_back(kept: Kept) -> None:
    stream = kept.create(shards=3)
    for number in range(50):
        kept.now_ms += number
        kept.put(b"one", b"two", b"three %d" % number)
    before = stream.snapshot()
    records = [text(shard, kept.now_ms) for shard in stream.shards]
    assert all(records)
    kept.reopen()
    again = kept.store.streams["readings"]
    assert again is not stream
    assert again.snapshot() == before
    assert [text(shard, kept.now_ms) for shard in again.shards] == records
    assert kept.store.memory_bytes == sum(shard.memory_bytes for shard in again.shards)


def test_numbers_and_times_go_on_and_iterators_stay_valid(kept: Kept) -> None:
    kept.create()
    kept.now_ms += 5000
    before = kept.put(b"a", b"b")
    place = ShardIterator(kept.now_ms, "readings", 0, kept.shard.created_s, kept.shard.next_ordinal)
    sealed = place.seal()
    kept.now_ms -= 3000
    kept.reopen()
    after = kept.put(b"c")
    assert int(after[0]) > int(before[-1])
    # The clock went back over the restart; arrival times do not.
    assert kept.shard.last_arrival_ms == NOW_MS + 5000
    position = ShardIterator.unseal(sealed, kept.now_ms).position
    assert after[0].encode() in b"".join(kept.shard.read(position, 9, 999, kept.now_ms).fragments)


def test_a_reshard_and_a_change_of_settings_come_back(kept: Kept) -> None:
    stream = kept.create(shards=2)
    kept.put(b"before")
    stream.retention_hours = 48
    stream.tags["owner"] = "me"
    kept.store.changed(stream)
    before = stream.snapshot()
    kept.reopen()
    assert kept.store.streams["readings"].snapshot() == before


def test_a_stream_made_anew_is_later_than_one_deleted_in_a_former_life(kept: Kept) -> None:
    first = kept.create()
    numbers = kept.put(b"old")
    kept.store.delete(first, kept.now_ms)
    kept.reopen()
    assert not kept.store.streams
    second = kept.create()
    assert second.created_ms > first.created_ms
    assert int(kept.put(b"new")[0]) > int(numbers[0])
    kept.reopen()
    assert b"bmV3" in text(kept.shard)
    assert len(list((kept.path / "kinesis").glob("readings.*"))) == 1


@pytest.fixture(scope="module")
def small_log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[int, bytes]]]:
    """A closed directory, and after each put of one to three records: the size of its log, and what
    could be read.
    """
    kept = Kept(tmp_path_factory.mktemp("small") / "data")
    kept.create()
    states = [(0, b"")]
    for count in (1, 2, 1):
        kept.put(*[b"x%d" % number for number in range(count)])
        states.append((log_files(kept.path)[0].stat().st_size, text(kept.shard)))
    kept.close()
    return kept.path, states


def recovered(path: Path, log: bytes) -> Store:
    """A store from a directory with another log in it."""
    file = path / LOG
    file.write_bytes(log)
    file.with_suffix(".damaged").unlink(missing_ok=True)
    store = Store(region="us-east-1")
    recover(path / "kinesis", store, Floors(), NOW_MS)
    return store


def test_a_log_cut_anywhere_ends_at_the_last_whole_entry(
    small_log: tuple[Path, list[tuple[int, bytes]]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Byte by byte."""
    source, states = small_log
    whole = (source / LOG).read_bytes()
    path = tmp_path / "data"
    shutil.copytree(source, path)
    for size in range(len(whole) + 1):
        caplog.clear()
        store = recovered(path, whole[:size])
        end, state = [(end, state) for end, state in states if end <= size][-1]
        assert text(store.streams["readings"].shards[0]) == state
        torn_bytes = 0 if size == HEAD_BYTES else size - (end or (size > HEAD_BYTES) * HEAD_BYTES)
        said = f"its last {torn_bytes} bytes are cut off"
        assert (said in caplog.text) == (torn_bytes > 0)


@pytest.mark.parametrize("size", [0, 5, 32, 60, 227, 300, 600])
def test_a_log_that_was_cut_goes_on(
    small_log: tuple[Path, list[tuple[int, bytes]]], tmp_path: Path, size: int
) -> None:
    source, _ = small_log
    path = tmp_path / "data"
    shutil.copytree(source, path)
    (path / LOG).write_bytes((source / LOG).read_bytes()[:size])
    kept = Kept(path)
    kept.put(b"next")
    expected = text(kept.shard)
    assert expected.count(b"bmV4dA==") == 1
    kept.reopen()
    assert text(kept.shard) == expected
    kept.close()


def test_a_byte_changed_anywhere_never_gives_a_wrong_record(
    small_log: tuple[Path, list[tuple[int, bytes]]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What cannot be trusted is kept aside, and said."""
    source, states = small_log
    whole = (source / LOG).read_bytes()
    path = tmp_path / "data"
    shutil.copytree(source, path)
    for at in [*range(8), *range(HEAD_BYTES, len(whole))]:
        changed = bytearray(whole)
        changed[at] ^= 0x10
        caplog.clear()
        store = recovered(path, bytes(changed))
        good = [state for end, state in states if end <= at][-1]
        assert text(store.streams["readings"].shards[0]) == good
        file = (path / LOG).with_suffix(".damaged")
        aside = [file.read_bytes()] if file.exists() else []
        assert aside == ([bytes(changed)] if "is damaged at byte" in caplog.text else [])
        assert aside or "never acknowledged" in caplog.text


def test_a_damaged_file_in_the_middle_ends_the_shard_there(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.create()
    for _ in range(5):
        kept.put(*[b"x" * 3000] * 100)
    files = log_files(kept.path)
    assert len(files) >= 2
    size = files[0].stat().st_size
    kept.close()
    with files[0].open("r+b") as file:
        file.seek(size // 2)
        file.write(b"not what was there")
    kept.reopen()
    left = text(kept.shard).count(b"SequenceNumber")
    assert 0 < left < 500
    assert left % 100 == 0
    assert f"kept as *.damaged in {len(files)} files" in caplog.text
    kept.put(b"next")
    kept.reopen()
    assert text(kept.shard).count(b"SequenceNumber") == left + 1


def test_a_damaged_description_is_said(kept: Kept) -> None:
    kept.create()
    kept.close()
    file = next(kept.path.glob("kinesis/*/stream.json"))
    file.write_text('{"name": "readings"}')
    with pytest.raises(ConfigError, match=r"stream\.json is damaged"):
        kept.reopen()
    kept.close()
    file.unlink()
    # As a kill during CreateStream leaves it.
    kept.reopen()
    assert not kept.store.streams


def test_a_damaged_list_of_the_deleted_is_said(kept: Kept) -> None:
    kept.store.delete(kept.create(), kept.now_ms)
    kept.close()
    (kept.path / "kinesis" / "deleted.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"deleted\.json is damaged"):
        kept.reopen()


def test_what_had_to_go_stays_gone(tmp_path: Path) -> None:
    kept = Kept(tmp_path, memory_max_bytes=4 << 20)
    kept.create()
    for _ in range(60):
        kept.put(*[b"x" * 2000] * 50)
    horizon, next_ordinal = kept.shard.horizon, kept.shard.next_ordinal
    assert 1 < horizon < next_ordinal
    records = text(kept.shard)
    kept.reopen()
    assert (kept.shard.horizon, kept.shard.next_ordinal) == (horizon, next_ordinal)
    assert text(kept.shard) == records
    on_disk = sum(file.stat().st_size for file in log_files(tmp_path))
    assert on_disk < kept.store.memory_bytes + 2 * FILE_BYTES
    kept.close()


def test_a_smaller_bound_on_memory_drops_the_oldest(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.create()
    for _ in range(30):
        kept.put(*[b"x" * 2000] * 50)
    newest = text(kept.shard)[-2000:]
    kept.close()
    kept = Kept(tmp_path, memory_max_bytes=1 << 20)
    assert kept.store.memory_bytes <= 1 << 20
    assert text(kept.shard).endswith(newest)
    kept.close()


def test_numbers_go_on_when_all_records_have_expired(kept: Kept) -> None:
    kept.create()
    numbers = kept.put(b"a", b"b")
    kept.now_ms += 25 * 3_600_000
    kept.store.expire_all(kept.now_ms)
    kept.reopen()
    kept.reopen()
    assert text(kept.shard) == b""
    assert kept.shard.next_ordinal == kept.shard.horizon == 3
    assert int(kept.put(b"c")[0]) > int(numbers[-1])


def test_records_expire_while_nobody_is_there(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    kept.create()
    kept.put(b"old")
    kept.now_ms += 23 * 3_600_000
    kept.put(b"young")
    kept.now_ms += 2 * 3_600_000
    kept.reopen()
    assert text(kept.shard, kept.now_ms).count(b"SequenceNumber") == 1
    assert "1 streams with 1 records are back" in caplog.text


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.lists(st.integers(0, 5000), min_size=1, max_size=9)),
            st.tuples(st.just("wait"), st.integers(-1000, 8_000_000)),
            st.tuples(st.just("reopen"), st.none()),
            st.tuples(st.just("expire"), st.none()),
        ),
        max_size=40,
    )
)
def test_a_restart_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object]]
) -> None:
    """Beside a store that is never restarted and has no journal."""
    kept = Kept(tmp_path_factory.mktemp("twin") / "data", memory_max_bytes=100_000)
    twin = Store(region="us-east-1", memory_max_bytes=100_000)
    kept.create(shards=2)
    twin.create(
        "readings",
        shard_count=2,
        mode="PROVISIONED",
        record_bytes_max=1 << 20,
        tags={},
        now_ms=NOW_MS,
    )
    for kind, value in steps:
        if kind == "put":
            assert isinstance(value, list)
            data = [b"%d" % size + b"x" * size for size in value]
            assert kept.put(*data) == put(twin, "readings", kept.now_ms, *data)
        elif kind == "wait":
            assert isinstance(value, int)
            kept.now_ms += value
        else:
            if kind == "reopen":
                kept.reopen()
            kept.store.expire_all(kept.now_ms)
            twin.expire_all(kept.now_ms)
    kept.reopen()
    twin.expire_all(kept.now_ms)
    for ours, theirs in zip(
        kept.store.streams["readings"].shards, twin.streams["readings"].shards, strict=True
    ):
        assert ours.next_ordinal == theirs.next_ordinal
        assert ours.horizon == theirs.horizon
        assert ours.last_arrival_ms == theirs.last_arrival_ms
        assert text(ours, kept.now_ms) == text(theirs, kept.now_ms)
    kept.close()
