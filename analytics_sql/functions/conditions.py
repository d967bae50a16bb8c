"""Truth values that are never unknown, and the first value that is there."""

from analytics_sql.functions.registry import TRUTH, scalar
from analytics_sql.types import BOOLEAN


@scalar(
    "IS TRUE",
    "condition IS [NOT] TRUE",
    TRUTH,
    gives=BOOLEAN,
    strict=False,
    fails_by=(),
    source="REF:sql-reference-logical-operators",
)
def is_true(truth: bool | None) -> bool:
    """Whether it is true, and not false or unknown."""
    return truth is True


@scalar(
    "IS FALSE",
    "condition IS [NOT] FALSE",
    TRUTH,
    gives=BOOLEAN,
    strict=False,
    fails_by=(),
    source="REF:sql-reference-logical-operators",
)
def is_false(truth: bool | None) -> bool:
    """Whether it is false, and not true or unknown."""
    return truth is False
