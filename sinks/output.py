"""Where the rows of an in-application stream go, as one writes it: `[STREAM=]URL`.

    dynamodb://UnicornSensorData
    ALARMS=kinesis://alarms?format=csv
    error_stream=file:errors.jsonl

The scheme names the kind of sink (sinks/registry.py), what follows is the place, and what stands
after `?` are options of that kind. Without STREAM the rows of all output streams go there.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fleet.errors import ConfigError

_OUTPUT = re.compile(
    r"(?:(?P<stream>[A-Za-z_][\w$]*)=)?"
    r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<place>[^?]*)(?:\?(?P<options>.*))?",
    re.DOTALL,
)

_PASSWORD = re.compile(r"(?<=:)[^:/@]+(?=@)|(?<=password=)[^&]*")


@dataclass(frozen=True, slots=True)
class Output:
    """One destination of rows."""

    scheme: str
    """`dynamodb`, `kinesis`, ..."""
    place: str
    """The table, the stream, the path: what follows the scheme, without leading `//`."""
    options: Mapping[str, str] = field(default_factory=dict)
    stream: str | None = None
    """The in-application stream whose rows go there; None: all output streams."""

    @property
    def where(self) -> str:
        """The place for people, without user and password; with the table where the place is a
        whole database.
        """
        if self.scheme == "file":
            return self.place
        table = self.options.get("table")
        return self.place.rpartition("@")[2] + (f"?table={table}" if table else "")

    def __str__(self) -> str:
        separator = ":" if self.scheme == "file" else "://"
        return f"{self.scheme}{separator}{self.where}"


def parse_output(text: str) -> Output:
    """The inverse of how an output is written. Raises ConfigError, saying what a URL looks like."""
    found = _OUTPUT.fullmatch(text)
    shown = _PASSWORD.sub("***", text)
    if found is None or not found["place"].strip("/"):
        raise ConfigError(
            f"output {shown!r} is no destination",
            remedy="write [STREAM=]URL, such as dynamodb://UnicornSensorData "
            "or ALARMS=kinesis://alarms?format=csv",
        )
    given = found["options"] or ""
    pairs = parse_qsl(given, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs) or (given and not pairs):
        raise ConfigError(
            f"output {shown!r}: the options after ? are not name=value&name=value",
            remedy="write each option once",
        )
    place = found["place"].removeprefix("//")
    return Output(found["scheme"], place, options, found["stream"])


def sink_names(outputs: Sequence[Output]) -> list[str]:
    """A name for the sink of each output, which stays the same from start to start: the scheme, and
    the place where a scheme comes more than once, and the stream where a place does.
    """
    return [_name(output, outputs) for output in outputs]


def check_streams(outputs: Sequence[Output], streams: Collection[str]) -> None:
    """Raises ConfigError for outputs of streams that are not among `streams`."""
    unknown = [o for o in outputs if o.stream is not None and o.stream not in streams]
    if unknown:
        raise ConfigError(
            "; ".join(f"{o}: the application has no stream {o.stream}" for o in unknown),
            remedy=f"its streams are {', '.join(streams)}",
        )


def _name(output: Output, outputs: Sequence[Output]) -> str:
    same_scheme = [o for o in outputs if o.scheme == output.scheme]
    if len(same_scheme) == 1:
        return output.scheme
    if sum(o.where == output.where for o in same_scheme) == 1:
        return f"{output.scheme}:{output.where}"
    return f"{output.scheme}:{output.where}:{output.stream or '*'}"
