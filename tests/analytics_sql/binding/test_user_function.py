"""CREATE FUNCTION, and what a call of such a function becomes."""

from collections.abc import Callable

import pytest

from analytics_sql.expression import Arithmetic, Case, Cast, ColumnRef, IsNull, Literal
from analytics_sql.plan import Application
from analytics_sql.types import BIGINT, DOUBLE, INTEGER, SMALLINT

Compile = Callable[[str], Application]
Refuse = Callable[..., None]

SOURCE = '"SOURCE_SQL_STREAM_001"'
HEAD = "CREATE STREAM OUT_ (A DOUBLE);\n"
BIG, TOTAL = ColumnRef("BIG", BIGINT), ColumnRef("TOTAL", INTEGER)


def _pump(item: str) -> str:
    return f"CREATE PUMP P AS INSERT INTO OUT_ SELECT {item} FROM {SOURCE};"


@pytest.mark.parametrize(
    ("function", "call", "expected"),
    [
        (
            "F (X BIGINT) RETURNS BIGINT CONTAINS SQL RETURN X * 2",
            "f(big)",
            Arithmetic("*", BIG, Literal(2, INTEGER), BIGINT),
        ),
        # Arguments and result are converted as CAST does it.
        (
            "F (X BIGINT) RETURNS DOUBLE LANGUAGE SQL DETERMINISTIC CONTAINS SQL RETURN X",
            "F(TOTAL)",
            Cast(Cast(TOTAL, BIGINT), DOUBLE),
        ),
        ("F () RETURNS INTEGER RETURN 7", "F()", Literal(7, INTEGER)),
        # A parameter that comes twice, and one that has the name of a column of the stream.
        (
            "F (TOTAL BIGINT, Y BIGINT) RETURNS BIGINT RETURN TOTAL - Y - TOTAL",
            "F(BIG, 1 + BIG)",
            Arithmetic(
                "-",
                Arithmetic("-", BIG, Arithmetic("+", Literal(1, INTEGER), BIG, BIGINT), BIGINT),
                BIG,
                BIGINT,
            ),
        ),
        (
            'F ("x" SMALLINT) RETURNS SMALLINT RETURN "x"',
            'F("MagicPoints")',
            ColumnRef("MagicPoints", SMALLINT),
        ),
        # It sees nothing that its caller sees, so calls inside of calls are no matter.
        (
            "F (X BIGINT) RETURNS BIGINT RETURN X * X",
            "F(F(BIG))",
            Arithmetic(
                "*", Arithmetic("*", BIG, BIG, BIGINT), Arithmetic("*", BIG, BIG, BIGINT), BIGINT
            ),
        ),
        (
            "F (X BIGINT) RETURNS BIGINT RETURNS NULL ON NULL INPUT RETURN 1 + X",
            "F(BIG)",
            Case(
                ((IsNull(BIG), Literal(None, BIGINT)),),
                Arithmetic("+", Literal(1, INTEGER), BIG, BIGINT),
                BIGINT,
            ),
        ),
    ],
)
def test_calls(compiled: Compile, function: str, call: str, expected: object) -> None:
    (pump,) = compiled(f"{HEAD}CREATE OR REPLACE FUNCTION {function};\n{_pump(call)}").pumps
    assert pump.query.outputs[0].expression == expected


def test_a_function_calls_those_before_it(compiled: Compile) -> None:
    text = (
        "CREATE FUNCTION G (X BIGINT) RETURNS BIGINT RETURN X + 1;"
        "CREATE FUNCTION F (X BIGINT) RETURNS BIGINT RETURN G(X) * 2;"
    )
    (pump,) = compiled(f"{HEAD}{text}{_pump('F(BIG)')}").pumps
    plus = Arithmetic("+", BIG, Literal(1, INTEGER), BIGINT)
    expected = Arithmetic("*", plus, Literal(2, INTEGER), BIGINT)
    assert pump.query.outputs[0].expression == expected


def test_a_call_stands_wherever_an_expression_does(compiled: Compile) -> None:
    (pump,) = compiled(
        f"""{HEAD}
        CREATE FUNCTION HALF (X DOUBLE) RETURNS DOUBLE RETURN X / 2E0;
        CREATE PUMP P AS INSERT INTO OUT_ SELECT HALF(SUM(HALF("Distance"))) FROM {SOURCE} AS s
        WHERE HALF("Distance") > 1 GROUP BY HALF("Distance"), FLOOR(s.ROWTIME TO MINUTE)
        HAVING HALF("Distance") < 100
        """
    ).pumps
    assert pump.query.outputs[0].expression.type == DOUBLE


@pytest.mark.parametrize(
    ("functions", "item", "fragments"),
    [
        (
            "F (X BIGINT) RETURNS BIGINT RETURN «Y» + 1",
            "F(BIG)",
            ["there is no parameter Y | a function sees its parameters only: X"],
        ),
        (
            "F () RETURNS BIGINT RETURN «ROWTIME»",
            "F()",
            ["there is no parameter ROWTIME | nothing"],
        ),
        ("F (X BIGINT) RETURNS BIGINT RETURN «s.X»", "1", ["a function sees its parameters only"]),
        ("F (X BIGINT) RETURNS BIGINT RETURN «SUM»(X)", "1", ["SUM cannot stand here"]),
        ("F (X BIGINT, «x» BIGINT) RETURNS BIGINT RETURN X", "1", ["two parameters X"]),
        ("«UPPER» (X BIGINT) RETURNS BIGINT RETURN X", "1", ["there is a function UPPER already"]),
        ("«COUNT» (X BIGINT) RETURNS BIGINT RETURN X", "1", ["there is a function COUNT already"]),
        (
            "F (X BIGINT) RETURNS BIGINT RETURN X; CREATE FUNCTION «F» () RETURNS BIGINT RETURN 1",
            "1",
            ["the function F is created twice"],
        ),
        ("F (X BIGINT) RETURNS BIGINT RETURN X", "«F»()", ["F takes 1 argument"]),
        ("F (X BIGINT) RETURNS BIGINT RETURN X", "F(«nope»)", ["there is no column NOPE"]),
        ("F (X BIGINT) RETURNS BIGINT RETURN «F»(X)", "1", ["there is no function F"]),
        # Whoever calls a function that could not be read is not blamed for it.
        ("F (X BIGINT) RETURNS BIGINT RETURN «»", "F(BIG)", ["ends too early"]),
        ("F (X «TEXT») RETURNS BIGINT RETURN X", "F(BIG)", ["there is no type TEXT"]),
        ("F (X BIGINT) RETURNS «TEXT» RETURN X", "F(BIG)", ["there is no type TEXT"]),
    ],
)
def test_refused(refused: Refuse, functions: str, item: str, fragments: list[str]) -> None:
    text = f"{HEAD}CREATE FUNCTION {functions};\n{_pump(item)}"
    refused(text.replace("RETURN «»;", "RETURN«»;"), *fragments)


def test_functions_that_double_have_a_limit(refused: Refuse) -> None:
    functions = "".join(
        f"CREATE FUNCTION F{i} (X BIGINT) RETURNS BIGINT RETURN F{i - 1}(X) + F{i - 1}(X);\n"
        for i in range(1, 5)
    )
    refused(
        f"{HEAD}CREATE FUNCTION F0 (X BIGINT) RETURNS BIGINT RETURN X + X;\n{functions}"
        + _pump("F4(F4(«F4»(F4(BIG))))"),
        "the functions called here come to too large an expression",
    )
