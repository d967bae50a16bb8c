"""A table over files of text, by a regular expression: `ROW FORMAT SERDE ... RegexSerDe`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from labs.cloudfront.hive.literal import Literal, read_literal
from labs.cloudfront.hive.source import Source
from labs.cloudfront.java_regex.escapes import PatternError
from labs.cloudfront.java_regex.pattern import Pattern, compiled

SERDES = (
    "org.apache.hadoop.hive.serde2.RegexSerDe",
    "org.apache.hadoop.hive.contrib.serde2.RegexSerDe",
)
REGEX = "input.regex"
IGNORE_CASE = "input.regex.case.insensitive"
# Hive's types, as DuckDB calls them; RegexSerDe takes primitive types only.
TYPES = (
    "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN", "DATE",
    "TIMESTAMP", "TEXT", "VARCHAR", "CHAR",
)  # fmt: skip
# What says nothing about the rows.
HARMLESS = (exp.ExternalProperty, exp.SchemaCommentProperty)


@dataclass(frozen=True)
class Column:
    name: str
    type: exp.DataType


@dataclass(frozen=True)
class RegexTable:
    """One column for each group of the pattern. `ddl` is its definition with variables replaced,
    which starts at `base` of the text.
    """

    name: str
    columns: tuple[Column, ...]
    pattern: Pattern
    location: Path
    ddl: str
    base: int


def regex_table(tree: exp.Create, ddl: str, source: Source, base: int) -> RegexTable:
    """Of a CREATE TABLE that starts at `base` of the text. Raises SqlErrors."""

    def error(message: str, node: exp.Expr | None, remedy: str | None = None) -> Exception:
        start, length = place(node)
        return source.error(message, base + start, length=length, remedy=remedy)

    def literal(node: exp.Expr) -> Literal:
        start, length = place(node)
        return read_literal(ddl[start : start + length], base + start)

    schema = tree.this
    if tree.kind != "TABLE" or not isinstance(schema, exp.Schema):
        raise error(
            "this makes no table with columns of its own", schema,
            "write CREATE EXTERNAL TABLE name (column TYPE, ...) ROW FORMAT SERDE ...",
        )  # fmt: skip
    name = schema.this
    serde = location = None
    properties = tree.args.get("properties")
    for each in properties.expressions if properties else []:
        if isinstance(each, exp.RowFormatSerdeProperty):
            serde = each
        elif isinstance(each, exp.LocationProperty):
            location = each
        elif not isinstance(each, HARMLESS):
            raise error(f"{each.sql('hive')}: not taken here", _positioned(each) or name.this)
    if serde is None:
        raise error(
            "the table has no ROW FORMAT SERDE", name.this,
            f"write ROW FORMAT SERDE '{SERDES[0]}' WITH SERDEPROPERTIES (\"{REGEX}\" = \"...\")",
        )  # fmt: skip
    if serde.this.name not in SERDES:
        raise error(
            f"{serde.this.name} is not taken here", serde.this, f"RegexSerDe is: '{SERDES[0]}'"
        )
    if location is None:
        raise error("the table has no LOCATION", name.this, "write LOCATION '${INPUT}'")
    folder = literal(location.this).value
    if "://" in folder and not folder.startswith("file://"):
        raise error(
            f"{folder} is not on this machine", location.this,
            "fetch the files (aws s3 cp --recursive), write LOCATION '${INPUT}', give --data",
        )  # fmt: skip
    options = {each.this.name: each.args["value"] for each in _options(serde)}
    if REGEX not in options:
        raise error(f'the SerDe has no property "{REGEX}"', serde.this)
    ignore_case = IGNORE_CASE in options and options[IGNORE_CASE].name.lower() == "true"
    pattern = _pattern(literal(options[REGEX]), ignore_case, source)
    columns = tuple(_column(each, error) for each in schema.expressions)
    if len(columns) != pattern.group_count:
        raise error(
            f"{len(columns)} columns, and {pattern.group_count} groups in the pattern",
            options[REGEX],
            "each column is one group; a group for nothing but order is (?:...)",
        )
    return RegexTable(
        name.name, columns, pattern, Path(folder.removeprefix("file://")).expanduser(), ddl, base
    )


def place(node: exp.Expr | None) -> tuple[int, int]:
    """Where an identifier or a literal starts in its statement, and its length."""
    if node is None or "start" not in node.meta:
        return 0, 1
    start = int(node.meta["start"])
    return start, int(node.meta["end"]) + 1 - start


def _positioned(tree: exp.Expr) -> exp.Expr | None:
    return next((each for each in tree.walk() if "start" in each.meta), None)


def _options(serde: exp.RowFormatSerdeProperty) -> list[exp.Property]:
    properties = serde.args.get("serde_properties")
    return list(properties.expressions) if properties else []


def _pattern(text: Literal, ignore_case: bool, source: Source) -> Pattern:
    try:
        return compiled(text.value, ignore_case=ignore_case)
    except PatternError as error:
        raise source.error(
            f"the pattern: {error}", text.offset(error.offset), remedy=error.remedy
        ) from None


def _column(tree: exp.Expr, error: Callable[..., Exception]) -> Column:
    kind = tree.args.get("kind") if isinstance(tree, exp.ColumnDef) else None
    if not isinstance(kind, exp.DataType):
        raise error("a column without a type", _positioned(tree))
    if kind.this.value not in TYPES:
        raise error(
            f"{kind.sql('hive')}: RegexSerDe takes primitive types only", _positioned(tree),
            "take STRING, and split it in the query",
        )  # fmt: skip
    return Column(tree.name, kind)
