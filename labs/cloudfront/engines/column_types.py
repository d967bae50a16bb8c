"""What the text of a group must look like for a column's type: what Java's own readers take, which
RegexSerDe calls. Engines' casts take more: '1.5' for an integer, a time for a date. On one thing
these are stricter: Java's Date takes 2014-02-30, and here it is no date.
"""

from sqlglot import exp

INTEGER = "[+-]?[0-9]+"
DECIMAL = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
FORMS = {
    "TINYINT": INTEGER,
    "SMALLINT": INTEGER,
    "INT": INTEGER,
    "BIGINT": INTEGER,
    "FLOAT": DECIMAL,
    "DOUBLE": DECIMAL,
    "DECIMAL": DECIMAL,
    "DATE": "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    "TIMESTAMP": "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.][0-9]{1,9})?",
}
HIVE_DECIMAL = "DECIMAL(10, 0)"


def form(kind: exp.DataType) -> str | None:
    """A pattern for the whole text; None where any text will do."""
    return FORMS.get(kind.this.value)


def type_name(kind: exp.DataType, dialect: str) -> str:
    """As the engine calls it."""
    name = kind.this.value
    if name == "DECIMAL" and not kind.expressions:
        return HIVE_DECIMAL
    if name == "CHAR":
        return "VARCHAR" if dialect == "duckdb" else "STRING"
    return kind.sql(dialect)


def is_text(kind: exp.DataType) -> bool:
    return kind.this.value in {"TEXT", "VARCHAR", "CHAR"}


def length_max(kind: exp.DataType) -> int | None:
    """Of VARCHAR(n) and CHAR(n), whose texts Hive cuts."""
    if kind.this.value in {"VARCHAR", "CHAR"} and kind.expressions:
        return int(kind.expressions[0].name)
    return None
