"""Which of the two decoders reads an input."""

from collections.abc import Sequence

from analytics_sql.plan import SourceColumn
from analytics_sql.record_format import CsvFormat, RecordFormat
from wildrydes.verification.csv_decoder import CsvDecoder
from wildrydes.verification.record_decoder import RecordDecoder

Decoder = RecordDecoder | CsvDecoder


def decoder_of(columns: Sequence[SourceColumn], format: RecordFormat) -> Decoder:
    """Raises NotJudged for what neither of them knows."""
    if isinstance(format, CsvFormat):
        return CsvDecoder(columns, format)
    return RecordDecoder(columns, format)
