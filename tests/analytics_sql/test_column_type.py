"""Types as people write them."""

import pytest

from analytics_sql.column_type import NotAColumnType, cast_type, column_type
from analytics_sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, SMALLINT, TIMESTAMP, Kind, SqlType


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TINYINT", SqlType(Kind.TINYINT)),
        ("smallint", SMALLINT),
        ("INTEGER", INTEGER),
        ("Int", INTEGER),
        ("BIGINT", BIGINT),
        ("DOUBLE", DOUBLE),
        ("double  precision", DOUBLE),
        ("FLOAT", DOUBLE),
        ("BOOLEAN", BOOLEAN),
        ("TIMESTAMP", TIMESTAMP),
        ("VARCHAR(16)", SqlType(Kind.VARCHAR, 16)),
        (" varchar ( 65535 ) ", SqlType(Kind.VARCHAR, 65535)),
        ("CHARACTER VARYING(4)", SqlType(Kind.VARCHAR, 4)),
        ("VARCHAR", SqlType(Kind.VARCHAR)),
        ("REAL", SqlType(Kind.REAL)),
        ("decimal(10,2)", SqlType(Kind.DECIMAL, 10, 2)),
        ("NUMERIC(5)", SqlType(Kind.DECIMAL, 5, 0)),
        ("NUMERIC", SqlType(Kind.DECIMAL, 19, 0)),
        ("CHAR(4)", SqlType(Kind.CHAR, 4)),
        ("CHARACTER", SqlType(Kind.CHAR, 1)),
        ("BINARY(4)", SqlType(Kind.BINARY, 4)),
        ("BINARY", SqlType(Kind.BINARY, 1)),
        ("VARBINARY(65535)", SqlType(Kind.VARBINARY, 65535)),
        ("binary varying", SqlType(Kind.VARBINARY)),
        ("DATE", SqlType(Kind.DATE)),
        ("TIME", SqlType(Kind.TIME)),
    ],
)
def test_supported(text: str, expected: SqlType) -> None:
    assert column_type(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("VARBINARY(0)", "needs one length"),
        ("INTERVAL DAY", "no column holds an INTERVAL"),
        ("DECIMAL(20,2)", "needs 1 to 19 digits"),
        ("DECIMAL(2,3)", "needs 1 to 19 digits"),
        ("DECIMAL(1,2,3)", "needs 1 to 19 digits"),
        ("CHAR(0)", "needs one length"),
        ("DATE(3)", "DATE takes no size"),
        ("TEXT", "there is no type TEXT"),
        ("INTEGER(4)", "INTEGER takes no size"),
        ("VARCHAR(0)", "VARCHAR(0) needs one length from 1 to 65535"),
        ("VARCHAR(65536)", "needs one length"),
        ("VARCHAR(9999999999)", "needs one length"),
        ("VARCHAR(1,2)", "needs one length"),
        ("VARCHAR()", "needs one length"),
        ("VARCHAR(٣)", "is not a type"),
        ("", "is not a type"),
        ("INT; DROP", "is not a type"),
    ],
)
def test_refused(text: str, sentence: str) -> None:
    with pytest.raises(NotAColumnType) as caught:
        column_type(text)
    assert sentence in str(caught.value)


def test_cast_takes_intervals_too() -> None:
    assert cast_type("INTEGER") == INTEGER
    assert str(cast_type("interval day(3) to second")) == "INTERVAL DAY TO SECOND"
    assert str(cast_type("INTERVAL HOUR")) == "INTERVAL HOUR"
    for text in ("INTERVAL SECOND TO DAY", "INTERVAL MONTH", "INTERVAL"):
        with pytest.raises(NotAColumnType):
            cast_type(text)
