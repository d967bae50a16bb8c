"""What cannot be read, and where reading stops."""

from collections.abc import Callable

import pytest

from analytics_sql.syntax.statements import NESTING_MAX

Refuse = Callable[..., None]
Compile = Callable[[str], object]

SOURCE = '"SOURCE_SQL_STREAM_001"'


@pytest.mark.parametrize("text", ["", " \n\t", "-- only a comment", "/* CREATE STREAM */", " ; ;"])
def test_a_text_without_sql(refused: Refuse, text: str) -> None:
    refused("«»" + text, "there is no SQL in this text | CREATE OR REPLACE STREAM")


@pytest.mark.parametrize(
    "marked",
    [
        "«--» the application CREATE STREAM A (X INTEGER); CREATE PUMP P AS INSERT INTO A SELECT 1",
        "CREATE STREAM A (X INTEGER); «//» CREATE OR REPLACE PUMP P AS INSERT INTO A SELECT 1",
        "CREATE STREAM A (X INTEGER); CREATE PUMP P AS «--» fills A INSERT INTO A SELECT STREAM 1",
        "/* ok */ CREATE STREAM A (X INTEGER, «--» the x create or  replace pump\n",
    ],
)
def test_a_comment_that_takes_in_the_rest_of_the_text(refused: Refuse, marked: str) -> None:
    refused(marked, "takes in the rest of the text | put line feeds back in")


def test_a_comment_with_code_in_a_text_of_lines(compiled: Compile) -> None:
    compiled(
        f"""-- CREATE STREAM B (X INTEGER);
        CREATE STREAM A (X INTEGER); /* INSERT INTO A SELECT STREAM 1 */
        CREATE PUMP P AS INSERT INTO A SELECT 1 FROM {SOURCE}; -- SELECT STREAM * FROM A"""
    )


def test_the_banner_of_the_console(compiled: Compile) -> None:
    compiled(
        f"""-- ** Continuous Filter **
        -- Performs a continuous filter based on a WHERE condition.
        --          .----------.   .----------.   .----------.
        --          |  SOURCE  |   |  INSERT  |   |  DESTIN. |
        -- Source-->|  STREAM  |-->| & SELECT |-->|  STREAM  |-->Destination
        --          |          |   |  (PUMP)   |   |          |
        --          '----------'   '----------'   '----------'
        -- STREAM (in-memory): a continuously updated entity that you can SELECT from
        CREATE OR REPLACE STREAM "D" (X INTEGER);
        CREATE OR REPLACE PUMP "P" AS INSERT INTO "D" SELECT STREAM 1 FROM {SOURCE}
        -- LIKE compares a string to a string pattern (_ matches all char, % matches substring)
        WHERE "Name" LIKE '%TECH%';"""
    )


@pytest.mark.parametrize(
    ("marked", "fragment"),
    [
        ("«SELECT» 1", "SELECT stands inside a pump only | CREATE OR REPLACE PUMP"),
        ("«INSERT» INTO A SELECT 1", "INSERT stands inside a pump only"),
        ("«DROP» STREAM A", "the service has no DROP | leave out the statement"),
        ("«ALTER» PUMP P START", "the service has no ALTER"),
        ("«'CREATE'» STREAM A", "CREATE starts no statement"),
        (
            "CREATE «VIEW» V AS SELECT 1",
            "the service has no CREATE VIEW | CREATE OR REPLACE STREAM",
        ),
        ("CREATE OR «STREAM» A (X INTEGER)", "unexpected STREAM; expected REPLACE"),
        ("CREATE «INDEX» I", "unexpected INDEX; expected STREAM, PUMP or FUNCTION"),
        ("CREATE FUNCTION F() RETURNS INTEGER«»", "expected RETURN and an expression"),
        ("CREATE FUNCTION F «RETURNS» INTEGER", "expected ( and the parameters"),
        ("CREATE FUNCTION F()«»", "expected RETURNS and a type"),
        ("CREATE FUNCTION F(X«)» RETURNS INTEGER", "expected the parameter's type"),
        ("CREATE FUNCTION F() RETURNS INTEGER RETURN«»", "expected an expression"),
        ("CREATE FUNCTION F() RETURNS INTEGER «LANGUAGE» JAVA", "expected RETURN"),
        ("CREATE«»", "the statement ends too early; expected STREAM, PUMP or FUNCTION"),
        ("CREATE STREAM «(»X INTEGER)", "unexpected (; expected the stream's name"),
        ("CREATE STREAM «SELECT» (X INTEGER)", "unexpected SELECT; expected the stream's name"),
        ("CREATE STREAM A «AS» SELECT 1", "expected ( and the columns"),
        ("CREATE STREAM A (X«)»", "expected the column's type"),
        ("CREATE STREAM A (X INTEGER«»", "the statement ends too early; expected , or )"),
        ("CREATE STREAM A (X INTEGER, «)»", "expected a column's name"),
        ("CREATE STREAM A (X VARCHAR(«n»))", "expected a number"),
        ("CREATE STREAM A (X INTEGER NOT«)»", "unexpected ); expected NULL"),
        ("CREATE STREAM A (X INTEGER) «B»", "unexpected B"),
        ("CREATE PUMP P «INSERT» INTO A SELECT 1", "expected AS INSERT INTO"),
        ("CREATE PUMP P AS «SELECT» 1", "expected INSERT INTO"),
        ("CREATE PUMP P AS INSERT «A» SELECT 1", "expected INTO"),
        ("CREATE PUMP P AS INSERT INTO A«»", "expected SELECT STREAM"),
        ("CREATE PUMP P AS INSERT INTO A «UPDATE» B", "unexpected UPDATE; expected SELECT STREAM"),
    ],
)
def test_statements_that_cannot_be_read(refused: Refuse, marked: str, fragment: str) -> None:
    refused(marked, fragment)


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        (f"SELECT «FROM» {SOURCE}", "unexpected FROM; expected the columns to select"),
        (f"SELECT «AS» x FROM {SOURCE}", "unexpected AS"),
        (f"SELECT STREAM «FROM» {SOURCE}", "expected the columns to select"),
        (f"SELECT 1, «,» 2 FROM {SOURCE}", "unexpected ,"),
        (f"SELECT 1, «FROM» {SOURCE}", "unexpected FROM"),
        (f"SELECT 1 + «FROM» {SOURCE}", "unexpected FROM"),
        (f"SELECT SUM(BIG «FROM» {SOURCE}", "unexpected FROM"),
        (f"SELECT (1 «FROM» {SOURCE}", "unexpected FROM"),
        (f"SELECT («)» FROM {SOURCE}", "unexpected )"),
        (f"SELECT 1 «)» FROM {SOURCE}", "unexpected )"),
        (f"SELECT BIG«[»1] FROM {SOURCE}", "unexpected ["),
        (f"SELECT BIG«:»:integer FROM {SOURCE}", "unexpected :"),
        (f"SELECT 1 «2» FROM {SOURCE}", "unexpected 2"),
        (f"SELECT 'a' «'b'» FROM {SOURCE}", "unexpected 'b'"),
        (f"SELECT «N'b'» FROM {SOURCE}", "unexpected N'b'"),
        (f"SELECT 1 AS «2» FROM {SOURCE}", "expected a name after AS"),
        ("SELECT 1 FROM«»", "the statement ends too early; expected a stream"),
        ("SELECT 1 FROM «'a'»", "expected a stream"),
        ("SELECT 1 FROM a«.»b", "a stream's name has one part"),
        (f"SELECT 1 FROM {SOURCE} WHERE«»", "the statement ends too early"),
        (f"SELECT 1 FROM {SOURCE} WHERE BIG BETWEEN 1 «OR» 2", "expected AND"),
        (f"SELECT 1 FROM {SOURCE} WHERE BIG IN «1»", "expected ("),
        (f"SELECT 1 FROM {SOURCE} WHERE BIG IN («)»", "expected a value"),
        (f"SELECT 1 FROM {SOURCE} WHERE BIG IN («SELECT» 1)", "IN over a query"),
        (f"SELECT 1 FROM {SOURCE} WHERE OK «WHERE» OK", "unexpected WHERE"),
        (f"SELECT 1 FROM {SOURCE} WHERE OK NOT «NULL»", "expected IS NOT NULL"),
        (f"SELECT 1 FROM {SOURCE} GROUP BY BIG «TOTAL»", "unexpected TOTAL"),
        (f"SELECT 1 FROM {SOURCE} GROUP BY BIG «WITH» CUBE", "unexpected WITH"),
        (f"SELECT 1 FROM {SOURCE} s GROUP BY STEP(s.ROWTIME «,» 1)", "expected BY INTERVAL"),
        (f"SELECT 1 FROM {SOURCE} s GROUP BY STEP(s.ROWTIME BY INTERVAL «1» SECOND)", "in quotes"),
        (f"SELECT 1 FROM {SOURCE} s GROUP BY STEP(s.ROWTIME BY INTERVAL '1'«)»", "expected a unit"),
        (f"SELECT 1 FROM {SOURCE} s GROUP BY FLOOR(s.ROWTIME TO «5»)", "expected a unit"),
        (f"SELECT 1 FROM {SOURCE} s GROUP BY STEP(s.ROWTIME BY INTERVAL '1' SECOND«,» BIG", ")"),
    ],
)
def test_queries_that_cannot_be_read(refused_query: Refuse, query: str, fragment: str) -> None:
    refused_query(query, fragment)


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        (f"SELECT 1, «FROM» {SOURCE}", "unexpected FROM | leave out the comma"),
        (f"SELECT BIG FROM {SOURCE} WHERE BIG IN (1, «)»", "unexpected ) | leave out the comma"),
        (f"SELECT SUM(BIG «FROM» {SOURCE}", "unexpected FROM | is not closed: write )"),
        (f"SELECT SUM(BIG)«)» FROM {SOURCE}", "unexpected ) | there is no ( for it"),
        (f"SELECT 1 FROM {SOURCE} WHERE (OK«»", "ends too early | write )"),
        (f"SELECT 1 FROM {SOURCE} WHERE BIG =«=» 1", "unexpected = | write ="),
        (f"SELECT 1 FROM {SOURCE} WHERE OK «&»& OK", "unexpected & | write AND"),
        (f"SELECT BIG«:»:DOUBLE FROM {SOURCE}", "unexpected : | write CAST("),
        (f"SELECT BIG-«>»'a' FROM {SOURCE}", "unexpected > | the input schema"),
        (f"SELECT BIG «%» 2 FROM {SOURCE}", "unexpected % | write MOD(a, b)"),
        (f"SELECT «`»BIG` FROM {SOURCE}", "unexpected ` | in double quotes"),
        (f"SELECT «[»BIG] FROM {SOURCE}", "unexpected [ | in double quotes"),
        (f"SELECT 1 FROM {SOURCE} WHERE \"Name\" «ILIKE» 'a'", "unexpected ILIKE | write UPPER("),
        (f"SELECT 1 FROM {SOURCE} WHERE \"Name\" «RLIKE» 'a'", "RLIKE | write SIMILAR TO"),
        (f"SELECT BIG FROM {SOURCE} GROUP «BIG»", "unexpected BIG | write GROUP BY"),
        (f"SELECT 1 FROM {SOURCE} GROUP BY ROWTIME «RANGE» 1", "unexpected RANGE | BY STEP(s.ROWT"),
        (f"SELECT BIG X «GROUP» FROM {SOURCE}", "unexpected GROUP | there is no WITHIN GROUP"),
        (f"SELECT BIG FORM «{SOURCE}»", f"unexpected {SOURCE} | did you mean FROM by FORM?"),
        (f"SELECT BIG FROM {SOURCE} WHRE «OK»", "unexpected OK | did you mean WHERE by WHRE?"),
        (f"SELECT CASE WHEN OK THEN 1 ELSE 2«,» 3 FROM {SOURCE}", "expected WHEN, ELSE, or END"),
        (f"SELECT DISTINCT «STREAM» BIG FROM {SOURCE}", "stands first | SELECT STREAM DISTINCT"),
        (f"SELECT «‘a’» FROM {SOURCE}", "typographic quotes | a text stands in ' '"),
    ],
)
def test_what_to_write_instead(refused_query: Refuse, query: str, fragment: str) -> None:
    refused_query(query, fragment)


def test_a_fault_in_one_statement_does_not_hide_those_of_others(refused: Refuse) -> None:
    refused(
        f"""
        CREATE STREAM A (X INTEGER, «,» Y INTEGER);
        CREATE PUMP P AS INSERT INTO A SELECT «Nmae» FROM {SOURCE};
        CREATE PUMP Q AS INSERT INTO B SELECT 1 FORM «{SOURCE}»;
        «DELETE» FROM A;
        """,
        "unexpected ,",
        "there is no column NMAE",
        f"unexpected {SOURCE}",
        "DELETE starts no statement",
    )


def test_a_missing_semicolon(refused: Refuse) -> None:
    refused(
        f"""
        CREATE STREAM A (X INTEGER)
        «CREATE» PUMP P AS INSERT INTO A SELECT «y» FROM {SOURCE};
        """,
        "a semicolon is missing before this statement",
        "there is no column Y",
    )


def test_nobody_is_blamed_for_a_stream_that_could_not_be_read(refused: Refuse) -> None:
    refused(
        f"""
        CREATE STREAM A (X «,» Y INTEGER);
        CREATE STREAM B (X «TEXT»);
        CREATE PUMP P AS INSERT INTO A SELECT 1, 2, 3 FROM B;
        CREATE PUMP Q AS INSERT INTO B SELECT «z» FROM {SOURCE};
        """,
        "unexpected ,",
        "there is no type TEXT",
        "there is no column Z",
    )


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        (
            f"SELECT «ROWTIME_TO_TIMESTAMP»(ROWTIME) FROM {SOURCE}",
            "no function ROWTIME_TO_TIMESTAMP | ROWTIME is a TIMESTAMP already",
        ),
        (
            f"SELECT «JSON_VALUE»(\"Name\", '$.a' RETURNING INTEGER) FROM {SOURCE}",
            "no function JSON_VALUE | input schema",
        ),
        (
            f"SELECT COUNT(*) FROM {SOURCE} GROUP BY «TUMBLE»(ROWTIME, INTERVAL '1' MINUTE)",
            "no function TUMBLE | GROUP BY STEP",
        ),
        (
            f"SELECT «HOP_START»() FROM {SOURCE} GROUP BY STEP(ROWTIME BY INTERVAL '1' MINUTE)",
            "no function HOP_START | the start of a window is its STEP",
        ),
        (f"SELECT COUNT(*) FROM {SOURCE} GROUP BY «session»(ROWTIME)", "no function SESSION"),
        (
            f"SELECT COUNT(*) FROM {SOURCE} GROUP BY «RANGE»(INTERVAL '1' MINUTE)",
            "not written RANGE(...) | GROUP BY STEP",
        ),
        (
            f"SELECT * FROM {SOURCE} «MATCH_RECOGNIZE» (PARTITION BY x PATTERN (A B+))",
            "no MATCH_RECOGNIZE",
        ),
        (
            f'SELECT «ROW_NUMBER»() OVER (PARTITION BY "Name" ORDER BY ROWTIME) FROM {SOURCE}',
            "no function ROW_NUMBER",
        ),
    ],
)
def test_what_the_service_never_had(refused_query: Refuse, query: str, fragment: str) -> None:
    refused_query(query, fragment)


def test_a_window_function_of_another_product_in_from(refused_query: Refuse) -> None:
    refused_query(
        f"SELECT 1 FROM TABLE(«HOP»(TABLE {SOURCE}, DESCRIPTOR(ROWTIME)))",
        "no function HOP",
    )


def test_nesting_has_a_limit(refused_query: Refuse, compiled: Compile) -> None:
    depth = NESTING_MAX
    query = f"SELECT {'(' * depth}BIG{')' * depth} FROM {SOURCE}"
    compiled(f"CREATE STREAM A (X INTEGER); CREATE PUMP P AS INSERT INTO A {query}")
    refused_query(f"SELECT {'(' * depth}«(»BIG{')' * (depth + 1)} FROM {SOURCE}", "too deeply")


@pytest.mark.parametrize("prefix", ["NOT ", "- ", "CASE WHEN "])
def test_any_other_nesting_has_one_too(prefix: str, compiled: Compile) -> None:
    with pytest.raises(Exception, match="nested too deeply"):
        compiled(
            "CREATE STREAM A (X INTEGER); CREATE PUMP P AS INSERT INTO A "
            f"SELECT 1 FROM {SOURCE} WHERE {prefix * 5000} TRUE"
        )
