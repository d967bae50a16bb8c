"""What an explanation says, beside what is known of the application."""

from collections.abc import Callable

import numpy as np
import pytest

from analytics_sql.compiler import compile_application
from analytics_sql.expression import Comparison, InputRowTime, IsNull, Literal, Logical, Not
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Project, Pump, SourceColumn
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
from fleet.batch import Batch
from processor.engine import Engine
from processor.explain.explanation import Explanation, explain
from processor.explain.expression_text import expression_text
from processor.explain.tree import graph_text, tree_text

Explain = Callable[[str], Explanation]

SUMS = """CREATE STREAM SUMS (NAME VARCHAR(16), METRES SMALLINT);
CREATE PUMP ADDS AS INSERT INTO SUMS SELECT STREAM "Name", SUM("Distance")
FROM SOURCE_SQL_STREAM_001 AS s WHERE "MagicPoints" > 5
GROUP BY "Name", STEP(s.ROWTIME BY INTERVAL '90' SECOND);
"""


COLUMNS = {
    "Name": SqlType(Kind.VARCHAR, 16),
    "Distance": DOUBLE,
    "MagicPoints": SMALLINT,
    "TINY": SqlType(Kind.TINYINT),
    "TOTAL": INTEGER,
    "BIG": BIGINT,
    "OK": BOOLEAN,
}
SCHEMA = InputSchema(tuple(SourceColumn(n, t, (n,)) for n, t in COLUMNS.items()))


@pytest.fixture
def compiled() -> Callable[[str], Application]:
    return lambda text: compile_application(text, name="test", schema=SCHEMA)


@pytest.fixture
def explained(compiled: Callable[[str], Application]) -> Explain:
    return lambda text: explain(compiled(text))


def query(select: str) -> str:
    return f"CREATE STREAM A (X DOUBLE);\nCREATE PUMP P AS INSERT INTO A {select}"


def test_the_whole_tree(explained: Explain) -> None:
    assert tree_text(explained(SUMS)).splitlines()[-16:] == [
        "|-- stream SUMS (output)",
        "|   |-- NAME VARCHAR(16)",
        "|   `-- METRES SMALLINT",
        "|-- pump ADDS",
        '|   |-- FROM SOURCE_SQL_STREAM_001: "Name", "Distance", "MagicPoints"',
        "|   |   `-- to error_stream: a record that cannot be read, or a value that does not fit "
        "its column",
        '|   |-- WHERE "MagicPoints" > 5',
        "|   |-- GROUP BY",
        "|   |   |-- tumbling window of INTERVAL '90' SECOND; aligned to the Unix epoch, UTC; "
        "closed by the watermark: the next record of every shard, or their silence",
        '|   |   |-- keys: "Name"',
        '|   |   |-- SUM("Distance") DOUBLE',
        "|   |   `-- state: about 160 bytes a key",
        '|   |-- SELECT "Name", "SUM(Distance)"',
        "|   `-- INSERT INTO SUMS (NAME, METRES)",
        "|       `-- to error_stream: METRES: a value that is no SMALLINT",
        '`-- scales by shard: yes, all state is kept by "Name": let it be the partition key',
    ]


@pytest.mark.parametrize(
    ("text", "possible", "reason"),
    [
        (SUMS, True, 'all state is kept by "Name": let it be the partition key'),
        (query('SELECT STREAM "Distance" FROM SOURCE_SQL_STREAM_001'), True, "no pump keeps state"),
        (
            query(
                "SELECT STREAM COUNT(*) FROM SOURCE_SQL_STREAM_001 AS s "
                "GROUP BY FLOOR(s.ROWTIME TO MINUTE)"
            ),
            False,
            "pump P has no column of the input in GROUP BY: all records meet there",
        ),
        (
            query(
                "SELECT STREAM AVG(BIG) OVER (PARTITION BY PARTITION_KEY ROWS 5 PRECEDING) "
                "FROM SOURCE_SQL_STREAM_001"
            ),
            True,
            "all state is kept by the record's own shard",
        ),
        (
            SUMS + "CREATE STREAM B (C BIGINT); CREATE PUMP Q AS INSERT INTO B SELECT STREAM "
            "COUNT(*) FROM SUMS AS s GROUP BY NAME, FLOOR(s.ROWTIME TO HOUR)",
            True,
            'all state is kept by "Name": let it be the partition key',
        ),
        (
            SUMS + "CREATE STREAM B (C BIGINT); CREATE PUMP Q AS INSERT INTO B SELECT STREAM "
            "COUNT(*) FROM SUMS AS s GROUP BY METRES, FLOOR(s.ROWTIME TO HOUR)",
            False,
            "pump Q has no column of the input in GROUP BY: all records meet there",
        ),
        (
            SUMS + "CREATE STREAM B (C BIGINT); CREATE PUMP Q AS INSERT INTO B SELECT STREAM "
            "COUNT(*) FROM SOURCE_SQL_STREAM_001 AS s GROUP BY TINY, FLOOR(s.ROWTIME TO HOUR)",
            False,
            "pump Q keeps state by other columns than those before it",
        ),
    ],
)
def test_scaling_by_shard(explained: Explain, text: str, possible: bool, reason: str) -> None:
    sharing = explained(text).sharing
    assert (sharing.possible, sharing.reason) == (possible, reason)


@pytest.mark.parametrize(
    ("item", "failures"),
    [
        ('"Distance" / 2', []),
        ('"Distance" / TOTAL', ['"Distance" / TOTAL: division by zero']),
        ("TOTAL + 1", ["TOTAL + 1: a result that is no INTEGER"]),
        ("CAST(TOTAL AS SMALLINT)", ["CAST(TOTAL AS SMALLINT): a value that is no SMALLINT"]),
        ("CAST(TOTAL AS BIGINT)", []),
        ('CHAR_LENGTH("Name")', []),
    ],
)
def test_what_can_fail(explained: Explain, item: str, failures: list[str]) -> None:
    pump = explained(query(f"SELECT STREAM {item} FROM SOURCE_SQL_STREAM_001")).pumps[0]
    found = [failure for step in pump.steps[1:] for failure in step.fails]
    assert found == failures


@pytest.mark.parametrize(
    ("call", "may_fail"),
    [
        ('CHAR_LENGTH(UPPER("Name"))', False),
        ('CHAR_LENGTH(SUBSTRING("Name" FROM 1 FOR 3))', False),
        ('CHAR_LENGTH(SUBSTRING("Name" FROM 1 FOR TOTAL))', True),
        ("MOD(TOTAL, 7)", False),
        ("MOD(TOTAL, 0)", True),
        ("MOD(7, TOTAL)", True),
        ('LN("Distance")', True),
        ("CASE WHEN \"Name\" LIKE 'a%' THEN 1 ELSE 0 END", False),
        ('CASE WHEN "Name" LIKE UPPER("Name") ESCAPE \'!\' THEN 1 ELSE 0 END', True),
    ],
)
def test_a_function_is_named_where_it_may_have_no_answer(
    explained: Explain, call: str, may_fail: bool
) -> None:
    (pump,) = explained(query(f'SELECT {call} FROM "SOURCE_SQL_STREAM_001"')).pumps
    found = [failure for step in pump.steps[1:] for failure in step.fails]
    assert any("has no answer for" in failure for failure in found) == may_fail


@pytest.mark.parametrize(
    ("select", "warning"),
    [
        (
            "SELECT STREAM SUM(BIG) OVER (ROWS UNBOUNDED PRECEDING) FROM SOURCE_SQL_STREAM_001",
            "pump P: UNBOUNDED PRECEDING: a partition is never forgotten",
        ),
        (
            "SELECT STREAM COUNT(*) FROM SOURCE_SQL_STREAM_001 AS s "
            "GROUP BY FLOOR(s.ROWTIME TO DAY)",
            "pump P: the window is longer than an hour: every key of it is kept so long",
        ),
    ],
)
def test_warnings(explained: Explain, select: str, warning: str) -> None:
    explanation = explained(query(select))
    assert explanation.warnings == (warning,)
    assert f"`-- warning: {warning}" in tree_text(explanation)


def test_sliding_windows(explained: Explain) -> None:
    select = (
        "SELECT STREAM SUM(BIG) OVER (PARTITION BY TINY RANGE INTERVAL '1' MINUTE PRECEDING) "
        "+ COUNT(*) OVER (PARTITION BY TINY ROWS 9 PRECEDING) FROM SOURCE_SQL_STREAM_001"
    )
    steps = explained(query(select)).pumps[0].steps
    windows = [(w.kind, w.size.split(",")[0]) for step in steps for w in step.windows]
    assert windows == [("sliding by range", "INTERVAL '1' MINUTE"), ("sliding by rows", "10 rows")]


def test_the_graph_has_every_stream_and_pump(explained: Explain) -> None:
    graph = graph_text(explained(SUMS))
    assert '  "stream SOURCE_SQL_STREAM_001" -> "pump ADDS";' in graph
    assert '  "pump ADDS" -> "stream SUMS";' in graph
    assert graph.count("shape=") == 3


def test_expressions_are_sql_again(compiled: Callable[[str], Application]) -> None:
    """What is printed compiles to the same expression."""
    text = (
        "CASE WHEN \"Name\" = 'it''s' OR NOT (TOTAL > 1 AND OK) THEN \"Distance\" * 2 ELSE NULL END"
    )

    def expression(item: str) -> object:
        pump: Pump = compiled(query(f"SELECT STREAM {item} FROM SOURCE_SQL_STREAM_001")).pumps[0]
        assert isinstance(pump.query, Project)
        return pump.query.outputs[0].expression

    for written in (
        text,
        """CASE WHEN "Name" || ('x' || "Name" || 'y') = '' THEN TOTAL ELSE 0 END""",
        "CASE WHEN OK THEN TOTAL * 1E0 WHEN TOTAL > 2.5E-9 THEN 1.25E0 ELSE 3E40 END",
    ):
        first = expression(written)
        assert expression(expression_text(first)) == first  # type: ignore[arg-type]


def test_constants() -> None:
    moment = Literal(1_767_225_600_000, TIMESTAMP)
    price = Literal(-5, SqlType(Kind.DECIMAL, 3, 2))
    pause = Literal(90_000, SqlType(Kind.INTERVAL))
    condition = Logical(
        "AND",
        Not(IsNull(Literal(1, INTEGER))),
        Comparison("<", InputRowTime(), moment),
    )
    assert expression_text(condition) == (
        "(1 IS NOT NULL) AND (s.ROWTIME < TIMESTAMP '2026-01-01 00:00:00.000')"
    )
    assert expression_text(price) == "-0.05"
    assert [expression_text(Literal(x, DOUBLE)) for x in (1.0, 0.1, 3e40)] == [
        "1E0",
        "0.1E0",
        "3E40",
    ]
    assert expression_text(pause) == "INTERVAL '90' SECOND"


def test_the_state_that_is_told_is_the_state_that_is_counted(
    compiled: Callable[[str], Application],
) -> None:
    """Of a thousand keys, within a factor of two of what the engine counts."""
    application = compiled(SUMS)
    engine, count = Engine(application), 1000
    records = [b'{"Name":"%d","Distance":1,"MagicPoints":9}' % i for i in range(count)]
    numbers = [str(i) for i in range(count)]
    engine.add(Batch("shard", records, np.zeros(count, np.int64), numbers, numbers, numbers[-1]))
    told = [step.state for step in explain(application).pumps[0].steps if step.state is not None]
    counted = engine.state_bytes / count
    assert counted / 2 < told[0].key_bytes < counted * 2


def test_joins_unions_and_order_are_told_with_their_windows(explained: Explain) -> None:
    found = explained(
        """CREATE STREAM D (NAME VARCHAR(16), METRES DOUBLE);
        CREATE PUMP J AS INSERT INTO D
        SELECT STREAM a."Name", b."Distance"
        FROM SOURCE_SQL_STREAM_001 OVER (RANGE INTERVAL '2' HOUR PRECEDING) AS a
        LEFT JOIN SOURCE_SQL_STREAM_001 AS b ON a."Name" = b."Name" AND a.BIG < b.BIG;
        CREATE PUMP N AS INSERT INTO D
        SELECT STREAM a."Name", b."Distance" FROM SOURCE_SQL_STREAM_001 a, SOURCE_SQL_STREAM_001 b;
        CREATE PUMP R AS INSERT INTO D
        SELECT STREAM "Name", a."Distance" FROM SOURCE_SQL_STREAM_001 OVER (ROWS 9 PRECEDING) AS a
        JOIN SOURCE_SQL_STREAM_001 AS b USING ("Name");
        CREATE PUMP U AS INSERT INTO D
        SELECT STREAM "Name", "Distance" FROM SOURCE_SQL_STREAM_001
        UNION ALL SELECT STREAM "Name", NULL FROM SOURCE_SQL_STREAM_001;
        CREATE PUMP O AS INSERT INTO D
        SELECT STREAM "Name", "Distance" FROM SOURCE_SQL_STREAM_001 AS s
        ORDER BY FLOOR(s.ROWTIME TO SECOND), "Distance" DESC;
        CREATE PUMP S AS INSERT INTO D
        SELECT STREAM "Name", SUM("Distance") FROM SOURCE_SQL_STREAM_001
        WINDOWED BY STAGGER (PARTITION BY "Name" RANGE INTERVAL '1' MINUTE);
        """
    )
    steps = {pump.name: {step.title: step for step in pump.steps} for pump in found.pumps}
    join = steps["J"]['LEFT JOIN ON "A.Name" = "B.Name" AND "A.BIG" < "B.BIG"']
    assert [window.size for window in join.windows] == [
        "INTERVAL '2' HOUR",
        "only its current row, as it has no OVER",
    ]
    assert "INNER JOIN, every row with every row" in steps["N"]
    last, _ = steps["R"]['INNER JOIN ON "Name" = "B.Name"'].windows
    assert last.size == "the last 9 rows of the side"
    assert "UNION ALL of 2 queries" in steps["U"]
    (sorting,) = steps["O"]['ORDER BY the time bucket, "Distance" DESC'].windows
    assert (sorting.kind, sorting.size) == ("sorted", "INTERVAL '1' SECOND")
    (stagger,) = steps["S"]["WINDOWED BY STAGGER"].windows
    assert (stagger.kind, stagger.alignment) == ("stagger", "the first row of each key")
    assert found.warnings == (
        "pump J: the window of JOIN is longer than an hour: its rows are kept so long",
        "pump N: JOIN without a window on either side: only rows of one ROWTIME meet",
    )
    assert not found.sharing.possible
    assert "LEFT JOIN ON" in tree_text(found)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("REGEX_LOG_PARSE(\"Name\", '(a)(b)')", "REGEX_LOG_PARSE(\"Name\", '(a)(b)').COLUMN2"),
        (
            "FIXED_COLUMN_LOG_PARSE(\"Name\", 'a START 0 FOR 2, b TYPE DATE ''yy'' START 2 FOR 2')",
            "CHAR_TO_DATE('yy', FIXED_COLUMN_LOG_PARSE(\"Name\", START 2 FOR 2))",
        ),
        (
            "SYS_LOG_PARSE('<1>' || \"Name\" || '.')",
            "SYS_LOG_PARSE('<1>' || \"Name\" || '.').COLUMN2",
        ),
    ],
)
def test_a_field_of_a_log_names_its_parser(explained: Explain, call: str, text: str) -> None:
    statement = (
        f"SELECT STREAM 1.5E0 FROM (SELECT STREAM {call} AS R FROM SOURCE_SQL_STREAM_001) AS T"
    )
    titles = [step.title for step in explained(query(statement)).pumps[0].steps]
    assert any(title.endswith(f", {text}") for title in titles), titles
