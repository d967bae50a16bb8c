"""What happens in the life of a long-running command, on stderr: a sentence a line, or JSON lines.

Nothing is logged per record. In JSON each line has what is known of where it happened: the shard,
the epoch of the processor.
"""

import logging
import sys
from typing import Final

import msgspec

PACKAGES: Final = ("awsio", "processor", "sinks", "wildrydes")
FIELDS: Final = ("epoch", "shard")
"""What a log call may add with `extra`."""


class JsonLines(logging.Formatter):
    """{"event":"log","time":...,"level":...,"logger":...,"message":...}, and FIELDS."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "event": "log",
            "time_ms": round(record.created * 1000),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        return msgspec.json.encode(line).decode()


def log_to_stderr(*, as_json: bool) -> None:
    """Shows what the packages log: everything as JSON lines, else warnings and errors as text."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("wildrydes: %(message)s"))
    for package in PACKAGES:
        logger = logging.getLogger(package)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO if as_json else logging.WARNING)
        logger.propagate = False
