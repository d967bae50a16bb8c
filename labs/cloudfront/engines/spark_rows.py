"""The lines of a table's files as rows, in Spark's expressions: what duckdb_rows.py does, with
Java's own regular expressions.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError
from labs.cloudfront.engines.column_types import form, is_text, length_max, type_name
from labs.cloudfront.hive.table import Column, RegexTable
from labs.cloudfront.java_regex.pattern import Fields, Guard, Pattern, prefix, whole


def table_frame(spark: Any, table: RegexTable, files: Sequence[Path]) -> Any:
    """A DataFrame with the table's columns. Raises ConfigError for a pattern whose groups may take
    no part: Spark gives '' for these, Hive NULL.
    """
    from pyspark.sql import functions as F

    pattern = table.pattern
    if pattern.re2_lacks is not None:
        raise ConfigError(
            f"{table.name}: this pattern does not run on --engine spark: {pattern.re2_lacks}",
            remedy="take --engine hive, or duckdb",
        )
    line = F.col("value")
    allowed = F.lit(True)
    for guard in pattern.guards:
        allowed &= _allowed(line, guard)
    lines = spark.read.text([str(path) for path in files]).select(line, allowed.alias("allowed"))
    found = _of_line(line, pattern)
    if pattern.fields is not None:
        # Columns of their own, each step: Spark would repeat an expression for each of its uses.
        cut = F.split(line, "\t", -1).alias("cut")
        lines = lines.select("*", cut).select("*", _by_field(pattern.fields).alias("by_field"))
        of_field = F.when(F.col("by_field"), _of_fields(pattern.fields))
        without = F.translate(line, "\t" + pattern.fields.others, "")
        enough = F.length(line) - F.length(without) >= pattern.fields.separators
        found = of_field.when(enough, found)
    matched = lines.select(F.when(F.col("allowed"), found).alias("groups"))
    columns = [
        _typed(F.col("groups")[index], column).alias(column.name)
        for index, column in enumerate(table.columns)
    ]
    return matched.select(*columns)


def _by_field(fields: Fields) -> Any:
    """Whether the line is cut into fields, as pattern.py has it."""
    from pyspark.sql import functions as F

    condition = F.size("cut") == len(fields.fields)
    for other in fields.others:
        condition &= ~F.col("value").contains(other)
    return condition


def _of_fields(fields: Fields) -> Any:
    """An array of the groups' texts, NULL when a field does not match."""
    from pyspark.sql import functions as F

    conditions = F.lit(True)
    groups = []
    for index, field in enumerate(fields.fields):
        text = F.col("cut")[index]
        if field.is_text:
            groups.append(text)
            if not field.may_be_empty:
                conditions &= text != ""
            continue
        expression = whole(field.node, "java")
        conditions &= text.rlike(expression)
        groups += [
            F.regexp_extract(text, expression, number) for number, _ in enumerate(field.groups, 1)
        ]
    return F.when(conditions, F.array(*groups))


def _of_line(line: Any, pattern: Pattern) -> Any:
    """The same of the whole pattern, which Java tries in as many ways as there are."""
    from pyspark.sql import functions as F

    body = whole(pattern.body, "java")
    groups = [F.regexp_extract(line, body, g) for g in range(1, pattern.group_count + 1)]
    return F.when(line.rlike(body), F.array(*groups))


def _allowed(line: Any, guard: Guard) -> Any:
    if guard.literal is not None:
        test = line.startswith(guard.literal)
    else:
        test = line.rlike(prefix(guard.node, "java"))
    return ~test if guard.negative else test


def _typed(text: Any, column: Column) -> Any:
    from pyspark.sql import functions as F

    kind = column.type
    if kind.this.value == "BOOLEAN":
        return F.lower(text) == "true"
    if is_text(kind):
        longest = length_max(kind)
        return text if longest is None else F.substring(text, 1, longest)
    cast = text.try_cast(type_name(kind, "spark"))
    shape = form(kind)
    return cast if shape is None else F.when(text.rlike(rf"\A(?:{shape})\z"), cast)
