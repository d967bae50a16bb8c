"""The conversions of DG:sch-mapping.md, a table a type. FAILS: a coercion error there, too."""

from typing import Any

import pytest

from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    REAL,
    SMALLINT,
    TIME,
    TIMESTAMP,
    Kind,
    SqlType,
)
from fleet.errors import DecodeError
from processor.decode.conversion import Nested, Number, Scalar, convert

TINYINT = SqlType(Kind.TINYINT)
MONEY = SqlType(Kind.DECIMAL, 5, 2)
FAILS = "fails"
JUNE_MS = 1_496_654_228_123
"""2017-06-05 09:17:08.123."""


def text(length: int | None = None) -> SqlType:
    return SqlType(Kind.VARCHAR, length)


@pytest.mark.parametrize(
    ("type", "value", "want"),
    [
        # A JSON boolean: 1 or 0, a BOOLEAN, 'true' or 'false'; never a time.
        (SMALLINT, True, 1),
        (DOUBLE, False, 0.0),
        (BOOLEAN, True, True),
        (text(), True, "true"),
        (text(3), False, "fal"),
        (TIMESTAMP, True, FAILS),
        # A number: exact or an error.
        (TINYINT, Number("127"), 127),
        (TINYINT, Number("128"), FAILS),
        (TINYINT, Number("-128"), -128),
        (SMALLINT, Number("-32769"), FAILS),
        (INTEGER, Number("2147483648"), FAILS),
        (INTEGER, Number("123.4"), FAILS),
        (INTEGER, Number("5.00"), 5),
        (INTEGER, Number("1e2"), 100),
        (INTEGER, Number("1200e-2"), 12),
        (INTEGER, Number("1.00000000000000000000001"), FAILS),
        (INTEGER, Number("1e99999999999999999999"), FAILS),
        (INTEGER, Number("0e-99999999999"), 0),
        (BIGINT, Number("9223372036854775807"), 2**63 - 1),
        (BIGINT, Number("9223372036854775808"), FAILS),
        (DOUBLE, Number("0.1"), 0.1),
        (DOUBLE, Number("9007199254740993"), 9007199254740992.0),
        (DOUBLE, Number("-0.0"), 0.0),
        (DOUBLE, Number("1e400"), FAILS),
        (DOUBLE, Number("1e-400"), 0.0),
        (text(), Number("1.50E+3"), "1.50E+3"),
        (text(2), Number("1.50"), "1."),
        (BOOLEAN, Number("0"), False),
        (BOOLEAN, Number("-0.00e5"), False),
        (BOOLEAN, Number("0e99999999999999999999"), False),
        (BOOLEAN, Number("0.001"), True),
        (BOOLEAN, Number("-3"), True),
        (TIMESTAMP, Number("0"), FAILS),
        # Bytes are base64, a character for each; none is cut, a BINARY is filled with zeros.
        (SqlType(Kind.VARBINARY, 3), "AP8Q", "\x00\xff\x10"),
        (SqlType(Kind.BINARY, 4), "AP8Q", "\x00\xff\x10\x00"),
        (SqlType(Kind.VARBINARY, 2), "AP8Q", FAILS),
        (SqlType(Kind.VARBINARY), "AP8", FAILS),
        (SqlType(Kind.VARBINARY), "A P8Q", FAILS),
        (SqlType(Kind.VARBINARY), "é", FAILS),
        (SqlType(Kind.VARBINARY), Number("1234"), FAILS),
        (SqlType(Kind.VARBINARY), True, FAILS),
        # A string: parsed if it can be, cut if it is too long.
        (SMALLINT, "12", 12),
        (SMALLINT, " 12\n", 12),
        (SMALLINT, "1e1", 10),
        (SMALLINT, "", FAILS),
        (SMALLINT, "+1", FAILS),
        (SMALLINT, "1_0", FAILS),
        (SMALLINT, "١", FAILS),
        (SMALLINT, "true", FAILS),
        (DOUBLE, "1.5", 1.5),
        (DOUBLE, "NaN", FAILS),
        (DOUBLE, "inf", FAILS),
        (DOUBLE, "0x10", FAILS),
        (text(4), "Shadowfax", "Shad"),
        (text(9), "Shadowfax", "Shadowfax"),
        (text(2), "😀😀😀", "😀😀"),
        (text(5), "a\ud83d", FAILS),
        (text(1), "a\ud83d", "a"),
        (BOOLEAN, "TrUe", True),
        (BOOLEAN, "yes", False),
        (BOOLEAN, "", False),
        (TIMESTAMP, "2017-06-05 09:17:08.123", JUNE_MS),
        (TIMESTAMP, "2017-06-05 09:17:08.1", JUNE_MS - 23),
        (TIMESTAMP, "2017-06-05 09:17:08", JUNE_MS - 123),
        (TIMESTAMP, "1970-01-02", 86_400_000),
        (TIMESTAMP, "1969-12-31 23:59:59.999", -1),
        (TIMESTAMP, "0001-01-01", -62_135_596_800_000),
        (TIMESTAMP, "2017-06-05T09:17:08.123", JUNE_MS),
        (TIMESTAMP, "2017-06-05T09:17:08", JUNE_MS - 123),
        (TIMESTAMP, "2017-06-05T09:17:08.123987", JUNE_MS),
        (TIMESTAMP, "2017-06-05 09:17:08.1234", JUNE_MS),
        (TIMESTAMP, "2017-06-05T09:17:08.1234567890", FAILS),
        (TIMESTAMP, "2017-06-05T09:17:08.123Z", FAILS),
        (TIMESTAMP, "2017-06-05T09:17:081", FAILS),
        (TIMESTAMP, "2017-06-05T", FAILS),
        (TIMESTAMP, "2017-06-05 09:17", FAILS),
        (TIMESTAMP, "2017-02-29", FAILS),
        (TIMESTAMP, "0000-01-01", FAILS),
        (TIMESTAMP, "2017-06-05 24:00:00", FAILS),
        (TIMESTAMP, " 2017-06-05", FAILS),
        (TIMESTAMP, "٢017-06-05", FAILS),
        (REAL, Number("0.1"), 0.10000000149011612),
        (REAL, Number("1e39"), FAILS),
        (REAL, "2.5", 2.5),
        (MONEY, Number("12.345"), 1235),
        (MONEY, Number("-12.345"), -1235),
        (MONEY, Number("999.99"), 99999),
        (MONEY, Number("999.995"), FAILS),
        (MONEY, Number("1e-99999999"), 0),
        (MONEY, Number("1e99999999999999999999"), FAILS),
        (MONEY, " 7 ", 700),
        (MONEY, "seven", FAILS),
        (MONEY, True, 100),
        (SqlType(Kind.CHAR, 4), "ab", "ab  "),
        (SqlType(Kind.CHAR, 4), "abcdef", "abcd"),
        (SqlType(Kind.CHAR, 4), Number("1.5"), "1.5 "),
        (DATE, "2017-06-05", JUNE_MS // 86_400_000 * 86_400_000),
        (DATE, "2017-06-05 09:17:08.123", JUNE_MS // 86_400_000 * 86_400_000),
        (DATE, "2017-06-31", FAILS),
        (DATE, Number("0"), FAILS),
        (TIME, "09:17:08.123", JUNE_MS % 86_400_000),
        (TIME, "24:00:00", FAILS),
        (TIME, False, FAILS),
        # An object or an array: its source text, or an error.
        (text(), Nested('{"a": [1 ]}'), '{"a": [1 ]}'),
        (text(4), Nested("[1, 2]"), "[1, "),
        (SMALLINT, Nested("[1]"), FAILS),
        (BOOLEAN, Nested("{}"), FAILS),
        (TIMESTAMP, Nested("[]"), FAILS),
    ],
    ids=repr,
)
def test_conversions(type: SqlType, value: Scalar, want: Any) -> None:
    if want == FAILS:
        with pytest.raises(DecodeError):
            convert(value, type)
    else:
        assert repr(convert(value, type)) == repr(want)


def test_messages_are_one_short_printable_line() -> None:
    with pytest.raises(DecodeError) as caught:
        convert("é\n" + "x" * 100, SMALLINT)
    assert str(caught.value) == r"'\xe9\n" + "x" * 38 + "' is not a SMALLINT"
    with pytest.raises(DecodeError, match=r"^123\.4 is not a SMALLINT$"):
        convert(Number("123.4"), SMALLINT)
