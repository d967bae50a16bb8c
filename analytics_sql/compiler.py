"""The front door of this package: an application's text in, its plan out."""

from analytics_sql.binding.application import bind_application
from analytics_sql.fingerprint import fingerprint
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application, Source
from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.syntax.statements import read_statements

SOURCE_NAME = "SOURCE_SQL_STREAM_001"
"""What the service called the input of an application, unless told otherwise."""


def compile_application(
    text: str, *, name: str, schema: InputSchema, source_name: str = SOURCE_NAME
) -> Application:
    """The plan of a text whose input, `source_name`, has the columns of `schema`.

    `name` is the application's, and stands for the text in messages. Raises SqlErrors with every
    error of the text, in its order; no text makes it raise anything else.
    """
    faults = Faults(SourceText(text))
    statements = read_statements(text, faults)
    source = Source(source_name, schema.columns)
    if statements:
        streams, pumps = bind_application(statements, source, faults)
    faults.raise_any(name)
    return Application(
        name=name,
        sources=(source,),
        streams=streams,
        pumps=pumps,
        fingerprint=fingerprint((source,), streams, pumps),
    )
