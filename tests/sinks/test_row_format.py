"""Rows as text: worked by hand, and read back by DuckDB and by our own reader of CSV input."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from fleet.row import Value
from sinks.row_format import LINES, RECORDS, csv_line


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"Name": "Bucephalus", "Distance": 1800, "Mean": 30.5}, "Bucephalus,1800,30.5\n"),
        ({"A": None, "B": "", "C": None}, ',"",\n'),
        ({"A": 'say "hay"', "B": "a,b", "C": "two\nlines"}, '"say ""hay""","a,b","two\nlines"\n'),
        ({"A": " blank", "B": "blank ", "C": "in side"}, '" blank","blank ",in side\n'),
        ({"A": True, "B": False, "C": Decimal("12.50")}, "true,false,12.50\n"),
        ({"A": "2026-01-01 00:01:00.000", "B": -7}, "2026-01-01 00:01:00.000,-7\n"),
        ({"A": "☃"}, "☃\n"),
        ({"A": None}, "\n"),
    ],
)
def test_csv_worked_by_hand(values: dict[str, Value], line: str) -> None:
    assert csv_line(values) == line.encode()


def test_duckdb_reads_the_same_rows(tmp_path: Path) -> None:
    rows: list[dict[str, Value]] = [
        {"Name": 'a "b", c', "N": 1, "X": 0.1},
        {"Name": "", "N": None, "X": -5e-130},
        {"Name": None, "N": 2**63 - 1, "X": None},
        {"Name": "line\nfeed ", "N": 0, "X": 1.7976931348623157e308},
    ]
    path = tmp_path / "rows.csv"
    path.write_bytes(b"".join(csv_line(row) for row in rows))
    found = duckdb.sql(
        f"FROM read_csv('{path}', header = false, allow_quoted_nulls = false, delim = ',', "
        "columns = {Name: 'VARCHAR', N: 'BIGINT', X: 'DOUBLE'}, quote = '\"', escape = '\"')"
    ).fetchall()
    assert found == [tuple(row.values()) for row in rows]


def test_a_record_of_json_has_no_line_feed_and_a_line_has_one() -> None:
    values = {"Name": "Bucephalus", "Note": None, "Price": Decimal("12.50")}
    assert RECORDS["json"](values) == b'{"Name":"Bucephalus","Note":null,"Price":12.50}'
    assert LINES["json"](values) == RECORDS["json"](values) + b"\n"
    assert LINES["csv"](values) == RECORDS["csv"](values) == b"Bucephalus,,12.50\n"
