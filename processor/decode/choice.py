"""Which decoder a plan gets."""

from collections.abc import Sequence

from analytics_sql.plan import SourceColumn
from processor.columns import array_type
from processor.decode.base import Decoder
from processor.decode.reference import ReferenceDecoder
from processor.decode.structs import StructDecoder


def choose_decoder(columns: Sequence[SourceColumn]) -> Decoder:
    """The fastest decoder that can hold the columns. Raises ConfigError for types not run."""
    for column in columns:
        array_type(column.type)
    try:
        return StructDecoder(columns)
    except ValueError:
        # Two columns from one path, or a path inside another: rare, and worth no second fast way.
        return ReferenceDecoder(columns)
