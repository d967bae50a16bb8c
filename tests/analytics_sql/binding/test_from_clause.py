"""Joins, UNION ALL, ORDER BY and stagger windows: what is refused, where and with what advice."""

from collections.abc import Callable

import pytest

from analytics_sql.combination import Join, Lookup, ReferenceTable
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Column, Scan, SourceColumn, nodes_of
from analytics_sql.types import BIGINT, INTEGER, SMALLINT, Kind, SqlType
from fleet.errors import SqlErrors

Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'
WINDOW = "OVER (RANGE INTERVAL '5' SECOND PRECEDING)"
SCHEMA = InputSchema(
    (
        SourceColumn("K", SqlType(Kind.VARCHAR, 8), ("K",)),
        SourceColumn("N", INTEGER, ("N",)),
        SourceColumn("SMALL", SMALLINT, ("SMALL",)),
        SourceColumn("UNUSED", BIGINT, ("UNUSED",)),
    )
)
ZONES = ReferenceTable("ZONES", SCHEMA.columns[:2])
A = f"{SOURCE} {WINDOW} AS a"


def compiled(query: str) -> Application:
    text = f"CREATE STREAM D (X DOUBLE); CREATE PUMP P AS INSERT INTO D\n{query}"
    return compile_application(text, name="test", schema=SCHEMA, tables=[ZONES])


def refusal(marked: str) -> tuple[str, str | None]:
    """The one error of a query, which has to begin where its first mark is."""
    query = marked.replace("«", "").replace("»", "")
    with pytest.raises(SqlErrors) as caught:
        compiled(query)
    (error,) = caught.value.errors
    assert (error.line, error.column) == (2, marked.index("«") + 1)
    return str(error), error.remedy


@pytest.mark.parametrize(
    ("marked", "message", "remedy"),
    [
        (f"SELECT a.N FROM {A} JOIN «{SOURCE}» AS a ON a.K = a.K", "called A", "with AS"),
        (f"SELECT «N» FROM {A} JOIN {SOURCE} AS b ON a.K = b.K", "of several: A, B", "A.N"),
        (f"SELECT a.M FROM {A} JOIN {SOURCE} AS b ON a.K = b.K", "no column M", "A has"),
        (f"SELECT «c».N FROM {A} JOIN {SOURCE} AS b ON a.K = b.K", "no stream C", "A, B"),
        (
            f"SELECT a.N FROM {A} FULL JOIN {SOURCE} AS b USING (K) "
            f"JOIN {SOURCE} AS c ON c.K = «K»",
            "K is a column of several: A, C",
            "A.K",
        ),
        (f"SELECT K FROM {A} JOIN {SOURCE} AS b USING («M»)", "no column M", "B has"),
        (f"SELECT a.K FROM {A} JOIN ZONES AS b USING («SMALL»)", "no column SMALL", "B has K, N"),
        (
            f"SELECT a.K FROM {A} JOIN {SOURCE} AS b ON a.N = b.N JOIN {SOURCE} AS c USING («K»)",
            "K is a column of several: A, B",
            "write ON",
        ),
        (
            f"SELECT a.K FROM {A} NATURAL JOIN «(SELECT SMALL AS Q FROM {SOURCE})» AS b",
            "share no column",
            "CROSS JOIN",
        ),
        (f"SELECT a.K FROM {A} NATURAL JOIN «ZONES ON TRUE»", "its condition already", "one of"),
        (
            f"SELECT a.N FROM {A} OUTER JOIN «{SOURCE} AS b ON a.K = b.K»",
            "whose rows",
            "FULL OUTER",
        ),
        (f"SELECT a.N FROM {A} CROSS JOIN «{SOURCE} AS b ON a.K = b.K»", "no condition", "JOIN"),
        (f"SELECT a.N FROM {A} LEFT JOIN «{SOURCE}» AS b", "no condition", "add ON"),
        (f"SELECT a.N FROM {A} JOIN «{SOURCE}» AS b", "JOIN has no condition", "CROSS JOIN"),
        (f"SELECT a.N FROM {A} JOIN {SOURCE} AS b ON «a.N»", "a condition is needed", ""),
        (
            f"SELECT a.N FROM {SOURCE} OVER «(ROWS UNBOUNDED PRECEDING)» AS a JOIN {SOURCE} AS b "
            "ON a.K = b.K",
            "has to end",
            "ROWS 10 PRECEDING",
        ),
        (
            f"SELECT a.N FROM {SOURCE} OVER «(ROWS CURRENT ROW)» AS a JOIN {SOURCE} AS b "
            "ON a.K = b.K",
            "has no row",
            "leave OVER out",
        ),
        (
            f"SELECT a.N FROM {SOURCE} OVER (ROWS 2 PRECEDING) AS a JOIN {SOURCE} AS b "
            f"ON a.K = b.K JOIN «{SOURCE} AS c ON a.K = c.K»",
            "the window of ROWS of A goes with one other stream",
            "a pump of their own",
        ),
        (
            f"SELECT a.N FROM {SOURCE} OVER (ROWS 2 PRECEDING) AS a JOIN ZONES AS z ON z.K = a.K "
            f"JOIN «{SOURCE} AS b ON a.K = b.K»",
            "the window of ROWS of A",
            "the reference table last",
        ),
        (
            f"SELECT a.N FROM {SOURCE} OVER («ORDER BY» N RANGE INTERVAL '1' SECOND PRECEDING) "
            f"AS a JOIN {SOURCE} AS b ON a.K = b.K",
            "in the order of ROWTIME",
            "leave ORDER BY out",
        ),
        (
            f"SELECT a.N FROM {SOURCE} OVER «w» AS a JOIN {SOURCE} AS b ON a.K = b.K",
            "no window W",
            "WINDOW name AS",
        ),
        (f"SELECT q.X FROM (SELECT N, «NULL AS X» FROM {SOURCE}) AS q", "no type here", "CAST"),
        (
            f"SELECT a.N FROM {SOURCE} OVER «(PARTITION BY K RANGE INTERVAL '1' SECOND PRECEDING)» "
            f"AS a JOIN {SOURCE} AS b ON a.K = b.K",
            "no PARTITION BY",
            "said by ON",
        ),
        (
            f"SELECT a.N FROM {SOURCE} OVER «(RANGE INTERVAL '5' SECOND PRECEDING)» AS a",
            "belongs to a join",
            "select list",
        ),
        ("SELECT N FROM «ZONES»", "a reference table, of which no row comes", "with a stream"),
        (
            f"SELECT s.N FROM {SOURCE} AS s RIGHT JOIN «ZONES AS z ON s.K = z.K»",
            "without a partner",
            "LEFT JOIN",
        ),
        (
            f"SELECT s.N FROM «ZONES» AS z LEFT JOIN {SOURCE} AS s ON s.K = z.K",
            "without a partner",
            "stream LEFT JOIN table",
        ),
        (
            f"SELECT s.N FROM {SOURCE} AS s JOIN ZONES "
            "OVER «(RANGE INTERVAL '5' SECOND PRECEDING)» AS z ON s.K = z.K",
            "a reference table has no window",
            "leave OVER out",
        ),
        (
            f"SELECT z.«ROWTIME» FROM {SOURCE} AS s JOIN ZONES AS z ON s.K = z.K",
            "has no ROWTIME",
            "that of the stream",
        ),
        (f"SELECT N FROM {SOURCE} «UNION» SELECT N FROM {SOURCE}", "UNION of", "UNION ALL"),
        (f"SELECT N FROM {SOURCE} «EXCEPT» SELECT N FROM {SOURCE}", "EXCEPT of", "UNION ALL"),
        (
            f"SELECT N FROM {SOURCE} UNION ALL SELECT «K» FROM {SOURCE}",
            "no common type",
            "CAST",
        ),
        (f"SELECT N FROM {SOURCE} ORDER BY «N DESC»", "begins with a time", "FLOOR"),
        (
            f"SELECT N FROM {SOURCE} ORDER BY «FLOOR(ROWTIME TO SECOND) DESC»",
            "backwards",
            "leave DESC out",
        ),
        (
            f"SELECT N FROM {SOURCE} ORDER BY «N WITHIN INTERVAL '1' SECOND»",
            "AS ROWTIME",
            "T AS ROWTIME",
        ),
        (
            f"SELECT N FROM {SOURCE} WINDOWED BY STAGGER (PARTITION BY N RANGE «5»)",
            "RANGE takes an interval",
            "STAGGER",
        ),
        (
            f"SELECT COUNT(*) FROM {SOURCE} WINDOWED BY STAGGER («RANGE» INTERVAL '1' SECOND)",
            "expected PARTITION BY",
            "",
        ),
        (
            f"SELECT COUNT(*) FROM {SOURCE} GROUP BY N «WINDOWED BY» STAGGER "
            "(PARTITION BY N RANGE INTERVAL '1' SECOND)",
            "in the place of GROUP BY",
            "PARTITION BY",
        ),
        (
            f"SELECT N FROM {SOURCE} WINDOWED BY STAGGER (PARTITION BY N RANGE INTERVAL '1' "
            "SECOND) ORDER BY «FLOOR(ROWTIME TO SECOND)»",
            "a time key on ROWTIME only",
            "the next pump",
        ),
        (f"SELECT «X» FROM (SELECT N FROM {SOURCE})", "no column X", "the query in FROM has N"),
        (f"SELECT «q».N FROM (SELECT N FROM {SOURCE})", "no stream Q", "(...) AS q"),
        (
            f"SELECT q.X FROM «(SELECT N AS X, K AS X FROM {SOURCE})» AS q",
            "two columns X",
            "another name",
        ),
        (
            f"SELECT N FROM {A} JOIN «(SELECT N AS M FROM {SOURCE})» ON N = M",
            "needs a name",
            "AS q",
        ),
    ],
)
def test_refused(marked: str, message: str, remedy: str) -> None:
    if "«" not in marked:
        marked = marked.replace("a.M", "a.«M»")
    said, advice = refusal(marked)
    assert message in said
    assert remedy.upper() in (advice or "").upper()


def test_only_what_is_read_is_scanned() -> None:
    plan = compiled(f"SELECT b.N FROM {A} JOIN {SOURCE} AS b ON a.K = b.K")
    scans = [node for node in nodes_of(plan.pumps[0].query) if isinstance(node, Scan)]
    assert [[c.name for c in scan.columns] for scan in scans] == [["K"], ["K", "N"]]


@pytest.mark.parametrize(
    ("condition", "keys", "has_rest"),
    [
        ("a.K = b.K", 1, False),
        ("b.K = a.K AND a.N = b.SMALL", 2, False),
        ("UPPER(a.K) = b.K AND a.N > b.N", 1, True),
        ("a.N = b.N + a.N", 0, True),
        ("a.K = b.K OR a.N = b.N", 0, True),
    ],
)
def test_equalities_of_the_two_sides_are_keys(condition: str, keys: int, has_rest: bool) -> None:
    plan = compiled(f"SELECT b.N FROM {A} JOIN {SOURCE} AS b ON {condition}")
    (join,) = [node for node in nodes_of(plan.pumps[0].query) if isinstance(node, Join)]
    assert (len(join.keys), join.condition is not None) == (keys, has_rest)


def test_distinct_takes_the_columns_of_both_sides() -> None:
    query = (
        f"SELECT DISTINCT a.*, FLOOR(ROWTIME TO MINUTE) FROM {A} JOIN {SOURCE} AS b ON a.K = b.K"
    )
    with pytest.raises(SqlErrors, match="selects 5 columns, D has 1"):
        compiled(query)


def test_distinct_of_a_side_that_is_not_there() -> None:
    query = f"SELECT DISTINCT c.*, ROWTIME FROM {A} JOIN {SOURCE} AS b ON a.K = b.K"
    with pytest.raises(SqlErrors, match="error"):
        compiled(query)


def test_a_table_is_looked_up_and_belongs_to_the_plan() -> None:
    plan = compiled(f"SELECT z.N FROM {SOURCE} AS s LEFT JOIN ZONES AS z ON s.K = z.K")
    (lookup,) = [node for node in nodes_of(plan.pumps[0].query) if isinstance(node, Lookup)]
    assert (lookup.table, lookup.outer) == ("ZONES", True)
    assert plan.tables == (ZONES,)
    assert [Column(o.name, o.expression.type).name for o in lookup.outputs] == ["Z.K", "Z.N"]


def test_a_table_that_nobody_reads_is_no_part_of_the_plan() -> None:
    assert compiled(f"SELECT N FROM {SOURCE}").tables == ()
