"""What a table's file says, and where it is wrong. Lines and columns were counted by hand."""

from typing import Any

import pytest

from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import ReferenceTable
from fleet.errors import ConfigError
from processor.reference_tables.content import decode_table

CSV = {"RecordFormatType": "CSV", "MappingParameters": {"CSVMappingParameters": {
    "RecordRowDelimiter": "\n", "RecordColumnDelimiter": ","}}}  # fmt: skip


def table(format: dict[str, Any], **paths: str) -> ReferenceTable:
    paths = {"K": "$.k", "ZONE": "$.zone"} | paths
    columns = [{"Name": "K", "SqlType": "INTEGER"}, {"Name": "ZONE", "SqlType": "VARCHAR(16)"}]
    if format is not CSV:
        columns = [column | {"Mapping": paths[column["Name"]]} for column in columns]
    schema = {"RecordFormat": format, "RecordColumns": columns}
    read = InputSchema.from_json(schema, where="of the test")
    return ReferenceTable("ZONES", read.columns, "zones", read.format)


def json_table(row_path: str | None = None, **paths: str) -> ReferenceTable:
    mapping = {"JSONMappingParameters": {"RecordRowPath": row_path}} if row_path else {}
    return table({"RecordFormatType": "JSON", "MappingParameters": mapping}, **paths)


def rows(table: ReferenceTable, data: bytes) -> list[tuple[Any, ...]]:
    content = decode_table(table, data)
    found = list(zip(*(v.to_list() for v in content.vectors.values()), strict=True))
    assert content.count == len(found)
    return found


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1,North\ntwo,South\n", "2:1"),
        ("1,North\n\n\n2,South\nthree,West", "5:1"),
        ("1,North\r\n2", "2:1"),
        ('1,"North\nby East"\n2,"So""uth"\n3x,West\n', "4:1"),
        ('1,North\n  "2"  ,South\n9,  "3"\n"4,West\n', "4:1"),
        ('1,"No, rth"\n22,West"\n333,"South', "3:5"),
        ("1,North\n2,S\xfcd\n", "2:4"),
        ("K,ZONE\n1,North\n", "1:1"),
        ("\ufeff1,North\nx,South\n", "2:1"),
        ("\ufeffx,North\n", "1:1"),
        ('1,"é"\n2,"ö"\nö,South\n', "3:1"),
        ("99999999999,North", "1:1"),
    ],
)
def test_a_fault_in_csv_has_its_line_and_column(text: str, where: str) -> None:
    encoded = text.encode("latin-1" if "\xfc" in text else "utf-8")
    with pytest.raises(ConfigError, match=rf"^reference table ZONES: zones:{where}: ") as caught:
        decode_table(table(CSV), encoded)
    assert caught.value.remedy
    assert ("names" in caught.value.remedy) == where.startswith("1:")


def test_a_second_field_is_found_where_it_stands() -> None:
    wide = table(CSV)
    swapped = ReferenceTable("T", wide.columns[1:] + wide.columns[:1], "t", wide.format)
    # Columns keep their field numbers: K is field 1 whatever the order of the columns.
    with pytest.raises(ConfigError, match=r"t:2:1: column \"K\": 'x' is not"):
        decode_table(swapped, b"1,North\nx,South\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"k": 1, "zone": "North"}\n{"k": "two", "zone": "South"}\n', "2:7"),
        ('{"k": 1}\n\n  \n{"zone": "é", "k": 2.5}\n', "4:20"),
        ('{"k": 1}\r\n[{"k": 2}, {"k": "x"}]\r\n', "2:18"),
        ('{"k": 1}\n{"k": 2,}\n', "2:9"),
        ('{"k": 1}\n{"k": 2\n', "2:8"),
        ('{"k": 1}\n3\n', "2:1"),
        ('[\n  {"k": 1},\n  {"k":\n   "x"}\n]\n', "4:4"),
        ('{"k": 1,\n "zone": North}', "2:10"),
    ],
)
def test_a_fault_in_json_has_its_line_and_column(text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=rf"^reference table ZONES: zones:{where}: ") as caught:
        decode_table(json_table(), text.encode())
    assert "(char" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"k": "no", "all": [\n {"k": 1},\n {"k": "y"}]}', "3:8"),
        ('{"all": [{"k": 1}], "k": [}', "1:27"),
        ('{"every": [{"k": 1}]}', "1:1"),
        ('{"all": {"k": "x"}}', "1:15"),
        ('{"all": "x", "all": [1]}', "1:22"),
    ],
)
def test_a_fault_behind_a_row_path_too(text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=rf"^reference table ZONES: zones:{where}: "):
        decode_table(json_table("$.all"), text.encode())


def test_a_column_deep_in_a_row_is_found() -> None:
    text = b'{"in": [{"k": 1}]}\n{"in": [{"z": 0, "k": "x"}]}\n'
    with pytest.raises(ConfigError, match="zones:2:23: "):
        decode_table(json_table(K="$.in[0].k"), text)
    with pytest.raises(ConfigError, match="zones:2:1: "):
        decode_table(json_table(K="$.in[0:].k"), text)


def test_all_faults_are_counted() -> None:
    with pytest.raises(ConfigError, match=r"zones:2:1: .*'two'.*\(and 1 more\)"):
        decode_table(table(CSV), b"1,North\ntwo,South\nthree,West\n")


def test_json_is_a_line_a_row() -> None:
    lines = b'{"k": 1, "zone": "North"}\n\n{"zone": "South", "k": 2}\r\n'
    assert rows(json_table(), lines) == [(1, "North"), (2, "South")]


@pytest.mark.parametrize("row_path", [None, "$"])
def test_an_array_over_several_lines_is_its_rows(row_path: str | None) -> None:
    text = b'\n[\n {"k": 1, "zone": "North"},\n {"k": 2,\n  "zone": "South"}\n]\n'
    assert rows(json_table(row_path), text) == [(1, "North"), (2, "South")]


def test_a_json_text_is_taken_apart_by_its_row_path() -> None:
    text = b'{"zones": [\n {"k": 1, "zone": "North"},\n {"k": 2, "zone": "South"}\n]}'
    assert rows(json_table("$.zones[0:]"), text) == [(1, "North"), (2, "South")]


def test_a_byte_order_mark_is_no_part_of_the_first_field() -> None:
    assert rows(table(CSV), b"\xef\xbb\xbf1,North\r\n2,South\r\n") == [(1, "North"), (2, "South")]


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\n", b"\xef\xbb\xbf"])
def test_an_empty_table_has_no_rows(data: bytes) -> None:
    assert rows(table(CSV), data) == rows(json_table(), data) == []


def test_the_digest_is_of_the_bytes() -> None:
    one, same, other = (decode_table(table(CSV), data).digest for data in (b"1,N", b"1,N", b"1,N "))
    assert one == same != other
