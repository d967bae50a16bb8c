"""Records of several rows: CSV, row paths, arrays made rows, values one after another."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import EACH, JSON, CsvFormat, JsonFormat, Path, RecordFormat
from analytics_sql.types import DOUBLE, INTEGER, Kind, SqlType
from processor.decode.base import Decoded
from processor.decode.choice import choose_decoder

TEXT = SqlType(Kind.VARCHAR, 20)


def column(name: str, path: Path, type: SqlType = INTEGER) -> SourceColumn:
    return SourceColumn(name, type, path)


def decode(
    columns: Sequence[SourceColumn], records: Sequence[bytes], format: RecordFormat = JSON
) -> Decoded:
    return choose_decoder(columns, format).decode(records)


def rows_of(decoded: Decoded) -> list[tuple[int, int, tuple[Any, ...]]]:
    """(record, place, values) of each row that is one."""
    lists = [vector.to_list() for vector in decoded.vectors.values()]
    refused = dict(decoded.errors)
    found = []
    for row, values in enumerate(zip(*lists, strict=True)):
        place = 0 if decoded.places is None else int(decoded.places[row])
        if row not in refused:
            found.append((decoded.record(row), place, values))
    return found


def test_a_batch_of_usual_records_is_not_looked_at_again() -> None:
    decoded = decode([column("n", ("n",))], [b'{"n":1}', b'{"n":2}\n'])
    assert decoded.records is None
    assert rows_of(decoded) == [(0, 0, (1,)), (1, 0, (2,))]


def test_values_one_after_another() -> None:
    records = [b'{"n":1}', b'{"n":2}{"n":3}', b'[{"n":4},{"n":"x"},{"n":6}]', b"[]", b'{"n":7}']
    decoded = decode([column("n", ("n",))], records)
    assert rows_of(decoded) == [
        (0, 0, (1,)),
        (1, 0, (2,)),
        (1, 1, (3,)),
        (2, 0, (4,)),
        (2, 2, (6,)),
        (4, 0, (7,)),
    ]
    ((row, reason),) = decoded.errors
    assert decoded.record(row) == 2
    assert "'x' is not" in reason


@pytest.mark.parametrize("record", [b"", b'{"n":1}{"n"', b'{"n":1},{"n":2}', b'{"n":1} NaN', b"7"])
def test_a_record_whose_text_is_wrong_gives_no_row(record: bytes) -> None:
    decoded = decode([column("n", ("n",))], [b'{"n":1}{"n":2}', record])
    assert [record for record, _, _ in rows_of(decoded)] == [0, 0]
    assert [decoded.record(row) for row, _ in decoded.errors] == [1]


def test_row_path() -> None:
    records = [b'{"a":{"b":[{"n":1},{"n":2}]}}', b'{"a":{"b":{"n":3}}}', b'{"a":{}}', b"{"]
    decoded = decode([column("n", ("n",))], records, JsonFormat(("a", "b")))
    assert rows_of(decoded) == [(0, 0, (1,)), (0, 1, (2,)), (1, 0, (3,))]
    first, second = decoded.errors
    assert first[1] == "the record has nothing at the RecordRowPath"
    assert second[1].startswith("the record is not JSON")


def test_elements_and_what_stands_beside_them() -> None:
    columns = [column("n", ("a", EACH, "n")), column("t", ("t",), TEXT), column("i", ("a", 1, "n"))]
    records = [b'{"a":[{"n":1},{"n":2},7],"t":"x"}', b'{"t":"y"}']
    assert rows_of(decode(columns, records)) == [
        (0, 0, (1, "x", 2)),
        (0, 1, (2, "x", 2)),
        (0, 2, (None, "x", 2)),
        (1, 0, (None, "y", None)),
    ]


def test_text_of_what_is_nested_is_the_record_s_own() -> None:
    decoded = decode([column("t", ("a", EACH, "x"), TEXT)], [b'{"a":[{"x":{ "b": 1.50 }}]}'])
    assert rows_of(decoded) == [(0, 0, ('{ "b": 1.50 }',))]


FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1, max_size=6)


@settings(derandomize=True, max_examples=60)
@given(st.lists(st.lists(FIELD, min_size=2, max_size=3), min_size=1, max_size=4))
def test_what_python_writes_as_csv_is_read_back(table: list[list[str]]) -> None:
    """The independent truth is the csv module's writer."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    columns = [column("a", (0,), TEXT), column("b", (1,), TEXT)]
    decoded = decode(columns, [text.getvalue().encode()], CsvFormat())
    assert [values for _, _, values in rows_of(decoded)] == [(r[0], r[1]) for r in table]


def test_csv_rows_that_are_none() -> None:
    columns = [column("a", (0,), TEXT), column("n", (1,)), column("x", (2,), DOUBLE)]
    decoded = decode(columns, [b"a,1,2.5\nb,2\nc,x,1\n", b'"d', b"\xff,1,1"], CsvFormat())
    assert rows_of(decoded) == [(0, 0, ("a", 1, 2.5))]
    reasons = [reason for _, reason in decoded.errors]
    assert reasons[0] == 'column "x" is field 3, the row has 2'
    assert reasons[1].startswith("column \"n\": 'x' is not")
    assert reasons[2] == "field 1 of a row has a quote without its end"
    assert reasons[3].startswith("the record is not UTF-8")


def test_dictionaries_are_forgotten() -> None:
    for columns, format in (
        ([column("t", (0,), TEXT)], CsvFormat()),
        ([column("t", ("a", EACH, "t"), TEXT)], JSON),
    ):
        decoder = choose_decoder(columns, format)
        record = b"word" if format != JSON else json.dumps({"a": [{"t": "word"}]}).encode()
        before = decoder.decode([record]).vectors["t"].words
        decoder.forget(10)
        assert decoder.decode([record]).vectors["t"].words is before
        decoder.forget(1)
        assert decoder.decode([record]).vectors["t"].words is not before
