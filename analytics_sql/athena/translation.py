"""Queries in Athena's SQL (Trino's), as DuckDB runs them, and which partitions they need."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, ParseError, TokenError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from analytics_sql.athena.table import PARTITIONS, TABLE
from fleet.errors import SqlError, SqlErrors

NAME = "query"
"""What the text is called in messages."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A query that DuckDB runs."""

    sql: str
    conditions: tuple[str | None, ...]
    """For each place where the table is read, what has to hold for year, month, day and hour of
    the rows that count there; None: nothing. In DuckDB's SQL.
    """


def translate(
    text: str, dialect: str, types: Mapping[str, str], functions: Collection[str]
) -> Translated:
    """A query in the dialect `athena` or `duckdb`. `types` are the table's columns with Athena's
    types, `functions` the names that DuckDB knows, in lower case.

    Raises SqlErrors: with line and column, for what is no query and for what has no counterpart.
    """
    tree = _parsed(text, dialect)
    tree = _typed(tree, dialect, types)
    if dialect == "athena":
        _refuse_unknown_functions(text, tree, functions)
    try:
        sql = tree.sql("duckdb", unsupported_level=ErrorLevel.RAISE)
        conditions = tuple(
            None if condition is None else condition.sql("duckdb")
            for condition in _conditions(tree)
        )
    except UnsupportedError as error:
        # sqlglot does not say where.
        raise _refused(text, 0, f"DuckDB has nothing for this: {error}") from None
    return Translated(sql, conditions)


def raise_at_name(text: str, name: str, message: str) -> None:
    """Raises SqlErrors at the first place where a name stands in a query; returns when it stands
    nowhere.
    """
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
    if found is not None:
        raise _refused(text, found.start(), message, len(name))


def _parsed(text: str, dialect: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(text, read=dialect) if tree is not None]
    except ParseError as error:
        first = error.errors[0]
        length = max(1, len(first.get("highlight") or ""))
        message = str(first["description"]).split(" but got <Token")[0]
        start = _offset(text, first["line"], first["col"]) - length
        raise _refused(text, max(0, start), message.rstrip("."), length) from None
    except TokenError as error:
        raise _refused(text, 0, f"this cannot be read: {str(error).splitlines()[0]}") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise _refused(
            text,
            0,
            "this is not one query",
            remedy=f"write one SELECT ... FROM {TABLE}; `--ddl` prints the table",
        )
    return trees[0]


def _typed(tree: exp.Expr, dialect: str, types: Mapping[str, str]) -> exp.Expr:
    """With the types of its expressions: what `/` means depends on them. A query that sqlglot
    cannot resolve stays as it is; DuckDB says then what is wrong with it.
    """
    schema: dict[str, object] = {TABLE: {name.lower(): type_ for name, type_ in types.items()}}
    try:
        resolved = qualify(
            tree.copy(),
            schema=schema,
            dialect=dialect,
            quote_identifiers=False,
            validate_qualify_columns=False,
        )
        return annotate_types(resolved, schema=schema, dialect=dialect)
    except OptimizeError:
        return tree


def _refuse_unknown_functions(text: str, tree: exp.Expr, functions: Collection[str]) -> None:
    errors = []
    for call in tree.find_all(exp.Anonymous):
        name = call.name.lower()
        if name in functions:
            continue
        start = int(call.meta.get("start", 0))
        line, column, snippet = _place(text, start)
        errors.append(
            SqlError(
                f"{call.name} has no counterpart in DuckDB",
                line=line,
                column=column,
                snippet=snippet,
                length=len(call.name),
                remedy="write it otherwise, or run the query on Athena with --athena",
            )
        )
    if errors:
        raise SqlErrors(sorted(errors, key=lambda error: (error.line, error.column)), NAME)


def _conditions(tree: exp.Expr) -> Iterator[exp.Expr | None]:
    """The conjuncts on partitions alone, for each SELECT that reads the table. To leave one out is
    always right: the query itself has them all.
    """
    hidden = any(cte.alias.lower() == TABLE for cte in tree.find_all(exp.CTE))
    for select in tree.find_all(exp.Select):
        sources = _sources(select)
        # What an outer join does not find is a row too, so that all of the table has to be there.
        is_outer = any(join.side for join in select.args.get("joins") or [])
        where = select.args.get("where")
        conjuncts = [] if where is None else list(_conjuncts(where.this))
        for table in (source for source in sources if _is_archive(source)):
            names = {table.alias_or_name.lower()} | ({""} if len(sources) == 1 else set())
            kept = [_bare(part) for part in conjuncts if _is_on_partitions(part, names)]
            yield exp.and_(*kept) if kept and not is_outer and not hidden else None


def _sources(select: exp.Select) -> list[exp.Expr]:
    # sqlglot has called it "from" and "from_".
    start = select.args.get("from_") or select.args.get("from")
    joins = select.args.get("joins") or []
    return ([] if start is None else [start.this]) + [join.this for join in joins]


def _is_archive(source: exp.Expr) -> bool:
    return isinstance(source, exp.Table) and source.name.lower() == TABLE


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    elif isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    else:
        yield condition


def _is_on_partitions(condition: exp.Expr, names: Collection[str]) -> bool:
    columns = list(condition.find_all(exp.Column))
    return (
        bool(columns)
        and condition.find(exp.Query, exp.Subquery, exp.AggFunc, exp.Window) is None
        and all(
            column.name.lower() in PARTITIONS and column.table.lower() in names
            for column in columns
        )
    )


def _bare(condition: exp.Expr) -> exp.Expr:
    """Without the table's name before the columns."""
    bare = condition.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    return bare


def _refused(
    text: str, start: int, message: str, length: int = 1, *, remedy: str | None = None
) -> SqlErrors:
    line, column, snippet = _place(text, start)
    error = SqlError(
        message, line=line, column=column, snippet=snippet, length=length, remedy=remedy
    )
    return SqlErrors([error], NAME)


def _place(text: str, start: int) -> tuple[int, int, str]:
    """Line, column and the line's text of an offset."""
    before = text[:start]
    line = before.count("\n")
    return line + 1, start - (before.rfind("\n") + 1) + 1, (text.splitlines() or [""])[line]


def _offset(text: str, line: int, column: int) -> int:
    """The inverse, for the column as sqlglot counts it: behind the token."""
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + column
