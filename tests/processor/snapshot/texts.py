"""Texts over the workshop's input, compiled."""

from pathlib import Path

import analytics_sql
from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application

SCHEMA = Path(analytics_sql.__file__).parent / "applications" / "wildrydes" / "schema.json"


def compiled(text: str) -> Application:
    """The plan of a text."""
    return compile_application(text, name="rides", schema=InputSchema.read(SCHEMA))
