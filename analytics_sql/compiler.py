"""The front door of this package: an application's text in, its plan out."""

from analytics_sql.binding.application import bind_application
from analytics_sql.binding.input_streams import PREFIX, input_names
from analytics_sql.fingerprint import fingerprint
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Source
from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.syntax.statements import read_statements

SOURCE_NAME = f"{PREFIX}_001"
"""What the service called the input of an application, unless told otherwise."""


def compile_application(
    text: str, *, name: str, schema: InputSchema, source_name: str | None = None
) -> Application:
    """The plan of a text whose input has the columns of `schema`.

    The input is called `source_name`; None: what the text calls it, or SOURCE_NAME. `name` is the
    application's, and stands for the text in messages. Raises SqlErrors with every error of the
    text, in its order; no text makes it raise anything else.
    """
    faults = Faults(SourceText(text))
    statements = read_statements(text, faults)
    names = input_names(statements, source_name)
    sources = tuple(Source(each, schema.columns, schema.format) for each in names)
    if statements:
        streams, pumps = bind_application(statements, sources, faults)
    faults.raise_any(name)
    return Application(
        name=name,
        sources=sources,
        streams=streams,
        pumps=pumps,
        fingerprint=fingerprint(sources, streams, pumps),
    )
