"""Any bytes at all: no decoder raises, stalls, or disagrees with the Reference on what is dead."""

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings, strategies as st

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import EACH, JSON, CsvFormat, JsonFormat
from analytics_sql.types import DOUBLE, INTEGER, TIMESTAMP, Kind, SqlType
from processor.decode.base import Decoded, Decoder
from processor.decode.choice import choose_decoder, one_row_decoder
from processor.decode.json_paths import JsonPathDecoder
from processor.decode.json_rows import JsonRowsDecoder
from processor.decode.reference import ReferenceDecoder
from tests.processor.decode.hostile import COLUMNS, clean, damaged, hostile

TEXT = SqlType(Kind.VARCHAR, 20)
NESTED = (
    SourceColumn("n", INTEGER, ("rows", EACH, "n")),
    SourceColumn("t", TEXT, ("rows", EACH, "t")),
    SourceColumn("at", TIMESTAMP, ("at",)),
    SourceColumn("second", DOUBLE, ("rows", 1, "n")),
)
IN_ROWS = (SourceColumn("n", INTEGER, ("n",)), SourceColumn("t", TEXT, ("t",)))
FIELDS = (SourceColumn("t", TEXT, (0,)), SourceColumn("n", INTEGER, (1,)))
DECODERS: dict[str, Decoder] = {
    "struct": choose_decoder(COLUMNS),
    "row path": choose_decoder(IN_ROWS, JsonFormat(("rows",))),
    "paths": choose_decoder(NESTED),
    "csv": choose_decoder(FIELDS, CsvFormat()),
    "csv, odd": choose_decoder(FIELDS, CsvFormat(" \t", "||")),
}

SURROGATES = [r'"\ud800"', r'"\udfff\ud800"', r'"x\ud800"']
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["2026-01-01 00:00:00", "12", " 7", "1e999"]),
)
names = st.sampled_from(["n", "t", "at", "rows", "Name", "a", "b", "\ud800"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_like(draw: st.DrawFn) -> bytes:
    """JSON with the names that the decoders look for, and mostly something wrong with it."""
    text = json.dumps(draw(values), ensure_ascii=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        piece = draw(st.sampled_from(['"', "{", "[", ",", "\x00", "1" * 400, "1e999", *SURROGATES]))
        text = text[:at] + piece + text[at + draw(st.integers(0, 3)) :]
    return text.encode("utf-8", "surrogatepass")


csv_like = st.text(st.sampled_from('ab"" ,|\n\r\t\x001\ufeff'), max_size=60).map(str.encode)
records = st.lists(st.one_of(st.binary(max_size=40), json_like(), csv_like), max_size=6)


def check(decoded: Decoded, given: Sequence[bytes]) -> None:
    """What every caller relies on, whatever the records are."""
    (count,) = {len(vector) for vector in decoded.vectors.values()}
    rows = [row for row, _ in decoded.errors]
    assert rows == sorted(set(rows))
    assert all(row < count for row in rows)
    assert all(0 <= decoded.record(row) < len(given) for row in range(count))
    for _, reason in decoded.errors:
        assert reason.isprintable()
        assert len(reason) < 250


@pytest.mark.parametrize("name", DECODERS)
@settings(derandomize=True, max_examples=60, deadline=None)
@given(given=records)
@example(given=[rb'{"\ud800":1,"rows":[{"n":1,"t":"x"}]}'])
@example(given=[rb'{"rows":[{"n":1,"t":"\ud800"}, "\ud800", {"\ud800":[]}],"at":"\udfff"}'])
@example(given=[b'{"rows":[{"n":' + b"1" * 5000 + b',"t":' + b"2" * 5000 + b"}]}"])
@example(given=[b'\xef\xbb\xbf{"n":1}', b"\xff", b"", b'"', b" \n", b"\x00"])
def test_no_decoder_raises(name: str, given: Sequence[bytes]) -> None:
    check(DECODERS[name].decode(given), given)


def dead(decoder: Decoder, given: Sequence[bytes]) -> list[int]:
    return [row for row, _ in decoder.decode(given).errors]


@settings(derandomize=True, max_examples=80, deadline=None)
@given(given=records, seed=st.integers(0, 1 << 30))
def test_fast_and_slow_agree_on_who_is_dead(given: list[bytes], seed: int) -> None:
    rng = random.Random(seed)
    given = [*given, *(damaged(rng, clean(rng)) for _ in range(3)), hostile(rng)]
    wanted = dead(ReferenceDecoder(COLUMNS), given)
    assert dead(one_row_decoder(COLUMNS), given) == wanted
    assert dead(JsonPathDecoder(COLUMNS), given) == wanted


@settings(derandomize=True, max_examples=80, deadline=None)
@given(given=records)
def test_rows_of_a_path_are_judged_alike(given: list[bytes]) -> None:
    fast = choose_decoder(IN_ROWS, JsonFormat(("rows",))).decode(given)
    slow = JsonRowsDecoder(ReferenceDecoder(IN_ROWS), ("rows",)).decode(given)
    assert fast.errors == slow.errors
    assert [fast.record(row) for row, _ in fast.errors] == [slow.record(r) for r, _ in slow.errors]


BIG = 60_000
LONG = {
    "values one after another": b"{}" * 30_000,
    "numbers one after another": b"1 " * 20_000,
    "blanks": b" " * BIG,
    "brackets": b"[" * BIG + b"]" * BIG,
    "brackets in a row": b'{"rows":[' + b"[" * BIG + b"]" * BIG + b"]}",
    "objects": b'{"a":' * BIG + b"1" + b"}" * BIG,
    "digits": b'{"Small":' + b"9" * BIG + b',"n":' + b"9" * BIG + b"}",
    "digits after the point": b'{"X":0.' + b"1" * BIG + b',"Small":1.' + b"0" * BIG + b"1}",
    "an exponent": b'{"X":1e' + b"9" * BIG + b',"Small":1e' + b"9" * BIG + b"}",
    "a text": b'{"Small":"' + b" " * BIG + b'x","At":"' + b"2" * BIG + b'"}',
    "escapes": b'{"Name":"' + rb"\u0041" * BIG + b'"}',
    "one name again and again": b"{" + b'"a":{"b":1},' * BIG + b'"a":[]}',
    "rows beside a text": b'{"at":"x","rows":[' + b'{"n":1},' * 5_000 + b"{}]}",
    "quotes": b'"' * BIG,
    "an odd number of quotes": b'"' * (BIG + 1),
    "fields in quotes": b'"a",' * BIG,
    "blanks before a quote": (b" " * 100 + b",") * 2_000 + b'"',
    "blanks after a quote": b'"a"' + b" " * BIG + b"x",
    "empty rows": b"\n" * BIG,
}


@pytest.mark.parametrize("what", LONG)
def test_a_long_record_takes_no_longer_than_its_length(what: str) -> None:
    """Nothing here is quadratic: what is would take minutes, not a moment."""
    for decoder in DECODERS.values():
        check(decoder.decode([LONG[what]]), [LONG[what]])


@pytest.mark.parametrize("depth", range(900, 1100, 25))
def test_nesting_about_the_limit_of_the_stack_is_no_crash(depth: int) -> None:
    inner = b"[" * depth + b"]" * depth
    given = [b'{"rows":[{"n":1,"t":' + inner + b'}],"Name":' + inner + b"}", b"[" + inner + b"]"]
    for decoder in (*DECODERS.values(), choose_decoder(IN_ROWS, JSON)):
        check(decoder.decode(given), given)


@pytest.mark.long
@settings(max_examples=1_500, deadline=None)
@given(given=records)
def test_many_more(given: list[bytes]) -> None:
    for decoder in DECODERS.values():
        check(decoder.decode(given), given)
