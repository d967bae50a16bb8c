"""What a record means: paths, members, and bytes that are no record."""

from typing import Any

import pytest

from analytics_sql.plan import SourceColumn
from analytics_sql.types import BIGINT, Kind, SqlType
from fleet.errors import DecodeError
from processor.decode.reference import Reference

VARCHAR = SqlType(Kind.VARCHAR)


def value(record: bytes, *path: str, type: SqlType = VARCHAR) -> Any:
    """What stands at the path."""
    (got,) = Reference([SourceColumn("c", type, path)]).row(record)
    return got


def test_null_missing_members_and_paths_through_other_things_are_null() -> None:
    record = b'{"a":null,"b":{"c":1},"d":[{"c":1}],"e":5}'
    assert value(record, "a") is None
    assert value(record, "z") is None
    assert value(record, "b", "z") is None
    assert value(record, "a", "c") is None
    assert value(record, "d", "c") is None
    assert value(record, "e", "c") is None
    assert value(record, "b", "c") == "1"


def test_of_members_with_one_name_the_last_counts() -> None:
    assert value(b'{"a":1,"a":2}', "a") == "2"
    assert value(b'{"a":1,"\\u0061":2}', "a") == "2"
    assert value(b'{"a":{"b":1},"a":{"c":2}}', "a", "b") is None
    assert value(b'{"a":1,"a":null}', "a") is None


@pytest.mark.parametrize(
    ("record", "want"),
    [
        (b'{"a":{"b": [1, 2.50 ,"\\u0041"] } }', '[1, 2.50 ,"\\u0041"]'),
        (b' {"x":[{"b":0}], "a" :\n{"b":{}}}', "{}"),
        (b'{"a":{"b":[1],"b":[2]}}', "[2]"),
        (b'{"a":{"b":[1]},"a":{"b":{"\\"b\\"":"}"}}}', '{"\\"b\\"":"}"}'),
        ('{"é":"é","a":{"b":["é"]}}'.encode(), '["é"]'),
    ],
)
def test_an_object_or_array_is_its_source_text(record: bytes, want: str) -> None:
    assert value(record, "a", "b") == want


def test_a_whole_record_may_be_a_column() -> None:
    assert value(b' {"a": 1} ') == '{"a": 1}'


@pytest.mark.parametrize(
    "record",
    [
        *(b"", b"{", b"nul", b'{"a":1}x', b'{"a":1}{"a":1}', b'{"a":1,}', b"{'a':1}"),
        *(b'{"a":NaN}', b'{"z":Infinity}', b'{"a":01}', b'{"a":"\t"}', b"\xef\xbb\xbf{}"),
        *(b'{"a":"\xff"}', b'{"z":"\xc0\x80"}', b'{"a":1}\0', b'{"a":"\xed\xa0\xbd"}'),
    ],
)
def test_bytes_that_are_not_json_in_utf8(record: bytes) -> None:
    with pytest.raises(DecodeError, match="the record is not JSON in UTF-8: "):
        value(record, "a")


@pytest.mark.parametrize("record", [b"5", b"null", b"[]", b'"a"', b"true"])
def test_json_that_is_no_object(record: bytes) -> None:
    with pytest.raises(DecodeError, match="the record is not a JSON object"):
        value(record, "a")


def test_messages_name_the_column() -> None:
    with pytest.raises(DecodeError, match=r"^column \"c\": 'x' is not a BIGINT$"):
        value(b'{"a":"x"}', "a", type=BIGINT)


def test_half_a_surrogate_pair_matters_only_where_it_is_asked_for() -> None:
    record = b'{"\\ud83d":1,"other":"\\ude00","a":"\\ud83d"}'
    assert value(record, "b") is None
    with pytest.raises(DecodeError, match="half a surrogate pair"):
        value(record, "a")
