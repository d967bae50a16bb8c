"""A query by itself, such as one types into a shell: the stream that it fills is made for it."""

from collections.abc import Sequence

from analytics_sql.binding.catalog import Catalog
from analytics_sql.binding.query import bind_query
from analytics_sql.binding.user_function import UserFunctions
from analytics_sql.combination import ReferenceTable
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Source
from analytics_sql.syntax.nodes import CreateFunction, CreatePump, CreateStream
from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.syntax.statements import read_statements
from fleet.errors import SqlError, SqlErrors

RESULT = "QUERY_RESULT"
"""The stream that has the rows of the query."""

_PUMP = f"CREATE OR REPLACE PUMP QUERY_PUMP AS INSERT INTO {RESULT}\n"


def compile_query(
    query: str,
    *,
    schema: InputSchema,
    source_name: str,
    text: str = "",
    tables: Sequence[ReferenceTable] = (),
) -> Application:
    """The plan of a SELECT STREAM over the input, or over the streams of an application's `text`,
    with its functions and its reference tables.

    Its rows are those of RESULT, whose columns are the query's items. Raises SqlErrors, with the
    lines of the query.
    """
    query = query.strip().rstrip(";")
    before = f"{text}\n;\n" if text.strip() else ""
    pump = f"{before}{_PUMP}{query}\n;\n"
    shift = before.count("\n") + _PUMP.count("\n")
    try:
        columns = _columns(pump, schema, source_name, tables)
        return compile_application(
            f"{pump}CREATE OR REPLACE STREAM {RESULT} ({', '.join(columns)});",
            name="query",
            schema=schema,
            source_name=source_name,
            tables=tables,
        )
    except SqlErrors as errors:
        moved = [_moved(error, shift) for error in errors.errors]
        raise SqlErrors(moved, "query") from None


def _columns(
    text: str, schema: InputSchema, source_name: str, tables: Sequence[ReferenceTable]
) -> list[str]:
    """The declarations of the columns that the last pump of the text needs."""
    faults = Faults(SourceText(text))
    statements = read_statements(text, faults)
    source = Source(source_name, schema.columns, schema.format)
    catalog, functions = Catalog((source,), faults, tables), UserFunctions(faults)
    for statement in statements:
        if isinstance(statement, CreateStream):
            catalog.create(statement)
        elif isinstance(statement, CreateFunction):
            functions.create(statement)
    faults.raise_any("query")
    last = statements[-1]
    assert isinstance(last, CreatePump)
    bound = bind_query(functions.expand(last.query), catalog.relation, faults)
    faults.raise_any("query")
    declared: dict[str, str] = {}
    for number, item in enumerate(bound.items if bound is not None else (), start=1):
        name = item.name or f"COL{number}"
        if name == "ROWTIME":
            name = "ROW_TIME"
        while name in declared:
            name += "_2"
        type_ = item.expression.type if item.expression is not None else None
        declared[name] = f'"{name.replace(chr(34), chr(34) * 2)}" {type_}'
    return list(declared.values())


def _moved(error: SqlError, lines: int) -> SqlError:
    return SqlError(
        str(error),
        line=max(1, error.line - lines),
        column=error.column,
        snippet=error.snippet,
        length=error.length,
        remedy=error.remedy,
    )
