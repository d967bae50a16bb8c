"""The front door of this package: an application's text in, its plan out."""

from collections.abc import Sequence

from analytics_sql.binding.application import bind_application
from analytics_sql.binding.input_streams import PREFIX, input_names
from analytics_sql.combination import Lookup, ReferenceTable
from analytics_sql.fingerprint import fingerprint
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Pump, Source, nodes_of
from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.syntax.statements import read_statements

SOURCE_NAME = f"{PREFIX}_001"
"""What the service called the input of an application, unless told otherwise."""


def compile_application(
    text: str,
    *,
    name: str,
    schema: InputSchema,
    source_name: str | None = None,
    tables: Sequence[ReferenceTable] = (),
) -> Application:
    """The plan of a text whose input has the columns of `schema`.

    `tables` are the reference tables that the text can join. The input is called `source_name`;
    None: what the text calls it, or SOURCE_NAME. `name` is the application's, and stands for the
    text in messages. Raises SqlErrors with every error of the text, in its order; no text makes it
    raise anything else.
    """
    faults = Faults(SourceText(text))
    statements = read_statements(text, faults)
    names = input_names(statements, source_name, {table.name for table in tables})
    sources = tuple(Source(each, schema.columns, schema.format) for each in names)
    if statements:
        streams, pumps = bind_application(statements, sources, tuple(tables), faults)
    faults.raise_any(name)
    return Application(
        name=name,
        sources=sources,
        streams=streams,
        pumps=pumps,
        fingerprint=fingerprint(sources, streams, pumps),
        tables=tuple(table for table in tables if table.name in _looked_up(pumps)),
        notes=faults.notes,
    )


def _looked_up(pumps: Sequence[Pump]) -> set[str]:
    nodes = [node for pump in pumps for node in nodes_of(pump.query)]
    return {node.table for node in nodes if isinstance(node, Lookup)}
