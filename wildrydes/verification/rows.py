"""Rows as they are compared: what an application should have put out, and what was found.

    expected        stream, identity, table_identity, row, start_ms, end_ms
    found_summary   stream, identity, row, start_ms, end_ms, place
    found_table     the same

`row` is the whole row in one spelling, whatever it was read from: names in order, no NULLs,
numbers by value. `identity` is the part of it that tells rows apart, `start_ms` and `end_ms` the
time of the records that it is made of; NULL where the row does not say.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Final

import duckdb

from analytics_sql.plan import Application
from analytics_sql.types import Kind
from fleet.timestamp import timestamp_ms, timestamp_text
from wildrydes.verification.database import Database
from wildrydes.verification.exact_sum import exact_mean, exact_sum
from wildrydes.verification.not_judged import NotJudged
from wildrydes.verification.plan_sql import EXACT_MEAN, EXACT_SUM, StreamTable, stream_tables

ROWS_AT_ONCE: Final = 10_000
_EXACT = Context(prec=400)
"""More digits than any number that a row can hold."""
_DIGITS_PLAIN: Final = 20
"""Before or after the point, of a number that is spelled without an exponent."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row as some place has it."""

    values: Mapping[str, Any]
    place: str
    """Where, for people."""


def spelled(values: Mapping[str, Any]) -> str:
    """{"b": 1.50, "a": "x", "c": None} -> {"a":"x","b":1.5}"""
    parts = [
        f"{json.dumps(name, ensure_ascii=False)}:{_spelled(values[name])}"
        for name in sorted(values)
        if values[name] is not None
    ]
    return "{" + ",".join(parts) + "}"


def _spelled(value: Any) -> str:
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float | Decimal):
        # A float by its shortest digits, as it is written everywhere.
        number = Decimal(repr(value) if isinstance(value, float) else value)
        return _number(_EXACT.normalize(number)) if number else "0"
    return json.dumps(value, ensure_ascii=False, default=str)


def _number(number: Decimal) -> str:
    """120 and not 1.2E+2, which is for people to read; but 1E+308."""
    return f"{number:f}" if abs(number.adjusted()) <= _DIGITS_PLAIN else str(number)


class Rows:
    """Makes and fills the tables."""

    def __init__(
        self,
        database: Database,
        application: Application,
        references: Mapping[str, str | NotJudged],
    ) -> None:
        """`references`: see reference_rows.py."""
        self._database = database
        tables = stream_tables(application, references)
        self._made: dict[str, StreamTable] = {}
        self.not_judged: dict[str, str] = {}
        """Stream -> why, of those whose rows go out or feed one."""
        self._outputs = application.outputs
        self._columns = {
            stream: {column.name for column in application.stream(stream).columns}
            for stream in self._outputs
        }
        for stream, table in tables.items():
            if isinstance(table, NotJudged):
                self.not_judged[stream] = str(table)
            else:
                self._made[stream] = table
        database.execute(
            "CREATE TABLE expected (stream VARCHAR, identity VARCHAR, table_identity VARCHAR, "
            "row VARCHAR, start_ms BIGINT, end_ms BIGINT);"
            "CREATE TABLE failed (pump VARCHAR, end_ms BIGINT)"
        )
        database.function(EXACT_SUM, exact_sum, ["DOUBLE[]"], "DOUBLE")
        database.function(EXACT_MEAN, exact_mean, ["DOUBLE[]"], "DOUBLE")

    def none_can_be_judged(self, why: str) -> None:
        """There is nothing to compute from."""
        self.not_judged |= dict.fromkeys(self._made, why)
        self._made = {}

    @property
    def judged(self) -> Sequence[str]:
        """The streams whose rows go out and can be computed here."""
        return [stream for stream in self._made if stream in self._outputs]

    @property
    def not_judged_outputs(self) -> Mapping[str, str]:
        """Of the streams that are not judged, those whose rows go out."""
        return {s: why for s, why in self.not_judged.items() if s in self._outputs}

    def strangers(self, table_key: Sequence[str]) -> Sequence[str]:
        """The key of a table, if no stream that is judged has all of it as columns."""
        fits = any(self._columns[stream] >= set(table_key) for stream in self.judged)
        return () if fits else table_key

    def compute(self, table_key: Sequence[str]) -> None:
        """Fills `expected` from the readings, and `failed` with what belongs in the dead letter.

        `table_key`: the columns that tell rows apart in the table.
        """
        for stream, made in list(self._made.items()):
            try:
                for statement in made.statements:
                    self._database.execute(statement)
            except duckdb.Error as error:
                self.not_judged[stream] = str(error).splitlines()[0].partition(": ")[2]
                del self._made[stream]
                continue
            self._database.execute(
                f"INSERT INTO failed SELECT pump, rowtime_ms FROM {made.table} WHERE failed"
            )
            if stream in self._outputs:
                self._spell(stream, made, table_key)

    def _spell(self, stream: str, made: StreamTable, table_key: Sequence[str]) -> None:
        names = [column.name for column in made.columns]
        times = {i for i, column in enumerate(made.columns) if column.type.kind is Kind.TIMESTAMP}

        def take(rows: list[tuple[Any, ...]]) -> None:
            columns: dict[str, list[Any]] = defaultdict(list)
            for end_ms, *values in rows:
                for i in times:
                    values[i] = None if values[i] is None else timestamp_text(values[i])
                row = dict(zip(names, values, strict=True))
                columns["stream"].append(stream)
                columns["row"].append(text := spelled(row))
                columns["identity"].append(_part(row, made.identity) or text)
                columns["table_identity"].append(_key(row, table_key))
                columns["start_ms"].append(end_ms - made.span_ms)
                columns["end_ms"].append(end_ms)
            self._database.insert("expected", columns)

        chosen = ", ".join(["rowtime_ms", *(f"c{i}" for i in range(len(names)))])
        self._database.each(
            f"SELECT {chosen} FROM {made.table} WHERE NOT failed", ROWS_AT_ONCE, take
        )

    def make_found(self, table: str) -> None:
        """Makes the table that `take_found` fills."""
        self._database.execute(
            f"CREATE TABLE {table} (stream VARCHAR, identity VARCHAR, row VARCHAR, "
            "start_ms BIGINT, end_ms BIGINT, place VARCHAR)"
        )

    def take_found(
        self, table: str, rows: Sequence[FoundRow], table_key: Sequence[str] | None
    ) -> None:
        """Notes rows of the summary stream, or with `table_key` items of a table."""
        columns: dict[str, list[Any]] = defaultdict(list)
        for found in rows:
            stream = self._stream_of(found.values, table_key)
            values = found.values
            if stream is not None:
                known = self._columns[stream]
                # A table may keep attributes beside those of the row.
                values = {name: value for name, value in values.items() if name in known}
            made = self._made.get(stream or "")
            text = spelled(values)
            if table_key is not None:
                identity = _key(values, table_key)
            else:
                identity = _part(values, made.identity) if made else None
            start_ms, end_ms = _times(values, made)
            columns["stream"].append(stream)
            columns["identity"].append(identity or text)
            columns["row"].append(text)
            columns["start_ms"].append(start_ms)
            columns["end_ms"].append(end_ms)
            columns["place"].append(found.place)
        if columns:
            self._database.insert(table, columns)

    def _stream_of(self, values: Mapping[str, Any], table_key: Sequence[str] | None) -> str | None:
        """Which stream a row is of, by the names of its columns."""
        names = set(values)
        if table_key is None:
            fitting = [s for s, columns in self._columns.items() if columns == names]
        else:
            fitting = [s for s, columns in self._columns.items() if columns >= set(table_key)]
        # Of several with these columns one that is judged, and the one with most of them.
        fitting.sort(key=lambda s: (s not in self._made, -len(self._columns[s] & names)))
        return fitting[0] if fitting else None


def _part(row: Mapping[str, Any], names: Sequence[str] | None) -> str | None:
    """Some columns of a row; None when there are no names."""
    return spelled({name: row.get(name) for name in names}) if names else None


def _key(row: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The key of a row in a table; None when a part of it is NULL: no table takes the row."""
    return None if any(row.get(name) is None for name in names) else _part(row, names)


def _times(values: Mapping[str, Any], made: StreamTable | None) -> tuple[int | None, int | None]:
    if made is None or made.time is None:
        return None, None
    column, before_ms = made.time
    try:
        end_ms = timestamp_ms(str(values.get(column))) + before_ms
    except ValueError:
        return None, None
    return end_ms - made.span_ms, end_ms
