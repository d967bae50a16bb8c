"""A golden case: a folder with an application, its input, and the rows that are expected of it.

    app.sql         the application
    schema.json     the schema of its input
    input.jsonl     records, as `wildrydes sql run` takes them; input.csv likewise
    expected.jsonl  the rows of the streams that no pump reads, as `wildrydes sql run` prints them

A case on event time has event_time.json besides, with texts named and written as the options are:
{"event_time": "SENT_AT", "lateness": "5s"}. schema.json and the input may stand in a folder above
instead, for several cases. When expected.jsonl has rows of error_stream, all of them are expected;
otherwise there must be none.

The cases of an application's folder stand in its tests/, one folder each: they have no app.sql and
no schema of their own, and run the application. A file in the case's folder, or else in tests/, has
the rows of a reference table if it is called as the end of the table's source: zones.csv for
s3://stable/maps/zones.csv.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from analytics_sql.application_file import load_application, read_manifest
from analytics_sql.manifest import MANIFEST
from analytics_sql.plan import Application
from fleet.errors import ConfigError
from wildrydes.event_time_option import case_texts
from wildrydes.trial.record_file import FileRecord, read_records

APPLICATION = "app.sql"
SCHEMA = "schema.json"
INPUTS = ("input.jsonl", "input.csv")
EVENT_TIME = "event_time.json"
EXPECTED = "expected.jsonl"

NamedRow = dict[str, Any]
"""A row with its stream and its ROWTIME, as a line of expected.jsonl."""

_decode_texts = msgspec.json.Decoder(dict[str, str]).decode
_decode = msgspec.json.Decoder(NamedRow, float_hook=Decimal).decode


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the cases in `root`."""

    folder: Path
    root: Path
    application_folder: Path | None = None
    """Of an application with application.toml: its folder, which the case is a test of."""

    @property
    def name(self) -> str:
        """The folder, as seen from the root."""
        return str(self.folder.relative_to(self.root.parent))

    def application(self) -> Application:
        """Its plan. Raises SqlErrors and ConfigError."""
        if self.application_folder is not None:
            return load_application(
                self.application_folder,
                references=self._references(self.application_folder),
                event_time=self._event_time(),
            )
        schema = self._nearest((SCHEMA,))
        return load_application(
            self.folder / APPLICATION, schema_path=schema, event_time=self._event_time()
        )

    def _references(self, application_folder: Path) -> dict[str, str]:
        """Reference table -> the file of the case, of those that it has."""
        manifest = read_manifest(application_folder)
        found: dict[str, str] = {}
        for table in () if manifest is None else manifest.references:
            name = PurePosixPath(table.source).name
            for folder in (self.folder, self.folder.parent):
                if (folder / name).is_file():
                    found.setdefault(table.name, str(folder / name))
        return found

    def _event_time(self) -> dict[str, str]:
        path = self.folder / EVENT_TIME
        if not path.exists():
            return {}
        try:
            return case_texts(_decode_texts(path.read_bytes()), str(path))
        except msgspec.MsgspecError as error:
            raise ConfigError(f"{path}: not an object of texts: {error}") from None

    def records(self) -> list[FileRecord]:
        """Its input. Raises ConfigError."""
        path = self._nearest(INPUTS)
        with path.open("rb") as lines:
            return list(read_records(lines, str(path)))

    @property
    def expected_path(self) -> Path:
        """Where its rows stand."""
        return self.folder / EXPECTED

    def expected(self) -> list[NamedRow] | None:
        """The rows expected; None when nobody has written them yet. Raises ConfigError."""
        path = self.expected_path
        if not path.exists():
            return None
        rows: list[NamedRow] = []
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if line.strip():
                try:
                    rows.append(read_row(line))
                except msgspec.MsgspecError as error:
                    raise ConfigError(f"{path}:{number}: not a row: {error}") from None
        return rows

    def _nearest(self, names: tuple[str, ...]) -> Path:
        for folder in (self.folder, *self.folder.resolve().parents):
            for name in names:
                if (folder / name).exists():
                    return folder / name
        raise ConfigError(
            f"{self.folder}: there is no {' or '.join(names)}",
            remedy=f"put it beside {APPLICATION}, or in a folder above",
        )


def read_row(line: bytes) -> NamedRow:
    """A row from its line, number for number: 1, 1.0 and 1.00 stay apart. Raises MsgspecError."""
    return _decode(line)


def find_cases(root: Path) -> Iterator[Case]:
    """The cases in a folder and below, in the order of their names."""
    for path in sorted(root.rglob(APPLICATION)):
        if not path.with_name(MANIFEST).is_file():
            yield Case(path.parent, root)
            continue
        inputs = {found.parent for name in INPUTS for found in path.parent.glob(f"tests/*/{name}")}
        for folder in sorted(inputs):
            yield Case(folder, root, path.parent)
