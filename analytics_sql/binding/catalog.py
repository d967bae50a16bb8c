"""The streams of an application by name: its input, and those that it creates."""

from collections.abc import Sequence

from sqlglot import exp

from analytics_sql.binding.names import fold, fold_new, listed, no_such, written
from analytics_sql.binding.scope import ROWTIME, Relation
from analytics_sql.column_type import SUPPORTED, NotAColumnType, column_type
from analytics_sql.combination import ReferenceTable
from analytics_sql.plan import PSEUDO_COLUMNS, Column, Source, Stream
from analytics_sql.syntax.nodes import ColumnDeclaration, CreateStream, span_of
from analytics_sql.syntax.source_text import Advice, Faults


class Catalog:
    """Streams are entered first, then looked up; both note their faults.

    A stream that would exist but for a fault of its own is remembered by name only: looking it up
    gives None in silence, so that nobody is blamed for its absence.
    """

    def __init__(
        self, sources: tuple[Source, ...], faults: Faults, tables: Sequence[ReferenceTable] = ()
    ) -> None:
        self._faults = faults
        self._sources = {
            source.name: Relation(
                source.name,
                tuple(Column(column.name, column.type) for column in source.columns),
                PSEUDO_COLUMNS,
            )
            for source in sources
        }
        self._tables = {
            table.name: Relation(
                table.name, tuple(Column(c.name, c.type) for c in table.columns), is_table=True
            )
            for table in tables
        }
        self._streams: dict[str, Stream] = {}
        self._doubtful: set[str] = set()

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams created, in the order of the text."""
        return tuple(self._streams.values())

    def doubt(self, stream: exp.Identifier) -> None:
        """Enters a stream whose statement could not be read."""
        self._doubtful.add(fold(stream))

    def create(self, statement: CreateStream) -> None:
        """Enters a stream with its columns."""
        name = fold_new(statement.name, self._faults)
        columns = self._columns(name, statement.columns)
        if name in self._sources:
            self._faults.add(
                span_of(statement.name),
                f"{written(name)} is the input, which exists already",
                "create a stream of another name",
            )
        elif name in self._tables:
            self._faults.add(
                span_of(statement.name),
                f"{written(name)} is a reference table of this application",
                "create a stream of another name",
            )
        elif name in self._streams or name in self._doubtful:
            self._faults.add(
                span_of(statement.name),
                f"the stream {written(name)} is created twice",
                "create it once: several pumps can insert into one stream; of those with OR "
                "REPLACE the last one counts",
            )
        elif columns is None:
            self._doubtful.add(name)
        else:
            self._streams[name] = Stream(name, columns)

    def target(self, identifier: exp.Identifier) -> Stream | None:
        """The stream that a pump inserts into."""
        name = fold(identifier)
        if name in self._streams or name in self._doubtful:
            return self._streams.get(name)
        if name in self._sources or name in self._tables:
            what = "the input" if name in self._sources else "a reference table"
            self._faults.add(
                span_of(identifier),
                f"{written(name)} is {what}: no pump can insert into it",
                "insert into a stream that the application creates",
            )
            return None
        create = f"create it: CREATE OR REPLACE STREAM {written(name)} (...)"
        advice = no_such("stream", identifier, list(self._streams), otherwise=create)
        message = f"no statement creates the stream {written(name)}"
        self._faults.advise(span_of(identifier), Advice(message, advice.remedy))
        return None

    def relation(self, identifier: exp.Identifier) -> Relation | None:
        """The stream or reference table that a query reads."""
        name = fold(identifier)
        if name in self._sources or name in self._tables:
            return self._sources.get(name) or self._tables[name]
        if name in self._streams:
            return Relation(name, self._streams[name].columns)
        if name not in self._doubtful:
            remedy = f"the input is {listed(self._sources)}"
            if self._streams:
                remedy += f", the application creates {listed(self._streams)}"
            if self._tables:
                remedy += f", its reference tables are {listed(self._tables)}"
            known = [*self._sources, *self._streams, *self._tables]
            advice = no_such("stream", identifier, known, otherwise=remedy)
            self._faults.advise(span_of(identifier), advice)
        return None

    def _columns(
        self, stream: str, declarations: tuple[ColumnDeclaration, ...]
    ) -> tuple[Column, ...] | None:
        columns: dict[str, Column] = {}
        for declaration in declarations:
            name = fold_new(declaration.name, self._faults)
            if name == ROWTIME:
                self._faults.add(
                    span_of(declaration.name),
                    "every stream has a ROWTIME already",
                    "give this column another name",
                )
            elif name in columns:
                self._faults.add(
                    span_of(declaration.name),
                    f"{written(stream)} has two columns {written(name)}",
                    "names without quotes are folded to upper case",
                )
            try:
                declared = column_type(declaration.type.text)
                columns.setdefault(name, Column(name, declared, declaration.nullable))
            except NotAColumnType as error:
                self._faults.add(
                    declaration.type.span, str(error), f"types of columns are {SUPPORTED}"
                )
        return tuple(columns.values()) if len(columns) == len(declarations) else None
