"""FROM TABLE(FUNCTION(CURSOR(query), ...)): plans, and what is refused."""

from collections.abc import Callable

import pytest

from analytics_sql.plan import Project, Pump, nodes_of, scans_of
from analytics_sql.table_function import Forest

CompilePump = Callable[..., Pump]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'
ROWS = f'CURSOR(SELECT STREAM "Distance", BIG FROM {SOURCE})'


def forest(pump: Pump) -> Forest[Project]:
    (found,) = [node for node in nodes_of(pump.query) if isinstance(node, Forest)]
    return found  # type: ignore[return-value]


def test_defaults_of_a_forest(pump: CompilePump) -> None:
    node = forest(pump(f"SELECT ANOMALY_SCORE FROM TABLE(RANDOM_CUT_FOREST({ROWS}))"))
    assert (node.trees, node.sample, node.time_decay, node.shingle) == (100, 256, 100_000, 1)
    assert node.numbers == ("Distance", "BIG")
    assert not node.explained


def test_arguments_of_a_forest(pump: CompilePump) -> None:
    call = f"random_cut_forest_with_explanation({ROWS}, 10, 20, 30, 4, TRUE)"
    node = forest(pump(f"SELECT t.ANOMALY_SCORE FROM TABLE({call}) AS t"))
    assert (node.trees, node.sample, node.time_decay, node.shingle) == (10, 20, 30, 4)
    assert (node.explained, node.directed) == (True, True)


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        ("«FOREST»(1)", "there is no table function FOREST | there are RANDOM_CUT_FOREST"),
        ("«RANDOM_CUT_FOREST»(BIG)", "takes the rows of a query | write TABLE(RANDOM_CUT_FOREST("),
        (f"RANDOM_CUT_FOREST({ROWS}, «0»)", "numberOfTrees is a whole number from 1 to 1,000"),
        (f"RANDOM_CUT_FOREST({ROWS}, «-1»)", "numberOfTrees"),
        (f"RANDOM_CUT_FOREST({ROWS}, 1, «9»)", "subSampleSize is a whole number from 10"),
        (f"RANDOM_CUT_FOREST({ROWS}, 1, «10.5»)", "subSampleSize"),
        (f"RANDOM_CUT_FOREST({ROWS}, 1, 10, «'x'»)", "timeDecay"),
        (
            f"RANDOM_CUT_FOREST({ROWS}, 1, 10, 1, «31»)",
            "shingleSize is a whole number from 1 to 30",
        ),
        (f"«RANDOM_CUT_FOREST»({ROWS}, 1, 10, 1, 1, TRUE)", "takes 0 to 4 arguments after its"),
        (
            f"RANDOM_CUT_FOREST_WITH_EXPLANATION({ROWS}, 1, 10, 1, 1, «1»)",
            "withDirectionality is TRUE or FALSE",
        ),
        (
            f'«RANDOM_CUT_FOREST»(CURSOR(SELECT "Name" FROM {SOURCE}))',
            'scores columns that are numbers, and this query has none | it has "Name"',
        ),
        (
            f"«RANDOM_CUT_FOREST»(CURSOR(SELECT CAST(BIG AS DECIMAL(5,2)) x FROM {SOURCE}))",
            "X is a DECIMAL(5,2), which RANDOM_CUT_FOREST does not take | AS DOUBLE)",
        ),
        (
            f"RANDOM_CUT_FOREST(CURSOR(SELECT «nothing» FROM {SOURCE}))",
            "there is no column NOTHING",
        ),
        (f"TOP_K_ITEMS_TUMBLING({ROWS}, «BIG», 1, 60)", "is a text in single quotes"),
        (
            f"TOP_K_ITEMS_TUMBLING({ROWS}, «'distance'», 1, 60)",
            'has no column "distance" | it has "Distance", BIG',
        ),
        (f"TOP_K_ITEMS_TUMBLING({ROWS}, 'BIG', «0», 60)", "k is a whole number from 1"),
        (f"TOP_K_ITEMS_TUMBLING({ROWS}, 'BIG', 1, «0»)", "the window in seconds"),
        (f"«TOP_K_ITEMS_TUMBLING»({ROWS}, 'BIG', 1)", "takes 3 arguments after its CURSOR"),
        (f"HOTSPOTS({ROWS}, «10», 1, 2)", "windowSize is a whole number from 100 to 1,000"),
        (f"HOTSPOTS({ROWS}, 100, «0», 2)", "scanRadius is a number above 0"),
        (f"HOTSPOTS({ROWS}, 100, 1.5, «101»)", "minimumNumberOfPointsInAHotspot is a whole"),
        (f"GROUP_RANK({ROWS}, 'BIG', 'r', «'up'», 'asc', 0, 0)", "sortOrder is 'asc' or 'desc'"),
        (f"GROUP_RANK({ROWS}, 'BIG', 'r', 'asc', «'up'», 0, 0)", "outputOrder is 'asc', 'desc'"),
        (f"GROUP_RANK({ROWS}, «'BIGGER'», 'r', 'asc', 'asc', 0, 0)", "has no column BIGGER"),
        (f"«COUNT_DISTINCT_ITEMS_TUMBLING»({ROWS}, 'BIG')", "takes 2 arguments after its CURSOR"),
    ],
)
def test_refused(refused_query: Refuse, call: str, fragment: str) -> None:
    refused_query(f"SELECT 1 FROM TABLE({call})", fragment)


def test_only_the_column_of_the_items_is_read(pump: CompilePump) -> None:
    call = f"TOP_K_ITEMS_TUMBLING(CURSOR(SELECT STREAM * FROM {SOURCE}), 'BIG', 1, 60)"
    (scan,) = scans_of(pump(f"SELECT ITEM_COUNT FROM TABLE({call})").query)
    assert [column.name for column in scan.columns] == ["BIG"]


def test_only_the_tables_columns_are_there(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT «BIG» FROM TABLE(TOP_K_ITEMS_TUMBLING({ROWS}, 'BIG', 1, 60))",
        "there is no column BIG | ",
    )


def test_a_column_that_is_there_already(refused_query: Refuse) -> None:
    query = f"SELECT BIG AS anomaly_score FROM {SOURCE}"
    refused_query(
        f"SELECT 1 FROM TABLE(«RANDOM_CUT_FOREST(CURSOR({query})))»",
        "two columns ANOMALY_SCORE | give one of them another name",
    )


def test_an_unclosed_call(refused_query: Refuse) -> None:
    refused_query(f"SELECT BIG FROM TABLE(RANDOM_CUT_FOREST({ROWS}«;»", ", or )")
