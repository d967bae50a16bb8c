"""Records of any bytes among good ones: each has its letter, and the shard goes on."""

import json

import numpy as np
import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import CsvFormat, JsonFormat, RecordFormat
from analytics_sql.types import INTEGER, Kind, SqlType
from fleet.batch import Batch
from processor.engine import Engine
from processor.watermark import END_MS
from sinks.dead_letter import letter_line

SQL = """CREATE STREAM D (N INTEGER); CREATE PUMP P AS INSERT INTO D
SELECT STREAM SUM(N) FROM "SOURCE_SQL_STREAM_001" AS s WHERE K = 'good'
GROUP BY STEP(s.ROWTIME BY INTERVAL '10' SECOND)"""
VARCHAR = SqlType(Kind.VARCHAR, 8)
MEGABYTE = 1 << 20

POISON = {
    "no JSON": b"hello",
    "empty": b"",
    "blanks": b" \n\t",
    "a byte order mark": b'\xef\xbb\xbf{"K":"good","N":1}',
    "NUL": b"\x00",
    "NUL in a name": b'{"K\x00":1}',
    "no UTF-8": b'{"K":"g\xffod","N":1}',
    "half a surrogate pair": rb'{"K":"\ud800","N":1}',
    "a wrong type": b'{"K":"good","N":"far"}',
    "a huge exponent": b'{"K":"good","N":1e999}',
    "400 digits": b'{"K":"good","N":' + b"7" * 400 + b"}",
    "a megabyte of digits": b'{"K":"good","N":' + b"7" * MEGABYTE + b"}",
    "a megabyte of nesting": b"[" * MEGABYTE,
    "a megabyte of nesting inside": b'{"K":"good","N":' + b"[" * MEGABYTE + b"]" * MEGABYTE + b"}",
    "not a number": b'{"K":"good","N":NaN}',
    "a number": b"17",
    "cut off": b'{"K":"good","N":1',
    "a doubled name, of which the last counts": b'{"K":"good","N":1,"N":"x"}',
    "something behind it": b'{"K":"good","N":1}x',
}
CSV_POISON = {
    "a quote without its end": b'"good,1',
    "text behind a quote": b'"good"x,1',
    "a field too few": b"good",
    "no number": b"good,1x",
    "no UTF-8": b"\xff,1",
    "a byte order mark": b"good,\xef\xbb\xbf1",
}


def engine(format: RecordFormat) -> Engine:
    is_csv = isinstance(format, CsvFormat)
    columns = (
        SourceColumn("K", VARCHAR, (0,) if is_csv else ("K",)),
        SourceColumn("N", INTEGER, (1,) if is_csv else ("N",)),
    )
    schema = InputSchema(columns, format)
    return Engine(compile_application(SQL, name="poison", schema=schema))


def check(format: RecordFormat, good: bytes, poison: bytes) -> None:
    records = [good, poison, good]
    batch = Batch(
        shard_id="shardId-000000000007",
        records=records,
        arrival_ms=np.array([1000, 2000, 3000], np.int64),
        sequence_numbers=["41", "42", "43"],
        partition_keys=["a", "b", "c"],
        position="43",
    )
    running = engine(format)
    (letter,) = running.add(batch).letters
    assert (letter.shard_id, letter.sequence_number) == ("shardId-000000000007", "42")
    assert (letter.arrival_ms, letter.partition_key, letter.stage) == (2000, "b", "decode")
    assert letter.data == poison
    assert letter.reason
    assert letter.reason.isprintable()
    assert len(letter.reason) < 250
    assert json.loads(letter_line(letter))["reason"] == letter.reason
    (row,) = running.advance(END_MS).rows
    assert row.values["N"] == 4


@pytest.mark.parametrize("what", POISON)
def test_json(what: str) -> None:
    check(JsonFormat(), b'{"K":"good","N":2}', POISON[what])


@pytest.mark.parametrize("what", POISON)
def test_json_in_rows(what: str) -> None:
    """The same where rows stand at a path."""
    poison = POISON[what]
    if poison.startswith(b"{") and poison.endswith(b"}"):
        poison = b'{"r":' + poison + b"}"
    check(JsonFormat(("r",)), b'{"r":[{"K":"good","N":2}]}', poison)


@pytest.mark.parametrize("what", CSV_POISON)
def test_csv(what: str) -> None:
    check(CsvFormat(), b'"good",2', CSV_POISON[what])
