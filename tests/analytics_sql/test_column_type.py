"""Types as people write them."""

import pytest

from analytics_sql.column_type import NotAColumnType, column_type
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
    ],
)
def test_supported(text: str, expected: SqlType) -> None:
    assert column_type(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("REAL", "REAL columns are not supported yet"),
        ("decimal(10,2)", "DECIMAL columns are not supported yet"),
        ("CHAR(4)", "CHAR columns are not supported yet"),
        ("DATE", "DATE columns are not supported yet"),
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
