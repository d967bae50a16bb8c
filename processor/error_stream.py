"""error_stream: what could not be used, as rows that any output takes.

Source of the columns: DG:error-handling.md. What that page leaves open is decided here, and said in
docs/sql/decisions.md: ERROR_TIME is the row's own time, so that a replay makes the same row again.
"""

import hashlib
import json
from typing import Final

from analytics_sql.plan import Column, Stream
from analytics_sql.types import TIMESTAMP, Kind, SqlType
from fleet.row import DeadLetter, Row
from fleet.timestamp import LAST_MS, timestamp_text

NAME: Final = "error_stream"
_MESSAGE_CHARACTERS: Final = 4096
_DATA_CHARACTERS: Final = 49_152

STREAM: Final = Stream(
    NAME,
    (
        Column("ERROR_TIME", TIMESTAMP),
        Column("ERROR_LEVEL", SqlType(Kind.VARCHAR, 10)),
        Column("ERROR_NAME", SqlType(Kind.VARCHAR, 32)),
        Column("MESSAGE", SqlType(Kind.VARCHAR, _MESSAGE_CHARACTERS)),
        Column("DATA_ROWTIME", TIMESTAMP),
        Column("DATA_ROW", SqlType(Kind.VARCHAR, _DATA_CHARACTERS)),
        Column("PUMP_NAME", SqlType(Kind.VARCHAR, 128)),
    ),
)


def error_row(application: str, letter: DeadLetter) -> Row:
    """The row of error_stream for a letter of the application of that name.

    A record that cannot become a row is a PARSE_ERROR of no pump, and DATA_ROW is its bytes; a row
    that fails in a pump is an EVALUATION_ERROR, and DATA_ROW is the row as JSON, in UTF-8.
    """
    kind, _, pump = letter.stage.partition(" ")
    time = timestamp_text(min(letter.arrival_ms, LAST_MS))
    mark = hashlib.sha256(letter.data + letter.reason.encode()).hexdigest()[:16]
    source = (letter.shard_id, letter.sequence_number, letter.arrival_ms)
    return Row(
        id=json.dumps([application, NAME, letter.stage, *source, mark]),
        stream=NAME,
        rowtime_ms=letter.arrival_ms,
        values={
            "ERROR_TIME": time,
            "ERROR_LEVEL": "ERROR",
            "ERROR_NAME": "EVALUATION_ERROR" if kind == "pump" else "PARSE_ERROR",
            "MESSAGE": letter.reason[:_MESSAGE_CHARACTERS],
            "DATA_ROWTIME": time,
            "DATA_ROW": letter.data[: _DATA_CHARACTERS // 2].hex(),
            "PUMP_NAME": pump or None,
        },
    )
