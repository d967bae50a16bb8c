"""The fast decoder makes of any bytes exactly what the Reference makes of them."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from analytics_sql.plan import SourceColumn
from analytics_sql.types import BIGINT, DOUBLE, SMALLINT, Kind, SqlType
from fleet.errors import DecodeError
from processor.decode.base import Decoder
from processor.decode.choice import choose_decoder, one_row_decoder
from processor.decode.reference import Reference, ReferenceDecoder
from processor.decode.structs import StructDecoder
from tests.processor.decode.hostile import COLUMNS, FIELDS, NUMBERS, RAW, TEXTS, clean, hostile

VARCHAR = SqlType(Kind.VARCHAR)


def rows_of(
    decoder: Decoder, columns: Sequence[SourceColumn], records: Sequence[bytes]
) -> list[list[Any] | str]:
    """Each record's row, or why it has none."""
    decoded = decoder.decode(records)
    values = [decoded.vectors[column.name].to_list() for column in columns]
    assert all(len(column) == len(records) for column in values)
    assert list(decoded.errors) == sorted(decoded.errors)
    errors = dict(decoded.errors)
    return [errors.get(i, [column[i] for column in values]) for i in range(len(records))]


def meaning(columns: Sequence[SourceColumn], record: bytes) -> list[Any] | str:
    try:
        return Reference(columns).row(record)
    except DecodeError as error:
        return str(error)


def check(decoder: Decoder, records: Sequence[bytes]) -> None:
    got = rows_of(decoder, COLUMNS, records)
    for record, row in zip(records, got, strict=True):
        assert repr(row) == repr(meaning(COLUMNS, record)), record


def batches(rng: random.Random, total: int) -> Iterator[list[bytes]]:
    """Clean batches, hostile ones, and clean ones with a little poison."""
    while total > 0:
        share = rng.choice([0, 0.03, 1])
        size = rng.choice([1, 30, 300])
        yield [hostile(rng) if rng.random() < share else clean(rng) for _ in range(size)]
        total -= size


def test_each_edge_alone() -> None:
    # A batch of its own for each: columns without a NULL take another way.
    decoder = StructDecoder(COLUMNS)
    texts = [*NUMBERS, *RAW, *(json.dumps(text) for text in TEXTS)]
    for name in FIELDS[:9]:
        for text in texts:
            check(decoder, [f'{{"{name}":{text}}}'.encode()])


def test_hostile_records() -> None:
    rng = random.Random(5)
    decoder = StructDecoder(COLUMNS)
    for records in batches(rng, 20_000):
        check(decoder, records)


@pytest.mark.long
def test_a_million_hostile_records() -> None:
    rng = random.Random()
    decoder = StructDecoder(COLUMNS)
    for records in batches(rng, 1_000_000):
        check(decoder, records)
        decoder.forget(1000)


def test_clean_records_stay_on_the_fast_way() -> None:
    # A fallback hides bugs: if every record took the slow way, all answers would still be right.
    rng = random.Random(6)
    decoder = StructDecoder(COLUMNS)
    decoder.decode([clean(rng) for _ in range(2000)])
    assert decoder.handed_over == 0


def test_one_bad_record_hands_over_itself_alone() -> None:
    rng = random.Random(7)
    decoder = StructDecoder(COLUMNS)
    records = [clean(rng) for _ in range(200)]
    records[17], records[18] = b"{", b'{"Small": "5"}'
    records[199] = records[199].replace(b'"Latitude"', b'"\xff"')
    decoded = decoder.decode(records)
    assert decoder.handed_over == 3
    assert [i for i, _ in decoded.errors] == [17, 199]
    # No NULLs come into the columns by way of records that were refused.
    assert decoded.vectors["whole"].null is not None  # record 18 has none
    assert decoded.vectors["whole"].null.tolist().count(True) == 1


def test_no_batch_and_empty_records() -> None:
    decoder = StructDecoder(COLUMNS)
    assert rows_of(decoder, COLUMNS, []) == []
    errors = [error for _, error in decoder.decode([b"", b"", b"{}"]).errors]
    assert len(errors) == 2
    assert all("not JSON" in error for error in errors)


def test_deep_nesting_is_an_error_and_not_a_crash() -> None:
    deep = b'{"Other":' + b"[" * 500_000 + b"]" * 500_000 + b"}"
    needed = b'{"a":' * 200_000 + b"1" + b"}" * 200_000
    decoder = StructDecoder(COLUMNS)
    decoded = decoder.decode([deep, b'{"Small":1}', needed])
    assert [i for i, _ in decoded.errors] == [0, 2]
    assert all("nested too deeply" in error for _, error in decoded.errors)
    assert decoded.vectors["small"].to_list()[1] == 1


def test_no_columns_at_all() -> None:
    # COUNT(*) needs none, and still a record must be an object.
    for decoder in (StructDecoder([]), ReferenceDecoder([])):
        decoded = decoder.decode([b"{}", b"[]", b'{"a":1}', b"x"])
        assert [i for i, _ in decoded.errors] == [1, 3]
        assert decoded.vectors == {}


def columns(*paths: tuple[str, ...]) -> list[SourceColumn]:
    return [SourceColumn(f"c{i}", DOUBLE, path) for i, path in enumerate(paths)]


@pytest.mark.parametrize(
    "paths",
    [
        [("a",), ("a",)],
        [("a",), ("a", "b")],
        [("a", "b"), ("a", "b", "c")],
        [('say "a"',)],
        [("back\\slash",)],
        [()],
    ],
)
def test_what_no_struct_can_hold_goes_the_slow_way(paths: list[tuple[str, ...]]) -> None:
    chosen = columns(*paths)
    with pytest.raises(ValueError, match=r".+"):
        StructDecoder(chosen)
    decoder = one_row_decoder(chosen)
    assert isinstance(decoder, ReferenceDecoder)
    records = [b'{"a":1,"say \\"a\\"":2,"back\\\\slash":3}', b'{"a":{"b":5}}', b"{}"]
    got = rows_of(decoder, chosen, records)
    assert got == [meaning(chosen, record) for record in records]


def test_one_path_may_feed_two_types() -> None:
    chosen = [SourceColumn("n", SMALLINT, ("v",)), SourceColumn("t", VARCHAR, ("v",))]
    assert rows_of(choose_decoder(chosen), chosen, [b'{"v":1e1}']) == [[10, "1e1"]]


RARER = {
    "d": SqlType(Kind.DECIMAL, 5, 2),
    "long": SqlType(Kind.DECIMAL, 19, 0),
    "r": SqlType(Kind.REAL),
    "c": SqlType(Kind.CHAR, 4),
    "day": SqlType(Kind.DATE),
    "clock": SqlType(Kind.TIME),
    "bits": SqlType(Kind.VARBINARY, 3),
    "fixed": SqlType(Kind.BINARY, 4),
}
VALUES = [
    *("0", "1", "-1.005", "1.004999", "999.99", "999.995", "1000", "1e2", "1e-400", "1e400", "0.1"),
    *("3.5e38", "3.4028235e38", "-0.0", "9223372036854775807", "9223372036854775808", "16777217"),
    *('"12.5"', '" 12"', '"1_0"', '"NaN"', '"inf"', '"2024-02-29"', '"2023-02-29"', '"abcdef"'),
    *('"2024-02-29 10:00:00"', '"10:00:00"', '"24:00:00"', '"23:59:59.999"', '"10:00"', '""'),
    *('"AP8Q"', '"AP8QAA=="', '"AP8"', '"A P8Q"', '"_-8Q"', '"AQIDBAU="'),
    *("true", "false", "null", "[]", '{"a":1}', r'"\u0041"', '"é"', r'"\ud800"', "1.", "nul"),
]


def test_decimals_reals_chars_dates_times_and_bytes() -> None:
    chosen = [SourceColumn(name, type, (name,)) for name, type in RARER.items()]
    records = [f'{{"{name}":{value}}}'.encode() for name in RARER for value in VALUES]
    decoder = StructDecoder(chosen)
    want = [repr(meaning(chosen, record)) for record in records]
    assert [repr(row) for row in rows_of(decoder, chosen, records)] == want
    # A batch of its own for each: columns without a NULL take another way.
    for record, row in zip(records, want, strict=True):
        assert repr(rows_of(decoder, chosen, [record])[0]) == row, record


def test_the_rarer_types_stay_on_the_fast_way() -> None:
    chosen = [SourceColumn(name, type, (name,)) for name, type in RARER.items()]
    record = b'{"d":1.5,"long":7,"r":0.1,"c":"ab","day":"2024-02-29","clock":"10:00:00",'
    record += b'"bits":"AP8Q","fixed":"AP8Q"}'
    decoder = StructDecoder(chosen)
    assert rows_of(decoder, chosen, [record, b"{}"])[0][0] == 150
    assert decoder.handed_over == 0


@pytest.mark.parametrize("make", [StructDecoder, ReferenceDecoder])
def test_dictionaries_are_kept_until_they_are_too_large(make: Any) -> None:
    chosen = [SourceColumn("t", VARCHAR, ("t",)), SourceColumn("n", BIGINT, ("n",))]
    decoder = make(chosen)
    first = decoder.decode([b'{"t":"a"}', b'{"t":"b"}']).vectors["t"].words
    decoder.forget(3)  # a, b and NULL
    assert decoder.decode([b'{"t":"c"}']).vectors["t"].words is first
    decoder.forget(3)
    later = decoder.decode([b'{"t":"b"}']).vectors["t"]
    assert later.words is not first
    assert later.to_list() == ["b"]
