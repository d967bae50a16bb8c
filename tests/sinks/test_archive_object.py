"""Where the archive cuts, what its objects are called, and that every reader can read them."""

import base64
import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, zip_longest
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, strategies as st

from fleet.batch import SHARD_END, WHOLE, Batch
from sinks.archive_object import Cutter, Run, json_line
from sinks.archive_settings import OBJECT_BYTES, ArchiveSettings

START_MS = 1_767_225_600_000
"""2026-01-01 00:00:00 UTC."""
Record = tuple[bytes, int]
"""Data and arrival; the sequence number is its place, from 1."""


def batch_of(
    records: Sequence[Record], start: int, end: int, *, tip_ms: int | None = None
) -> Batch:
    chosen = records[start:end]
    return Batch(
        shard_id="shardId-000000000000",
        records=[data for data, _ in chosen],
        arrival_ms=np.array([arrival_ms for _, arrival_ms in chosen], np.int64),
        sequence_numbers=[str(n) for n in range(start + 1, end + 1)],
        partition_keys=["Shadowfax"] * len(chosen),
        position=str(end) if end else None,
        tip_ms=tip_ms,
    )


def end_of_shard(position: str = SHARD_END) -> Batch:
    return Batch("shardId-000000000000", [], np.array([], np.int64), [], [], position)


DEFAULT = ArchiveSettings()


def cutter(settings: ArchiveSettings = DEFAULT) -> Cutter:
    return Cutter("shardId-000000000000", None, settings)


def cut(records: Sequence[Record], settings: ArchiveSettings = DEFAULT) -> list[Run]:
    """In one batch, and the shard's end."""
    one = cutter(settings)
    return one.add(batch_of(records, 0, len(records))) + one.add(end_of_shard())


def oracle(records: Sequence[Record], object_bytes: int) -> list[list[bytes]]:
    """The documented rule, once more: by minute, then by cumulative size."""
    runs = []
    for _, minute in groupby(records, key=lambda record: record[1] // 60_000):
        run: list[bytes] = []
        for data, _ in minute:
            run.append(data)
            if sum(map(len, run)) >= object_bytes:
                runs.append(run)
                run = []
        if run:
            runs.append(run)
    return runs


def test_a_name_says_when_and_from_where() -> None:
    [run] = cut([(b'{"Name":"Shadowfax"}', START_MS + 13 * 3_600_000 + 59_999)])
    [(beside, _), (key, body)] = run.objects(DEFAULT)
    assert beside == key.replace("readings/", "arrivals/")
    assert key == ("readings/year=2026/month=01/day=01/hour=13/shardId-000000000000_1.json.gz")
    assert gzip.decompress(body) == b'{"Name":"Shadowfax"}\n'
    assert body[4:8] == bytes(4), "no time in the GZIP header"


def test_a_minute_ends_at_its_last_millisecond() -> None:
    runs = cut([(b"{}", START_MS + 59_999), (b"{}", START_MS + 60_000)])
    assert [run.first_sequence_number for run in runs] == ["1", "2"]
    assert runs[1].start_ms == runs[0].start_ms + 60_000


def test_five_mebibytes_are_an_object() -> None:
    megabyte = json.dumps("x" * (1024 * 1024 - 8)).encode()
    record = b'{"a":' + megabyte + b"}"
    assert len(record) * 5 == OBJECT_BYTES
    runs = cut([(record, START_MS)] * 11)
    assert [len(run.readings) for run in runs] == [5, 5, 1]
    assert [run.first_sequence_number for run in runs] == ["1", "6", "11"]


def test_a_minute_is_held_back_until_the_tip_is_past_it() -> None:
    records = [(b"{}", START_MS), (b"{}", START_MS + 1)]
    one = cutter()
    assert one.add(batch_of(records, 0, 1)) == []
    assert one.position is None
    assert one.add(batch_of(records, 1, 2, tip_ms=START_MS + 59_999)) == []
    assert one.position is None
    [run] = one.add(batch_of(records, 2, 2, tip_ms=START_MS + 60_000))
    assert len(run.readings) == 2
    assert one.position == "2"


def test_a_window_may_be_longer_than_a_minute() -> None:
    records = [(b"{}", START_MS + minute * 60_000) for minute in range(11)]
    runs = cut(records, ArchiveSettings(window_ms=300_000))
    assert [len(run.readings) for run in runs] == [5, 5, 1]
    assert [run.start_ms for run in runs] == [START_MS + n * 300_000 for n in range(3)]


def test_the_position_stays_before_what_is_held_back() -> None:
    records = [(b"{}", START_MS), (b"{}", START_MS + 60_000), (b"{}", START_MS + 60_001)]
    one = cutter()
    one.add(batch_of(records, 0, 3))
    assert one.position == "1"
    one.add(end_of_shard())
    assert one.position == SHARD_END


@given(
    gaps_and_sizes=st.lists(
        st.tuples(st.sampled_from([0, 1, 20_000, 59_999, 60_000, 400_000]), st.integers(0, 90))
    ),
    batches=st.lists(st.tuples(st.integers(0, 4), st.booleans())),
)
def test_cuts_are_the_same_whatever_the_batches(
    gaps_and_sizes: list[tuple[int, int]], batches: list[tuple[int, bool]]
) -> None:
    arrival_ms = START_MS
    records: list[Record] = []
    for gap_ms, size in gaps_and_sizes:
        arrival_ms += gap_ms
        records.append((b'{"a":"' + b"x" * size + b'"}', arrival_ms))
    one = cutter(ArchiveSettings(object_bytes=100))
    runs = []
    start = 0
    for size, at_tip in [*batches, (len(records), False)]:
        end = min(len(records), start + size)
        tip_ms = records[end][1] if at_tip and end < len(records) else None
        runs += one.add(batch_of(records, start, end, tip_ms=tip_ms))
        start = end
    runs += one.add(end_of_shard())
    assert [list(run.readings) for run in runs] == oracle(records, 100)


POISON = {
    "not JSON": b"\xff\xfe poison",
    "nothing": b"",
    "a list": b"[1]",
    "a string": b'"a"',
    "two objects": b'{"a":1}{"a":2}',
    "two lines": b'{"a":1}\n{"a":2}',
    "half a surrogate": b'{"a":"\\ud800"}',
    "bad UTF-8 in a value": b'{"a":"\xff"}',
    "bad UTF-8 in a name": b'{"\xff":1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "NaN": b'{"a":NaN}',
    "beyond a double": b'{"a":1e999}',
    "raw NUL": b'{"a":"\x00"}',
    "raw line break in a string": b'{"a":"\n"}',
    "name twice": b'{"a":1,"a":2}',
    "name twice, blanks": b'{"a" :1,"a":2}',
    "name twice, tab": b'{"a"\t:1,"a":2,"b":3}',
    "name twice, escaped": b'{"a":1,"\\u0061":2}',
    "name twice, inside": b'{"b":{"a":1,"a":2}}',
    "name twice, in a list": b'{"b":[{"a":1,"a" :2}]}',
    "nested lists": b'{"a":' + b"[" * 101 + b"]" * 101 + b"}",
    "nested objects": b'{"a":' * 101 + b"1" + b"}" * 101,
    "nested without end": b'{"a":' + b"[" * 500_000,
    "nested beyond the stack": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
GOOD = {
    "a reading": b'{"Name":"Shadowfax","StatusTime":"2026-01-01 00:00:00.000","Distance":30.25}',
    "empty": b"{}",
    "text that looks like a name": b'{"a":"\\":","b":"{[ :"}',
    "nested": b'{"a":{"b":[1,{"c":null}]},"d":[[]]}',
    "nested to the limit": b'{"a":' + b"[" * 99 + b"]" * 99 + b"}",
    "blanks": b' { "a" : 1 , "b" : "x" } ',
    "unicode": '{"näme":"☃\u2028\U0001f984"}'.encode(),
    "escapes": b'{"a":"\\u0000\\n\\ud83e\\udd84"}',
    "big integer": b'{"a":123456789012345678901234567890}',
    "tiny": b'{"a":1e-999}',
    "same name in two objects": b'{"a":{"x":1},"b":{"x":2}}',
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD.keys())
def test_good_json_stays_byte_for_byte(data: bytes) -> None:
    assert json_line(data) == data


@pytest.mark.parametrize("data", POISON.values(), ids=POISON.keys())
def test_what_a_reader_may_refuse_is_no_line(data: bytes) -> None:
    assert json_line(data) is None


def test_line_breaks_between_tokens_become_blanks() -> None:
    assert json_line(b'{"a":1}\n') == b'{"a":1}'
    assert json_line(b'{\r\n "a":\n "b\\n"}\r\n') == b'{   "a":  "b\\n"}'


@given(
    st.binary(max_size=60) | st.text(alphabet='{}[]":,\\ \n\ta1.eE-', max_size=40).map(str.encode)
)
def test_a_line_means_what_the_record_meant(data: bytes) -> None:
    line = json_line(data)
    if line is not None:
        assert b"\n" not in line
        assert json.loads(line) == json.loads(data)


def test_poison_is_kept_with_what_is_known_of_it() -> None:
    [run] = cut(
        [
            (b'{"n":1}', START_MS),
            (b"\xff", START_MS + 1),
            (b"", START_MS + 2),
            (b"{}", START_MS + 3),
        ]
    )
    [(key, errors), _, (_, readings)] = run.objects(DEFAULT)
    assert gzip.decompress(readings) == b'{"n":1}\n{}\n'
    assert key == "errors/year=2026/month=01/day=01/hour=00/shardId-000000000000_1.json.gz"
    first, second = map(json.loads, gzip.decompress(errors).splitlines())
    assert first == {
        "shard_id": "shardId-000000000000",
        "sequence_number": "2",
        "arrival": "2026-01-01 00:00:00.001",
        "partition_key": "Shadowfax",
        "index": 1,
        "data_base64": "/w==",
    }
    assert (second["sequence_number"], second["index"], second["data_base64"]) == ("3", 2, "")


def test_every_record_comes_back_in_order() -> None:
    """Readings and errors of a run together are the shard's records, bytes and order."""
    records = [
        (data, START_MS)
        for pair in zip_longest(GOOD.values(), POISON.values())
        for data in pair
        if data is not None
    ]
    [run] = cut(records)
    readings = iter(run.readings)
    errors = {e["index"]: base64.b64decode(e["data_base64"]) for e in map(json.loads, run.errors)}
    found = [errors[i] if i in errors else next(readings) for i in range(len(records))]
    assert found == [data for data, _ in records]


def test_duckdb_reads_an_archive_with_anything_in_it(tmp_path: Path) -> None:
    """One line that DuckDB refuses would fail every query over the whole hour."""
    hostile = [(data, START_MS + 3_600_000) for data in (*POISON.values(), *GOOD.values())]
    plain = [(b'{"Name":"Shadowfax","Distance":%d}' % n, START_MS + n * 100_000) for n in range(36)]
    for run in cut(plain + hostile):
        for key, body in run.objects(DEFAULT):
            (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / key).write_bytes(body)
    files = f"{tmp_path}/readings/**/*.json.gz"
    columns = "{Name: 'VARCHAR', Distance: 'DOUBLE'}"
    query = f"""
        SELECT hour, count(*), count(Name), sum(Distance)
        FROM read_json('{files}', format='newline_delimited', hive_partitioning=true,
                       columns={columns})
        WHERE year = 2026 AND month = 1 AND day = 1 GROUP BY hour ORDER BY hour"""
    assert rows(query) == [("00", 36, 36, 630.0), ("01", len(GOOD), 1, 30.25)]
    [(errors,)] = rows(f"SELECT count(*) FROM read_json('{tmp_path}/errors/**/*.json.gz')")
    assert errors == len(POISON)


def test_the_documented_query_reads_it(tmp_path: Path) -> None:
    records = [
        (b'{"Name":"Shadowfax","Distance":30.5}', START_MS),
        (b'{"Name":"Shadowfax","Distance":29}', START_MS + 60_000),
        (b'{"Name":"Bucephalus","Distance":31}', START_MS + 60_000),
        (b'{"Name":"Bucephalus","Distance":1}', START_MS + 86_400_000),
        (b"poison", START_MS),
    ]
    for run in cut(records):
        for key, body in run.objects(DEFAULT):
            (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / key).write_bytes(body)
    page = (Path(__file__).parents[2] / "docs" / "sinks.md").read_text()
    queries = re.findall(r"^```sql\n(.*?);\n```", page, re.MULTILINE | re.DOTALL)
    [query] = [query for query in queries if "'archive/" in query]
    assert rows(query.replace("'archive/", f"'{tmp_path}/")) == [
        ("Bucephalus", 1, 31.0),
        ("Shadowfax", 2, 59.5),
    ]


def rows(query: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.sql(query).fetchall()


def test_an_aggregate_is_never_cut() -> None:
    """Its user records have one sequence number: two objects would have one name, and a position
    between them there is none.
    """
    numbers = ["1", "1", "1", "2", "3", "3"]
    whole = Batch(
        shard_id="shardId-000000000000",
        records=[b'{"a":"%d"}' % n + b" " * 40 for n in range(6)],
        arrival_ms=np.array([START_MS] * 6, np.int64),
        sequence_numbers=numbers,
        partition_keys=["a"] * 6,
        position="3",
        sub_sequence_numbers=[0, 1, 2, WHOLE, 0, 1],
        broken={5: "its aggregate spoilt it"},
    )
    settings = ArchiveSettings(object_bytes=60)
    at_once = cutter(settings)
    runs = at_once.add(whole) + at_once.add(end_of_shard())
    assert [run.first_sequence_number for run in runs] == ["1", "2"]
    assert [len(run.readings) for run in runs] == [3, 2]
    [error] = map(json.loads, runs[1].errors)
    assert (error["sequence_number"], error["index"]) == ("3:1", 2)

    # A replay from any position on, in other batches.
    for first, last in (("0", "1"), ("1", "2"), ("0", "2")):
        again = Cutter("shardId-000000000000", None if first == "0" else first, settings)
        count = numbers.index(str(int(last) + 1))
        made = again.add(replace(whole.take(range(count)), position=last))
        made += again.add(whole) + again.add(end_of_shard())
        expected = [run for run in runs if run.first_sequence_number > first]
        assert [run.objects(settings) for run in made] == [
            run.objects(settings) for run in expected
        ]
