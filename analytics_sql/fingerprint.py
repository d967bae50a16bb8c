"""A plan's fingerprint: equal for equal plans, different for different ones, on every machine.

State belongs to a plan, and a snapshot is restored only into the plan that made it. So everything
counts that state, or the rows made of it, depend on, and nothing else: not the application's name,
not the order of CREATE STREAM, not columns of the input that no pump reads, not what a select list
calls its items.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from analytics_sql.plan import Output, Pump, Source, Stream, scan_of
from analytics_sql.types import SqlType


def fingerprint(sources: Sequence[Source], streams: Sequence[Stream], pumps: Sequence[Pump]) -> str:
    """SHA-256, in hexadecimal, of the plan's canonical text."""
    scans = [scan_of(pump.query) for pump in pumps]
    read = {(scan.stream, column.name) for scan in scans for column in scan.columns}
    plan = {
        "sources": [
            [source.name, [_plain(c) for c in source.columns if (source.name, c.name) in read]]
            for source in sources
        ],
        "streams": sorted((_plain(stream) for stream in streams), key=json.dumps),
        "pumps": [_plain(pump) for pump in pumps],
    }
    canonical = json.dumps(plan, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    """A node as lists and plain values, with its kind first."""
    if isinstance(value, SqlType):
        return _type_text(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    names = _counting_fields(value.__class__)
    if names is None:
        return value
    return [type(value).__name__, *[_plain(getattr(value, name)) for name in names]]


@cache
def _counting_fields(kind: type) -> tuple[str, ...] | None:
    """The fields of a node that count; None for a plain value."""
    if not is_dataclass(kind):
        return None
    return tuple(f.name for f in fields(kind) if (kind, f.name) != (Output, "name"))


_type_text = cache(str)
