"""SELECT DISTINCT as a grouping."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import ColumnRef, RowTime
from analytics_sql.plan import Filter, Key, Pump, Tumble
from analytics_sql.types import BIGINT, TIMESTAMP, Kind, SqlType

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

FROM = 'FROM "SOURCE_SQL_STREAM_001" AS s'
NAME = ColumnRef("Name", SqlType(Kind.VARCHAR, 16))
START = ColumnRef("WINDOW_START", TIMESTAMP)


def _window(pump: Pump) -> Tumble:
    window = pump.query.input
    assert isinstance(window, Tumble)
    return window


def test_the_items_are_the_keys(pump: CompilePump) -> None:
    # The example of REF:sql-reference-select-all-distinct.
    bound = pump(
        f'SELECT STREAM DISTINCT ROWTIME, "Name", FLOOR(s.ROWTIME TO DAY) {FROM} WHERE BIG > 1',
        "A TIMESTAMP, B VARCHAR(16), C TIMESTAMP",
    )
    window = _window(bound)
    assert isinstance(window.input, Filter)
    assert (window.size_ms, window.aggregates) == (86_400_000, ())
    # ROWTIME does not count for what is distinct: it is the window's end.
    assert window.keys == (Key(NAME, "Name"),)
    assert [o.expression for o in bound.query.outputs] == [RowTime(), NAME, START]
    assert bound.query.rowtime is None


@pytest.mark.parametrize("row_time", ["ROWTIME", "s.ROWTIME", '"ROWTIME"'])
def test_rowtime_alone_compares_the_rows_of_one_time(pump: CompilePump, row_time: str) -> None:
    bound = pump(f'SELECT DISTINCT {row_time}, "Name" {FROM}', "A TIMESTAMP, B VARCHAR(16)")
    assert _window(bound).size_ms == 1
    assert bound.query.rowtime == START
    assert [o.expression for o in bound.query.outputs] == [START, NAME]


def test_all_columns(pump: CompilePump) -> None:
    columns = (
        "A VARCHAR(16), B TIMESTAMP, C DOUBLE, D SMALLINT, E TINYINT, F INTEGER, G BIGINT, "
        "H BOOLEAN, I TIMESTAMP"
    )
    bound = pump(f"SELECT DISTINCT *, STEP(s.ROWTIME BY INTERVAL '1' HOUR) {FROM}", columns)
    assert len(_window(bound).keys) == 8
    assert len(bound.query.outputs) == 9


def test_over_groups_it_changes_nothing_if_every_key_is_an_item(
    pump: CompilePump, refused_query: Refuse
) -> None:
    head, tail = "SELECT «DISTINCT»", f"BIG, COUNT(*) {FROM} GROUP BY BIG"
    minute = ", FLOOR(s.ROWTIME TO MINUTE)"
    with_it = pump(f"SELECT DISTINCT {tail}{minute}", "A BIGINT, B BIGINT")
    assert with_it == pump(f"SELECT {tail}{minute}", "A BIGINT, B BIGINT")
    refused_query(
        f"{head} {tail}, TOTAL{minute}",
        "SELECT DISTINCT leaves out a key of GROUP BY",
        columns="A BIGINT, B BIGINT",
    )


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        (
            'SELECT «DISTINCT» "StatusTime", BIG',
            "SELECT DISTINCT has no time key | to the select list",
        ),
        ("SELECT DISTINCT ROWTIME, «nope»", "there is no column NOPE"),
        ("SELECT DISTINCT ROWTIME, «SUM(BIG) OVER (ROWS 1 PRECEDING)»", "SELECT DISTINCT and OVER"),
    ],
)
def test_refused(refused_query: Refuse, query: str, fragment: str) -> None:
    refused_query(f"{query} {FROM}", fragment, columns="A TIMESTAMP, B BIGINT")


def test_an_item_over_keys_is_a_key(pump: CompilePump) -> None:
    bound = pump(f"SELECT DISTINCT ROWTIME, BIG * 2 AS b {FROM}", "A TIMESTAMP, B BIGINT")
    (key,) = _window(bound).keys
    assert bound.query.outputs[1].expression == ColumnRef(key.name, BIGINT)
