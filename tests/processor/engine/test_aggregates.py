"""SUM, AVG, MIN, MAX and COUNT: tables worked by hand, and what does not fit."""

import json
from typing import Any

import pytest

from analytics_sql.expression import Arithmetic, ColumnRef, InputRowTime, Literal
from analytics_sql.plan import Aggregate, Application, Stream
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
from tests.processor.engine.plans import (
    SOURCE,
    application,
    columns_of,
    project,
    pump,
    scan,
    source,
    tumbling,
    varchar,
)
from tests.processor.engine.runs import Outcome, Record, in_every_way

TINYINT = SqlType(Kind.TINYINT)
LARGEST = 2**63 - 1


def one(aggregate: Aggregate, type: SqlType) -> Application:
    """SELECT aggregate over a column v of that type, in one window."""
    window = tumbling(scan(SOURCE, {"v": type}), (), (aggregate,), 1_000_000)
    stream = Stream("OUT", columns_of({"result": aggregate.type}))
    query = project(window, ColumnRef(aggregate.name, aggregate.type))
    return application(source({"v": type}), [stream], [pump(query, stream)])


def run(function: Any, type: SqlType, result: SqlType, values: list[Any]) -> Outcome:
    aggregate = Aggregate(function, ColumnRef("v", type), result, "a")
    given = [Record(i, i, json.dumps({"v": v}).encode()) for i, v in enumerate(values)]
    return in_every_way(one(aggregate, type), given)


@pytest.mark.parametrize(
    ("function", "type", "result", "values", "want"),
    [
        # NULLs are passed over; of nothing but NULLs there is no sum, and a count of 0.
        ("COUNT", SMALLINT, BIGINT, [1, None, 3], 2),
        ("COUNT", SMALLINT, BIGINT, [None, None], 0),
        ("COUNT", varchar(2), BIGINT, ["a", None, ""], 2),
        ("COUNT", BOOLEAN, BIGINT, [False, None], 1),
        ("SUM", SMALLINT, BIGINT, [1, None, 3], 4),
        ("SUM", SMALLINT, BIGINT, [None, None], None),
        ("SUM", DOUBLE, DOUBLE, [None], None),
        ("AVG", DOUBLE, DOUBLE, [None], None),
        ("AVG", SMALLINT, SMALLINT, [None], None),
        ("MIN", DOUBLE, DOUBLE, [None, None], None),
        ("MAX", TIMESTAMP, TIMESTAMP, [None], None),
        ("MIN", varchar(2), varchar(2), [None], None),
        # integer / integer = integer, toward zero: 154 / 4 = 38 in the reference's own example.
        ("AVG", SMALLINT, SMALLINT, [154, 0, 0, 0], 38),
        ("AVG", SMALLINT, SMALLINT, [-154, 0, 0, 0], -38),
        ("AVG", SMALLINT, DOUBLE, [154, 0, 0, 0], 38.5),
        ("AVG", BIGINT, BIGINT, [LARGEST, LARGEST, None], LARGEST),
        ("AVG", BIGINT, DOUBLE, [LARGEST, LARGEST - 1], float(2**63)),
        # Exact, rounded once; a plain sum of these gives 0.0, 0.6000000000000001 and 0.0.
        ("SUM", DOUBLE, DOUBLE, [1e16, 1.0, -1e16], 1.0),
        ("SUM", DOUBLE, DOUBLE, [0.1, 0.2, 0.3], 0.6),
        ("SUM", DOUBLE, DOUBLE, [1e300, 5e-324, -1e300], 5e-324),
        ("SUM", DOUBLE, DOUBLE, [1e308, 1e308, -1e308], 1e308),
        ("SUM", DOUBLE, DOUBLE, [-0.0], 0.0),
        ("AVG", DOUBLE, DOUBLE, [0.1, 0.2, 0.3], 0.2),
        ("AVG", DOUBLE, DOUBLE, [1e308, 1e308], 1e308),
        # The way there may leave BIGINT, if the sum does not.
        ("SUM", BIGINT, BIGINT, [LARGEST, LARGEST, -LARGEST, -5], LARGEST - 5),
        ("SUM", BIGINT, BIGINT, [-LARGEST, -1], -(2**63)),
        ("SUM", BIGINT, DOUBLE, [LARGEST], float(2**63)),
        ("MIN", SMALLINT, SMALLINT, [5, None, -3], -3),
        ("MAX", BIGINT, BIGINT, [-(2**63), None], -(2**63)),
        ("MAX", DOUBLE, DOUBLE, [-1.5, -2.5], -1.5),
        ("MIN", DOUBLE, DOUBLE, [-0.0, 0.0], 0.0),
        ("MIN", varchar(3), varchar(3), ["b", None, "ab", "é"], "ab"),
        ("MAX", varchar(3), varchar(3), ["b", None, "ab", "é"], "é"),
        ("MAX", varchar(3), varchar(3), ["", None], ""),
        (
            "MAX",
            TIMESTAMP,
            TIMESTAMP,
            ["2026-01-01", "1969-12-31 23:59:59.5"],
            "2026-01-01 00:00:00.000",
        ),
    ],
)
def test_aggregates(
    function: str, type: SqlType, result: SqlType, values: list[Any], want: Any
) -> None:
    outcome = run(function, type, result, values)
    assert outcome.letters == []
    assert [repr(row.values["result"]) for row in outcome.window_rows] == [repr(want)]


@pytest.mark.parametrize(
    ("function", "type", "result", "values", "reason"),
    [
        ("SUM", BIGINT, BIGINT, [LARGEST, 1], "the sum overflows BIGINT"),
        ("SUM", BIGINT, BIGINT, [-LARGEST, -2], "the sum overflows BIGINT"),
        ("SUM", SMALLINT, SMALLINT, [32767, 1], "32768 does not fit SMALLINT"),
        ("SUM", DOUBLE, DOUBLE, [1e308, 1e308], "the sum overflows DOUBLE"),
        ("COUNT", SMALLINT, TINYINT, [1] * 128, "128 does not fit TINYINT"),
        (
            "MAX",
            varchar(9),
            varchar(2),
            ["abc"],
            "a text of 3 characters does not fit VARCHAR(2)",
        ),
    ],
)
def test_what_does_not_fit_is_a_letter_that_shows_no_wrong_number(
    function: str, type: SqlType, result: SqlType, values: list[Any], reason: str
) -> None:
    outcome = run(function, type, result, values)
    assert outcome.window_rows == []
    (letter,) = outcome.letters
    assert (letter.stage, letter.sequence_number, letter.reason) == ("pump PUMP", "", reason)
    assert letter.arrival_ms == 1_000_000
    assert json.loads(letter.data) == {"window start": "1970-01-01 00:00:00.000", "a": None}


def test_what_stands_beneath_a_null_never_shows() -> None:
    # MIN starts from infinity; assigning it to an integer would warn, and warnings are errors.
    lowest = Aggregate("MIN", ColumnRef("v", DOUBLE), DOUBLE, "lowest")
    window = tumbling(scan(SOURCE, {"v": DOUBLE}), (), (lowest,), 1000)
    stream = Stream("OUT", columns_of({"v": SMALLINT}))
    query = project(window, ColumnRef("lowest", DOUBLE))
    plan = application(source({"v": DOUBLE}), [stream], [pump(query, stream)])
    outcome = in_every_way(plan, [Record(0, 0, b"{}"), Record(1, 1000, b'{"v":1.5}')])
    assert [row.values["v"] for row in outcome.window_rows] == [None, 2]


def test_an_argument_that_fails_takes_its_row_out_of_all_aggregates() -> None:
    types: dict[str, SqlType] = {"v": INTEGER}
    v = ColumnRef("v", INTEGER)
    square = Aggregate("SUM", Arithmetic("*", v, v, INTEGER), BIGINT, "squares")
    count = Aggregate("COUNT", None, BIGINT, "rows")
    last = Aggregate("MAX", InputRowTime(), TIMESTAMP, "last")
    window = tumbling(scan(SOURCE, types), (), (square, count, last), 1000)
    stream = Stream("OUT", columns_of({"s": BIGINT, "n": BIGINT, "last": TIMESTAMP}))
    query = project(window, *(ColumnRef(c.name, c.type) for c in window.columns[1:]))
    plan = application(source(types), [stream], [pump(query, stream)])
    given = [
        Record(0, 7, b'{"v": 3}'),
        Record(1, 8, b'{"v": 46341}'),
        Record(2, 9, b"{}"),
    ]
    outcome = in_every_way(plan, given)
    (row,) = outcome.window_rows
    assert tuple(row.values.values()) == (9, 2, "1970-01-01 00:00:00.009")
    (letter,) = outcome.letters
    assert (letter.sequence_number, letter.reason) == ("1", "* overflows INTEGER")
    assert letter.data == b'{"v":46341}'


def test_keys_may_be_expressions() -> None:
    types: dict[str, SqlType] = {"v": INTEGER}
    following = Arithmetic("+", ColumnRef("v", INTEGER), Literal(1, INTEGER), INTEGER)
    window = tumbling(scan(SOURCE, types), (following,), (), 1000)
    stream = Stream("OUT", columns_of({"next": INTEGER}))
    query = project(window, ColumnRef("key 0", INTEGER))
    plan = application(source(types), [stream], [pump(query, stream)])
    given = [Record(i, i, b'{"v": %d}' % v) for i, v in enumerate([5, 2**31 - 1, 5, 0])]
    outcome = in_every_way(plan, given)
    assert [row.values["next"] for row in outcome.window_rows] == [1, 6]
    assert [letter.reason for letter in outcome.letters] == ["+ overflows INTEGER"]
