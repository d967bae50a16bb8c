"""application.toml: what an application has beside its text.

    [input]
    stream = "readings"                  # the Kinesis stream to read
    prefix = "SOURCE_SQL_STREAM"         # the text calls the input SOURCE_SQL_STREAM_001
    schema = "schema.json"               # a file, or the same as a table [input.schema]

    [[reference]]
    name = "ZONES"                       # the table, as the text calls it
    source = "zones.csv"                 # a file, or s3://bucket/key
    schema = "zones.schema.json"

    [[outputs]]
    stream = "ALARMS"                    # an in-application stream, or error_stream; without it all
    url = "kinesis://alarms?format=csv"  # as --output of `wildrydes processor` takes it

    [preprocessor]
    python = "package.module:function"

    [event_time]
    column = "SENT_AT"                   # ROWTIME is this column of the input
    lateness = "10s"                     # and the other options of event time, with _ for -

Only [input] with a schema has to be there. Files are looked for beside application.toml.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics_sql.event_time_settings import KEYS, fault_of
from analytics_sql.input_schema import InputSchema
from fleet.errors import ConfigError

MANIFEST = "application.toml"

_URL = re.compile(r"[a-z][a-z0-9+.-]*:[^?]*[^?/][^?]*(\?.*)?", re.DOTALL)
_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_OBJECT = re.compile(r"s3://[^/]+/.+")

_KEYS: Mapping[str, tuple[str, ...]] = {
    "input": ("stream", "prefix", "schema"),
    "reference": ("name", "source", "schema"),
    "outputs": ("stream", "url"),
    "preprocessor": ("python",),
    "event_time": KEYS,
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference table: rows that a stream is joined with."""

    name: str
    source: str
    """An existing file, or s3://bucket/key."""
    schema: InputSchema


@dataclass(frozen=True, slots=True)
class Manifest:
    """An application.toml that has been checked."""

    path: Path
    schema: InputSchema
    stream: str | None = None
    """The Kinesis stream to read; None: the file does not say."""
    references: tuple[Reference, ...] = ()
    outputs: tuple[str, ...] = ()
    """As [STREAM=]URL, in their order."""
    preprocessor: str | None = None
    """package.module:function."""
    event_time: Mapping[str, str] = field(default_factory=dict)
    """As analytics_sql.event_time_settings has it; empty: ROWTIME is the time of arrival."""

    @property
    def folder(self) -> Path:
        """Where the application's files stand."""
        return self.path.parent

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Reads an application.toml. Raises ConfigError with all that is wrong with it."""
        try:
            values = tomllib.loads(path.read_bytes().decode())
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ConfigError(
                f"{path} is not TOML: {error}", remedy="docs/sql/applications.md shows one"
            ) from None
        reader = _Reader(path)
        manifest = reader.manifest(values)
        if manifest is None or reader.problems:
            lines = "\n".join(f"  {problem}" for problem in reader.problems)
            raise ConfigError(
                f"{path} is not usable:\n{lines}", remedy="docs/sql/applications.md has every key"
            )
        return manifest


class _Reader:
    """Reads what can be read and notes all problems, each with its key and what to write."""

    def __init__(self, path: Path) -> None:
        self.problems: list[str] = []
        self._path = path

    def manifest(self, values: Mapping[str, Any]) -> Manifest | None:
        self._no_others(values, _KEYS, "")
        given = self._table(values, "input")
        schema = self._schema(given, "input") if given else None
        if not given:
            self.problems.append('[input]: it is missing; write schema = "schema.json" under it')
        prefix = self._text(given, "prefix", "input")
        if schema is not None and prefix is not None:
            schema = InputSchema(schema.columns, schema.format, prefix)
        stream = self._text(given, "stream", "input")
        references = self._references(self._tables(values, "reference"))
        outputs = self._outputs(self._tables(values, "outputs"))
        preprocessor = self._preprocessor(self._table(values, "preprocessor"))
        event_time = self._event_time(self._table(values, "event_time"))
        if schema is None:
            return None
        return Manifest(self._path, schema, stream, references, outputs, preprocessor, event_time)

    def _references(self, tables: list[tuple[str, Mapping[str, Any]]]) -> tuple[Reference, ...]:
        read: dict[str, Reference] = {}
        for where, given in tables:
            name = self._text(given, "name", where, needed='such as name = "ZONES"')
            source = self._text(given, "source", where, needed='such as source = "zones.csv"')
            schema = self._schema(given, where)
            if source is not None and not _OBJECT.fullmatch(source):
                source = self._file(source, f"{where}.source", "a file or s3://bucket/key")
            if name is not None and name in read:
                self.problems.append(f"{where}.name: {name!r} is there twice; rename one")
            if name is not None and source is not None and schema is not None:
                read[name] = Reference(name, source, schema)
        return tuple(read.values())

    def _outputs(self, tables: list[tuple[str, Mapping[str, Any]]]) -> tuple[str, ...]:
        read = []
        example = 'such as url = "kinesis://alarms?format=csv"'
        for where, given in tables:
            stream = self._text(given, "stream", where)
            url = self._text(given, "url", where, needed=example)
            if url is not None and not _URL.fullmatch(url):
                self.problems.append(f"{where}.url: {url!r} is no destination; write one {example}")
            elif url is not None:
                read.append(url if stream is None else f"{stream}={url}")
        return tuple(read)

    def _preprocessor(self, given: Mapping[str, Any]) -> str | None:
        example = 'such as python = "package.module:function"'
        function = self._text(given, "python", "preprocessor", needed=example if given else None)
        if function is not None and not _FUNCTION.fullmatch(function):
            self.problems.append(
                f"preprocessor.python: {function!r} names no function; write one {example}"
            )
        return function

    def _event_time(self, given: Mapping[str, Any]) -> dict[str, str]:
        read: dict[str, str] = {}
        for key in KEYS:
            needed = 'such as column = "SENT_AT"' if given and key == "column" else None
            text = self._text(given, key, "event_time", needed=needed)
            if text is None:
                continue
            if fault := fault_of(key, text):
                self.problems.append(f"event_time.{key}: {fault}")
            read[key] = text
        if "correct_for" in read and read.get("late") != "correct":
            self.problems.append('event_time.correct_for: it goes with late = "correct"')
        return read

    def _schema(self, given: Mapping[str, Any], where: str) -> InputSchema | None:
        value = given.get("schema")
        key = f"{where}.schema"
        try:
            if isinstance(value, Mapping):
                return InputSchema.from_json(value, where=f"under {key}")
            if not isinstance(value, str):
                self.problems.append(
                    f'{key}: it is missing; write schema = "schema.json", a file with the '
                    "InputSchema, or the same as a table"
                )
                return None
            path = self._file(value, key, "a file with the InputSchema")
            return None if path is None else InputSchema.read(Path(path))
        except ConfigError as error:
            text = str(error).replace("\n", "\n  ")
            self.problems.append(f"{key}: {text}; {error.remedy}")
            return None

    def _file(self, name: str, key: str, wanted: str) -> str | None:
        path = self._path.parent / name
        if path.is_file():
            return str(path)
        self.problems.append(f"{key}: there is no file {path}; name {wanted}")
        return None

    def _text(
        self, given: Mapping[str, Any], key: str, where: str, *, needed: str | None = None
    ) -> str | None:
        value = given.get(key)
        if isinstance(value, str) and value:
            return value
        if value is not None:
            self.problems.append(f"{where}.{key}: {value!r} is no text; write it in quotes")
        elif needed is not None:
            self.problems.append(f"{where}.{key}: it is missing; write it, {needed}")
        return None

    def _table(self, values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = values.get(name, {})
        if not isinstance(value, Mapping):
            self.problems.append(f"{name}: it is no table; write [{name}] above its keys")
            return {}
        self._no_others(value, _KEYS[name], f"{name}.")
        return value

    def _tables(self, values: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
        given = values.get(name, [])
        if not isinstance(given, list) or not all(isinstance(item, Mapping) for item in given):
            self.problems.append(f"{name}: it is no list of tables; write [[{name}]] above each")
            return []
        tables = [(f"{name} {number}", item) for number, item in enumerate(given, start=1)]
        for where, item in tables:
            self._no_others(item, _KEYS[name], f"{where}.")
        return tables

    def _no_others(self, given: Mapping[str, Any], known: Collection[str], lead: str) -> None:
        for key in sorted(set(given) - set(known)):
            self.problems.append(f"{lead}{key}: there is no such key; known are {', '.join(known)}")
