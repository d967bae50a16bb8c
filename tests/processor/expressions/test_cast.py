"""What an INSERT makes of a value: the edges."""

from typing import Any

import pytest

from analytics_sql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    SMALLINT,
    TIMESTAMP,
    Kind,
    SqlType,
)
from fleet.errors import ConfigError
from processor.columns import vector_of
from processor.expressions.cast import cast

TINYINT = SqlType(Kind.TINYINT)
FAILS = "fails"


def text(length: int | None) -> SqlType:
    return SqlType(Kind.VARCHAR, length)


@pytest.mark.parametrize(
    ("source", "target", "values", "want"),
    [
        (
            INTEGER,
            SMALLINT,
            [32767, 32768, None, -32768, -32769],
            [32767, FAILS, None, -32768, FAILS],
        ),
        (BIGINT, TINYINT, [127, 128, -128, -129, 2**63 - 1], [127, FAILS, -128, FAILS, FAILS]),
        (SMALLINT, BIGINT, [-32768, None], [-32768, None]),
        # Halves away from zero; the largest DOUBLE below a half stays below it.
        (DOUBLE, SMALLINT, [0.5, -0.5, 1.5, 2.5, -2.5], [1, -1, 2, 3, -3]),
        (DOUBLE, SMALLINT, [0.49999999999999994, -0.49999999999999994, 2.4999999], [0, 0, 2]),
        (DOUBLE, SMALLINT, [32767.49, 32767.5, -32768.49, -32768.5], [32767, FAILS, -32768, FAILS]),
        (DOUBLE, TINYINT, [None, 1e308, -1e308, 127.2], [None, FAILS, FAILS, 127]),
        (DOUBLE, BIGINT, [4503599627370497.5, 9007199254740993.0], [4503599627370498, 2**53]),
        (
            DOUBLE,
            BIGINT,
            [2.0**63, -(2.0**63), 9.223372036854775e18],
            [FAILS, -(2**63), 9223372036854774784],
        ),
        (BIGINT, DOUBLE, [3, None, 2**53 + 1, 2**63 - 1], [3.0, None, 2.0**53, 2.0**63]),
        (DOUBLE, DOUBLE, [0.1, None], [0.1, None]),
        (BOOLEAN, BOOLEAN, [True, None, False], [True, None, False]),
        (TIMESTAMP, TIMESTAMP, [-1, None], [-1, None]),
        (
            text(None),
            text(2),
            ["ab", "abc", None, "", "éé", "ab"],
            ["ab", FAILS, None, "", "éé", "ab"],
        ),
        (text(3), text(2), ["😀😀", "😀😀😀"], ["😀😀", FAILS]),
        (text(2), text(3), ["ab"], ["ab"]),
        (text(2), text(None), ["ab"], ["ab"]),
    ],
)
def test_values(source: SqlType, target: SqlType, values: list[Any], want: list[Any]) -> None:
    result = cast(source, target)(vector_of(values, source))
    got = [FAILS if i in result.failed else v for i, v in enumerate(result.to_list())]
    assert repr(got) == repr(want)


def test_reasons_name_value_and_type() -> None:
    failed = cast(DOUBLE, SMALLINT)(vector_of([4e4], DOUBLE)).failed
    assert failed == {0: "40000.0 does not fit SMALLINT"}
    failed = cast(text(9), text(2))(vector_of(["abc"], text(9))).failed
    assert failed == {0: "a text of 3 characters does not fit VARCHAR(2)"}


@pytest.mark.parametrize(
    ("source", "target"),
    [(TIMESTAMP, BIGINT), (BOOLEAN, SMALLINT), (INTEGER, BOOLEAN)],
    ids=str,
)
def test_other_pairs_are_an_error_of_the_plan(source: SqlType, target: SqlType) -> None:
    with pytest.raises(ConfigError, match="cannot be assigned"):
        cast(source, target)
