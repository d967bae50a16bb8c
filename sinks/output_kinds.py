"""How the URL of each kind of output is written. What is made of it, sinks/row_kinds.py knows: that
takes the libraries of the place, and to check a text takes none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sinks.output import Output


@dataclass(frozen=True, slots=True)
class OutputKind:
    """What may stand in the URL of one scheme."""

    what: str
    """What the place is, for people: `table`."""
    example: str
    """Its URL, for people: `dynamodb://TABLE`."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What may stand after `?`, with the values that it may have (none: any)."""
    required: tuple[str, ...] = ()
    """The options that have to be there."""


OUTPUT_KINDS: Final[Mapping[str, OutputKind]] = {
    "dynamodb": OutputKind(
        "table",
        "dynamodb://TABLE",
        options={"writes": ("conditional", "batched"), "ttl": ()},
    ),
    "kinesis": OutputKind("stream", "kinesis://STREAM", options={"format": ("json", "csv")}),
    "firehose": OutputKind(
        "delivery stream", "firehose://DELIVERY_STREAM", options={"format": ("json", "csv")}
    ),
    "lambda": OutputKind("function", "lambda://FUNCTION", options={"format": ("json", "csv")}),
    "file": OutputKind("file", "file:PATH", options={"format": ("json", "csv", "parquet")}),
    "postgresql": OutputKind(
        "table",
        "postgresql://USER@HOST/DATABASE?table=TABLE",
        options={"table": (), "sslmode": (), "sslrootcert": ()},
        required=("table",),
    ),
}

EXAMPLES: Final = ", ".join(kind.example for kind in OUTPUT_KINDS.values())
"""A URL of each kind, for people."""


def output_faults(output: Output) -> list[str]:
    """What is not known here of an output: its sink, its options and their values."""
    kind = OUTPUT_KINDS.get(output.scheme)
    if kind is None:
        return [f"{output}: there is no sink {output.scheme}"]
    faults = []
    for name, value in output.options.items():
        values = kind.options.get(name)
        if values is None:
            known = ", ".join(kind.options) or "none"
            faults.append(f"{output}: {output.scheme} has no option {name} (it has: {known})")
        elif values and value not in values:
            faults.append(f"{output}: {name} is {' or '.join(values)}, not {value!r}")
    faults += [
        f"{output}: {output.scheme} needs the option {name}"
        for name in kind.required
        if not output.options.get(name)
    ]
    return faults
