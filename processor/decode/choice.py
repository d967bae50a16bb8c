"""Which decoder a plan gets."""

from collections.abc import Sequence

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import JSON, CsvFormat, RecordFormat
from processor.columns import array_type
from processor.decode.base import Decoder
from processor.decode.csv_rows import CsvDecoder
from processor.decode.json_paths import JsonPathDecoder
from processor.decode.json_rows import JsonRowsDecoder
from processor.decode.reference import ReferenceDecoder
from processor.decode.structs import StructDecoder


def choose_decoder(columns: Sequence[SourceColumn], format: RecordFormat = JSON) -> Decoder:
    """The fastest decoder that can hold the columns. Raises ConfigError for types not run."""
    for column in columns:
        array_type(column.type)
    if isinstance(format, CsvFormat):
        return CsvDecoder(columns, format)
    return JsonRowsDecoder(one_row_decoder(columns), format.row_path)


def one_row_decoder(columns: Sequence[SourceColumn]) -> Decoder:
    """The fastest decoder of JSON records that are one object each."""
    if not all(isinstance(step, str) for column in columns for step in column.path):
        return JsonPathDecoder(columns)
    try:
        return StructDecoder(columns)
    except ValueError:
        # Two columns from one path, or a path inside another: rare, and worth no second fast way.
        return ReferenceDecoder(columns)
