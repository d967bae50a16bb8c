"""How a record is made of rows, and a row of values: the RecordFormat of an input schema."""

import re
from dataclasses import dataclass
from typing import Final

Step = str | int | None
"""A member's name, an element's number, or EACH."""
Path = tuple[Step, ...]
"""From the row downwards; () is the row itself."""

EACH: Final = None
"""`[0:]` with a path behind it: every element makes a row of its own (DG:about-json-path.md)."""

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*?'"()\s](?:[^.\[\]*?'"()\n\r]*[^.\[\]*?'"()\s])?)
    | \[(?P<quote>['"])(?P<quoted>[^'"]+)(?P=quote)\]
    | \[(?P<number>\d{1,9})\]
    | (?P<each>\[(?:0:|\*)\])""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """JSON values, one after another. Each is a row, or each element if it is an array; with
    `row_path`, what stands there.

    Source: DG:about-json-path.md; API_JSONMappingParameters.
    """

    row_path: Path = ()


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """Rows of fields; the path of a column is (its number from 0,).

    Source: DG:sch-mapping.md; API_CSVMappingParameters.
    """

    row_delimiter: str = "\n"
    column_delimiter: str = ","


RecordFormat = JsonFormat | CsvFormat
JSON: Final = JsonFormat()
"""One row a JSON object, or several objects one after another."""


def json_path(text: str) -> Path | None:
    """$.a['b.c'][0].d -> ("a", "b.c", 0, "d"); $.a[0:].b -> ("a", EACH, "b"); None: not a path.

    A last `[0:]` is the whole array, as if it were not there (DG:about-json-path.md). `[*]` says
    the same as `[0:]`.
    """
    if not text.startswith("$"):
        return None
    steps: list[Step] = []
    at = 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        at = match.end()
        if match["each"]:
            steps.append(EACH)
        elif match["number"]:
            steps.append(int(match["number"]))
        else:
            steps.append(match["name"] or match["quoted"])
    while steps and steps[-1] is EACH:
        steps.pop()
    return tuple(steps)


def names_of(path: Path) -> tuple[str, ...]:
    """The steps of a path that goes through objects alone. Raises ValueError for any other."""
    names = tuple(step for step in path if isinstance(step, str))
    if len(names) < len(path):
        raise ValueError(f"the path {path} goes through an array")
    return names
