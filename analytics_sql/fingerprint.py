"""A plan's fingerprint: equal for equal plans, different for different ones, on every machine.

State belongs to a plan, and a snapshot is restored only into the plan that made it. So everything
counts that state, or the rows made of it, depend on, and nothing else: not the application's name,
not the order of CREATE STREAM, not columns of the input that no pump reads, not what a select list
calls its items. A field at its default does not count either, so that a plan keeps its fingerprint
when its nodes learn something that it does not use.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any

from analytics_sql.plan import Output, Pump, Source, Stream, scans_of
from analytics_sql.record_format import JSON
from analytics_sql.types import SqlType


def fingerprint(sources: Sequence[Source], streams: Sequence[Stream], pumps: Sequence[Pump]) -> str:
    """SHA-256, in hexadecimal, of the plan's canonical text."""
    scans = [scan for pump in pumps for scan in scans_of(pump.query)]
    read = {(scan.stream, column.name) for scan in scans for column in scan.columns}
    plan = {
        "sources": [
            [
                source.name,
                [_plain(c) for c in source.columns if (source.name, c.name) in read],
                *([] if source.format == JSON else [_plain(source.format)]),
            ]
            for source in sources
        ],
        "streams": sorted((_plain(stream) for stream in streams), key=json.dumps),
        "pumps": [_plain(pump) for pump in pumps],
    }
    canonical = json.dumps(plan, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    """A node as lists and plain values: its kind, the fields that it must have, then those of the
    others that are not at their default, by name.
    """
    if isinstance(value, SqlType):
        return _type_text(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    counting = _counting_fields(value.__class__)
    if counting is None:
        return value
    required, defaults = counting
    chosen = {name: getattr(value, name) for name in defaults}
    return [
        type(value).__name__,
        *[_plain(getattr(value, name)) for name in required],
        *[[name, _plain(item)] for name, item in chosen.items() if item != defaults[name]],
    ]


@cache
def _counting_fields(kind: type) -> tuple[tuple[str, ...], dict[str, Any]] | None:
    """The fields of a node that count, and the defaults of those that have one; None for a plain
    value.
    """
    if not is_dataclass(kind):
        return None
    counting = [f for f in fields(kind) if (kind, f.name) != (Output, "name")]
    required = tuple(f.name for f in counting if f.default is MISSING)
    return required, {f.name: f.default for f in counting if f.default is not MISSING}


_type_text = cache(str)
