"""The scalar functions of the dialect: importing a family registers its functions."""

from analytics_sql.functions import (
    conditions,
    date_text,
    logs,
    numbers,
    patterns,
    text,
    times,
)
from analytics_sql.functions.registry import SCALARS, ScalarFunction

__all__ = [
    "SCALARS",
    "ScalarFunction",
    "conditions",
    "date_text",
    "logs",
    "numbers",
    "patterns",
    "text",
    "times",
]
