"""JSON lines for scripts: one object per event, flushed at once."""

import json

Field = str | int | float | bool | dict[str, str] | None
"""What a field of an event may hold."""


def emit(event: str, **fields: Field) -> None:
    """Prints {"event": event, ...} as one line."""
    print(json.dumps({"event": event, **fields}), flush=True)
