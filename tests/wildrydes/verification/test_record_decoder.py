"""Two readers of records that share no code agree on any bytes: this one and the processor's."""

import random
from typing import Any

import pytest

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import JSON, CsvFormat, JsonFormat
from analytics_sql.types import DOUBLE, Kind, SqlType
from processor.decode.choice import choose_decoder
from tests.processor.decode.hostile import COLUMNS, clean, hostile
from wildrydes.verification.not_judged import NotJudged
from wildrydes.verification.record_decoder import RecordDecoder, Refused

DECODER = RecordDecoder(COLUMNS, JSON)


def processors_rows(record: bytes) -> list[Any]:
    """Each row of a record, None for one that is refused."""
    decoded = choose_decoder(COLUMNS).decode([record])
    columns = [decoded.vectors[column.name].to_list() for column in COLUMNS]
    rows: list[Any] = [list(row) for row in zip(*columns, strict=True)]
    for place, _ in decoded.errors:
        rows[place] = None
    return rows


def check(record: bytes) -> int:
    """Returns how many rows were not judged."""
    mine = DECODER.rows(record)
    theirs = processors_rows(record)
    assert len(mine) == len(theirs), record
    for row, other in zip(mine, theirs, strict=True):
        if isinstance(row, Refused):
            assert other is None, record
        elif not isinstance(row, NotJudged):
            assert repr(row) == repr(other), record
    return sum(isinstance(row, NotJudged) for row in mine)


@pytest.mark.parametrize("seed", range(2))
def test_hostile_records(seed: int) -> None:
    rng = random.Random(seed)
    records = [hostile(rng) if rng.random() < 0.8 else clean(rng) for _ in range(500)]
    not_judged = sum(map(check, records))
    # Objects where text is wanted: few, or the comparison would be empty.
    assert not_judged < 50


@pytest.mark.parametrize(
    "record",
    [
        b"", b" ", b"[]", b"[{},{}]", b'{"Small":1}{"Small":2}\n', b'[{"Small":1},{"Small":"x"},3]',
        b'{"Small":1}x', b"\xff", b"\xef\xbb\xbf{}", b'{"Name":"\\ud800"}', b'{"Other":"\\ud800"}',
        b'{"At":"2026-02-30"}', b'{"At":"2026-01-01T00:00:00.123456"}', b'{"Flag":"TRUE"}',
        b'{"X":1e999}', b'{"Name":NaN}', b'{"Small":1,"Small":2}', b'{"Other":' + b"[" * 90_000,
        b'{"Other":' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"Big":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_edges(record: bytes) -> None:
    assert check(record) == 0


def test_what_is_not_known_is_said() -> None:
    assert isinstance(DECODER.rows(b'{"Name":{"a":1}}')[0], NotJudged)
    deep = b'{"Other":' + b"[" * 1000 + b"]" * 1000 + b"}"
    assert isinstance(DECODER.rows(deep)[0], NotJudged | Refused)


@pytest.mark.parametrize(
    ("column", "format", "named"),
    [
        (SourceColumn("x", SqlType(Kind.REAL), ("x",)), JSON, "REAL"),
        (SourceColumn("x", SqlType(Kind.DECIMAL, 5, 2), ("x",)), JSON, "DECIMAL"),
        (SourceColumn("x", DOUBLE, ("a", None, "x")), JSON, "array"),
        (SourceColumn("x", DOUBLE, (0,)), CsvFormat(), "JSON"),
        (SourceColumn("x", DOUBLE, ("x",)), JsonFormat(("rows",)), "RecordRowPath"),
    ],
)
def test_what_is_not_judged_has_a_name(column: SourceColumn, format: Any, named: str) -> None:
    with pytest.raises(NotJudged, match=named):
        RecordDecoder([column], format)
