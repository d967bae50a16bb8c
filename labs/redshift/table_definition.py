"""CREATE TABLE as Redshift writes it: what the loader needs to know, and what an engine is told.

How rows are spread, sorted and packed (DISTKEY, SORTKEY, ENCODE) has no meaning on one machine.
Keys are not enforced on Redshift, so they are not here: what loads there, loads here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError

from analytics_sql.syntax.source_text import Span
from labs.redshift.column import Column, Kind
from labs.redshift.script import Statement

ENCODINGS: Final = frozenset(
    {
        "auto", "az64", "bytedict", "delta", "delta32k", "lzo", "mostly16", "mostly32", "mostly8",
        "raw", "runlength", "text255", "text32k", "zstd",
    }
)  # fmt: skip
STYLES: Final = frozenset({"all", "auto", "even", "key"})

KINDS: Final[dict[exp.DType, Kind]] = {
    exp.DType.SMALLINT: "smallint",
    exp.DType.INT: "integer",
    exp.DType.BIGINT: "bigint",
    exp.DType.DECIMAL: "decimal",
    exp.DType.FLOAT: "real",
    exp.DType.DOUBLE: "double precision",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.CHAR: "char",
    exp.DType.NCHAR: "char",
    exp.DType.BPCHAR: "char",
    exp.DType.VARCHAR: "varchar",
    exp.DType.NVARCHAR: "varchar",
    exp.DType.TEXT: "varchar",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMP: "timestamp",
}
VARCHAR_MAX: Final = 65_535
TEXT_LENGTH: Final = 256
LENGTHS: Final = {exp.DType.CHAR: 1, exp.DType.NCHAR: 1}
"""Of a text without one; of the others TEXT_LENGTH."""

KEYS: Final = (
    exp.PrimaryKey,
    exp.UniqueColumnConstraint,
    exp.ForeignKey,
    exp.PrimaryKeyColumnConstraint,
    exp.Reference,
)


@dataclass(frozen=True)
class TableDefinition:
    """One table."""

    name: str
    columns: tuple[Column, ...]
    tree: exp.Create
    """Without what has no effect; types are those of `columns`."""
    without_effect: tuple[str, ...]
    """As they were written."""

    def chosen(self, names: Sequence[str]) -> list[Column] | None:
        """The columns of these names, in their order; None: one of them is not there."""
        known = {column.name: column for column in self.columns}
        return [known[name] for name in names] if set(names) <= set(known) else None


def parse_table(statement: Statement) -> TableDefinition:
    """Raises SqlErrors for what is no CREATE TABLE with a list of columns."""
    dropped = list(_attributes(statement))
    tree = _parsed(statement, dropped)
    schema = tree.this
    if not isinstance(tree, exp.Create) or not isinstance(schema, exp.Schema):
        statement.refuse(
            statement.tokens[0],
            "this lab needs the columns of a table",
            "CREATE TABLE name (column type, ...)",
        )
    notes = [statement.script.text[span.start : span.end] for span in dropped]
    notes += _drop_keys(schema)
    columns = [_column(statement, each) for each in schema.find_all(exp.ColumnDef)]
    name = ".".join(part.name.lower() for part in schema.this.parts)
    return TableDefinition(name, tuple(columns), tree, tuple(notes))


def _attributes(statement: Statement) -> Iterator[Span]:
    """Where DISTKEY, SORTKEY, ENCODE and their like stand."""
    tokens = statement.tokens
    at = 0
    while at < len(tokens):
        end = _attribute_end(statement, tokens, at)
        if end > at:
            yield Span(tokens[at].start, tokens[end - 1].end + 1)
        at = max(end, at + 1)


def _attribute_end(statement: Statement, tokens: Sequence[Token], at: int) -> int:
    """The index after the attribute that begins at `at`; `at` itself when none does."""

    def word(index: int) -> str:
        return tokens[index].text.upper() if index < len(tokens) else ""

    # A column's name, at its place, is none.
    previous = tokens[at - 1].token_type if at else None
    if previous in {TokenType.L_PAREN, TokenType.COMMA, None}:
        return at
    name = word(at)
    if name in {"COMPOUND", "INTERLEAVED"} and word(at + 1) == "SORTKEY":
        return _attribute_end(statement, tokens, at + 1)
    if name in {"DISTKEY", "SORTKEY"}:
        if word(at + 1) == "(":
            closing = next((i for i in range(at, len(tokens)) if word(i) == ")"), len(tokens) - 1)
            return closing + 1
        return at + 2 if word(at + 1) == "AUTO" else at + 1
    known = {"ENCODE": ENCODINGS, "DISTSTYLE": STYLES, "BACKUP": {"yes", "no"}}.get(name)
    if known is None:
        return at
    if word(at + 1).lower() not in known:
        statement.refuse(
            tokens[min(at + 1, len(tokens) - 1)],
            f"{name} takes one of {', '.join(sorted(known))}",
        )
    return at + 2


def _parsed(statement: Statement, dropped: Sequence[Span]) -> exp.Expr:
    """Blanks stand for what is dropped, so that places stay what they are."""
    text = statement.text
    for span in dropped:
        start, end = span.start - statement.start, span.end - statement.start
        blanks = "".join(c if c == "\n" else " " for c in text[start:end])
        text = text[:start] + blanks + text[end:]
    return parsed(statement, text)


def parsed(statement: Statement, text: str) -> exp.Expr:
    """A statement's tree; `text` is as long as the statement. Raises SqlErrors."""
    try:
        return sqlglot.parse_one(text, read="redshift")
    except ParseError as error:
        first = error.errors[0]
        length = max(1, len(first.get("highlight") or ""))
        lines = text.split("\n")
        line, column = int(first["line"]), int(first["col"])
        start = statement.start + sum(len(each) + 1 for each in lines[: line - 1])
        start += max(0, column - length)
        message = str(first["description"]).split(" but got <Token")[0].rstrip(".")
        statement.script.refuse(Span(start, start + length), message)


def _drop_keys(schema: exp.Schema) -> list[str]:
    """Takes keys out of the tree; returns how they were written."""
    notes: list[str] = []
    keys = [key for key in schema.find_all(*KEYS) if not key.find_ancestor(exp.ForeignKey)]
    for key in keys:
        holder = key.parent if isinstance(key.parent, exp.ColumnConstraint) else key
        whole = holder.parent if isinstance(holder.parent, exp.Constraint) else holder
        notes.append(key.sql("redshift"))
        whole.pop()
    return notes


def _column(statement: Statement, definition: exp.ColumnDef) -> Column:
    """Rewrites the type in the tree to what the engines shall have."""
    kind = definition.args.get("kind")
    name = definition.name.lower()
    constraints = [c.args["kind"] for c in definition.args.get("constraints") or []]
    if not isinstance(kind, exp.DataType) or kind.this not in KINDS:
        written = "a column without a type" if kind is None else kind.sql("redshift")
        _refuse_column(statement, name, f"this lab does not load {written}")
    if any(isinstance(each, exp.GeneratedAsIdentityColumnConstraint) for each in constraints):
        _refuse_column(statement, name, "this lab does not number rows (IDENTITY)")
    what = KINDS[kind.this]
    sizes = _sizes(kind, what)
    kind.set("this", exp.DType[_TYPES.get(what, kind.this.name)])
    kind.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(n)) for n in sizes])
    is_required = any(
        isinstance(each, exp.NotNullColumnConstraint) and not each.args.get("allow_null")
        for each in constraints
    )
    length, scale = (*sizes, 0, 0)[:2]
    return Column(name, what, length, scale, is_required)


_TYPES: Final = {"char": "CHAR", "varchar": "VARCHAR"}


def _sizes(kind: exp.DataType, what: Kind) -> list[int]:
    """Length, or precision and scale; those that Redshift takes when none are written."""
    written = [each.name.upper() for each in kind.expressions]
    if what == "decimal":
        return [int(written[0]), int(written[1]) if written[1:] else 0] if written else [18, 0]
    if what in {"char", "varchar"}:
        if not written:
            return [LENGTHS.get(kind.this, TEXT_LENGTH)]
        return [VARCHAR_MAX if written[0] == "MAX" else int(written[0])]
    return []


def _refuse_column(statement: Statement, name: str, message: str) -> NoReturn:
    at = next(
        (token for token in statement.tokens[1:] if token.text.lower() == name),
        statement.tokens[0],
    )
    statement.refuse(
        at, f"column {name}: {message}", "it loads numbers, BOOLEAN, CHAR, VARCHAR, DATE, TIMESTAMP"
    )
