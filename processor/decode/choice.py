"""Which decoder a plan gets."""

from collections.abc import Sequence

from analytics_sql.plan import SourceColumn
from processor.decode.base import Decoder
from processor.decode.reference import ReferenceDecoder
from processor.decode.structs import StructDecoder


def choose_decoder(columns: Sequence[SourceColumn]) -> Decoder:
    """The fastest decoder that can hold the columns."""
    try:
        return StructDecoder(columns)
    except ValueError:
        # Two columns from one path, or a path inside another: rare, and worth no second fast way.
        return ReferenceDecoder(columns)
