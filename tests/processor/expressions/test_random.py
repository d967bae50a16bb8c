"""Random expressions, sensible or not: they are refused with a place, or they run over any rows,
and then each row has its value or its reason, whatever stands beside it in the batch.
"""

import random

import pytest

from analytics_sql.functions import SCALARS
from fleet.errors import SqlErrors
from tests.processor.expressions.scalar import COLUMNS, Row, outcomes

ATOMS = [
    *(f'"{name}"' for name in COLUMNS),
    *("0", "1", "-7", "2.5", "-0.125", "1E3", "9223372036854775807", "NULL", "TRUE", "FALSE"),
    *("'abc'", "''", "'a%'", "'12'", "'yyyy-MM-dd'", "'2026-01-02 03:04:05'", "'[a-c]+'", "'😀 é'"),
    *("TIMESTAMP '2026-01-02 03:04:05.678'", "DATE '2024-02-29'", "TIME '23:59:59.999'"),
    *("INTERVAL '90' SECOND", "INTERVAL '-1 02:03' DAY TO MINUTE", "CURRENT_TIMESTAMP"),
]
TYPES = [
    *("TINYINT", "INTEGER", "BIGINT", "REAL", "DOUBLE", "DECIMAL(5,2)", "DECIMAL(19,9)", "BOOLEAN"),
    *("VARCHAR(5)", "VARCHAR(60)", "CHAR(4)", "DATE", "TIME", "TIMESTAMP", "INTERVAL MINUTE"),
]
SHAPES = [
    *("({} + {})", "({} - {})", "({} * {})", "({} / {})", "-{}", "({} || {})", "({} = {})"),
    *("({} < {})", "({} >= {})", "({} AND {})", "({} OR {})", "(NOT {})", "({} IS NULL)"),
    *("({} IS NOT TRUE)", "({} IS DISTINCT FROM {})", "({} BETWEEN {} AND {})", "({} IN ({}, {}))"),
    *("({} LIKE {})", "({} LIKE {} ESCAPE '!')", "({} SIMILAR TO {})", "({} - {}) HOUR"),
    *("CASE WHEN {} THEN {} ELSE {} END", "CASE {} WHEN {} THEN {} END", "COALESCE({}, {})"),
    *("NULLIF({}, {})", "EXTRACT(DAY FROM {})", "EXTRACT(SECOND FROM {})", "FLOOR({} TO MONTH)"),
    *("CEIL({} TO MINUTE)", "STEP({} BY INTERVAL '7' MINUTE)", "STEP({} BY {})", "TRIM({})"),
    *("TRIM(LEADING {} FROM {})", "SUBSTRING({} FROM {} FOR {})", "POSITION({} IN {})"),
    *("OVERLAY({} PLACING {} FROM {})", "REGEX_REPLACE({}, {}, {}, 1, 0)"),
    *(f"CAST({{}} AS {type})" for type in TYPES),
    *("CHAR_TO_TIMESTAMP({}, {})", "TIMESTAMP_TO_CHAR({}, {})", "TSDIFF({}, {})", "POWER({}, {})"),
    *(f"{name}({{}})" for name, f in SCALARS.items() if len(f.parameters) == 1 and " " not in name),
    "MOD({}, {})",
]
WORDS = ["", " ", "abc", "12", "-3.5", "2026-02-30", "x" * 40, "😀", "a%b", "null", "TRUE"]
NUMBERS = [0, 1, -1, 2, 7, -128, 127, 99]
TIMES = ["1970-01-01", "2024-02-29 23:59:59.999", "0001-01-01", "9999-12-31 23:59:59.999"]


def expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(ATOMS)
    shape = rng.choice(SHAPES)
    return shape.format(*(expression(rng, depth - 1) for _ in range(shape.count("{}"))))


def row(rng: random.Random) -> Row:
    given: Row = {}
    for name, type in COLUMNS.items():
        if rng.random() < 0.25:
            continue
        if "CHAR" in type:
            given[name] = rng.choice(WORDS)
        elif type == "BOOLEAN":
            given[name] = rng.random() < 0.5
        elif type == "TIME":
            given[name] = rng.choice(["00:00:00", "23:59:59.999"])
        elif type in ("DATE", "TIMESTAMP"):
            given[name] = rng.choice(TIMES)
        elif type in ("DOUBLE", "REAL"):
            given[name] = rng.choice([*NUMBERS, 0.1, -1e30, 1e-30])
        elif type == "BIGINT":
            given[name] = rng.choice([*NUMBERS, 2**63 - 1, -(2**63)])
        else:
            given[name] = rng.choice(NUMBERS)
    return given


def check(seed: int) -> bool:
    """Whether the expression compiled."""
    rng = random.Random(seed)
    text, type = expression(rng, rng.randrange(1, 4)), rng.choice(TYPES[:-1])
    rows = [row(rng) for _ in range(rng.choice([1, 7, 30]))]
    try:
        together = outcomes(text, type, rows)
    except SqlErrors as refusal:
        errors = refusal.errors
    else:
        errors = []
    if errors:
        assert all(str(error) and error.column for error in errors), text
        return False
    alone = [outcomes(text, type, [one])[0] for one in rows[:3]]
    assert repr(together[:3]) == repr(alone), text
    return True


def test_random_expressions() -> None:
    compiled = sum(check(seed) for seed in range(1500))
    assert compiled > 100


@pytest.mark.long
def test_many_random_expressions() -> None:
    for seed in range(2_000, 20_000):
        check(seed)
