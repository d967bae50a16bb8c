"""The table `wildrydes` over an archive, as Athena and DuckDB are told of it.

Its columns are those of the input's schema, then the folders' year, month, day and hour. Source of
name and columns: the Athena lab of the Wild Rydes workshop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analytics_sql.flat_columns import FlatColumn

TABLE: Final = "wildrydes"
PARTITIONS: Final = ("year", "month", "day", "hour")
"""Integers, UTC, of the time of arrival."""
KINESIS_COLUMNS: Final = (
    ("kinesis_arrival", "timestamp"),
    ("kinesis_shard", "string"),
    ("kinesis_sequence", "string"),
    ("kinesis_key", "string"),
    ("kinesis_data", "binary"),
)
"""What an archive in Parquet has besides, with Athena's types."""

_ATHENA: Final = {
    "REAL": "float",
    "INTEGER": "int",
    "CHAR": "string",
    "VARCHAR": "string",
    "TIME": "string",
}
_PARQUET: Final = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
_LINKED: Final = (
    "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'\n"
    "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
)
"""A file of the table holds the addresses of files that hold the rows, a line each."""
_DUCKDB: Final = {"CHAR": "VARCHAR", "VARCHAR": "VARCHAR", "TIME": "VARCHAR"}


@dataclass(frozen=True, slots=True)
class ArchiveTable:
    """The table over an archive in `format`."""

    columns: tuple[FlatColumn, ...]
    format: str
    """json or parquet."""

    @property
    def athena_types(self) -> dict[str, str]:
        """Name -> Athena's type, partitions included, in order."""
        own = dict(KINESIS_COLUMNS) if self.format == "parquet" else {}
        columns = {name: _named(type_, _ATHENA) for name, type_, _ in self.columns}
        return {**columns, **own, **dict.fromkeys(PARTITIONS, "int")}

    @property
    def duckdb_types(self) -> dict[str, str]:
        """Name -> DuckDB's type, of the schema's columns."""
        return {name: _named(type_, _DUCKDB).upper() for name, type_, _ in self.columns}

    def athena_ddl(
        self, location: str, first_year: int, last_year: int, *, links: bool = False
    ) -> str:
        """CREATE EXTERNAL TABLE with partition projection: no partition has to be added, ever.

        `location` is the archive's, `s3://bucket`; `links`: over the files that name the objects
        which count, and not over the objects themselves. Athena's columns have lower-case names;
        the SerDe is told which members of the readings they are.
        """
        types = {k: v for k, v in self.athena_types.items() if k not in PARTITIONS}
        columns = ",\n".join(f"  `{name.lower()}` {type_}" for name, type_ in types.items())
        partitions = ", ".join(f"`{name}` int" for name in PARTITIONS)
        folders = "/".join(f"{name}=${{{name}}}" for name in PARTITIONS)
        ranges = {
            "year": f"{first_year},{last_year}",
            "month": "1,12",
            "day": "1,31",
            "hour": "0,23",
        }
        properties = {"projection.enabled": "true"}
        for name, digits in zip(PARTITIONS, (4, 2, 2, 2), strict=True):
            properties[f"projection.{name}.type"] = "integer"
            properties[f"projection.{name}.range"] = ranges[name]
            properties[f"projection.{name}.digits"] = str(digits)
        prefix = f"{location}/{'links' if links else 'readings'}"
        properties["storage.location.template"] = f"{prefix}/{folders}/"
        listed = ",\n".join(f"  '{name}' = '{value}'" for name, value in properties.items())
        return (
            f"CREATE EXTERNAL TABLE IF NOT EXISTS {TABLE} (\n{columns}\n)\n"
            f"PARTITIONED BY ({partitions})\n{self._storage(links)}\n"
            f"LOCATION '{prefix}/'\nTBLPROPERTIES (\n{listed}\n)"
        )

    def _storage(self, links: bool) -> str:
        stored = f"\n{_LINKED}" if links else ""
        if self.format == "parquet":
            return f"ROW FORMAT SERDE '{_PARQUET}'{stored}" if links else "STORED AS PARQUET"
        # A timestamp as the readings write it; lower-case names, whatever case the members have.
        properties = {"ignore.malformed.json": "true", "case.insensitive": "true"}
        for name, _, path in self.columns:
            member = ".".join(path)
            if name.lower() != member.lower():
                properties[f"mapping.{name.lower()}"] = member
        listed = ", ".join(f"'{name}' = '{value}'" for name, value in properties.items())
        return (
            "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\n"
            f"WITH SERDEPROPERTIES ({listed}){stored}"
        )

    def duckdb_view(self, files: Sequence[str]) -> str:
        """CREATE VIEW over these files; their folders are named as in the archive. Without any, an
        empty table.
        """
        if not files:
            columns = {**self.duckdb_types, **self._kinesis, **dict.fromkeys(PARTITIONS, "INTEGER")}
            listed = ", ".join(f"{identifier(name)} {type_}" for name, type_ in columns.items())
            return f"CREATE TABLE {TABLE} ({listed})"
        paths = "[" + ", ".join(map(literal, files)) + "]"
        hive = (
            "hive_partitioning = true, hive_types = {"
            + ", ".join(f"'{name}': INTEGER" for name in PARTITIONS)
            + "}"
        )
        if self.format == "parquet":
            return (
                f"CREATE VIEW {TABLE} AS SELECT * FROM read_parquet({paths}, {hive}, "
                "union_by_name = true)"
            )
        reads = f"read_json({paths}, {hive}, {self._json()})"
        return f"CREATE VIEW {TABLE} AS SELECT {self._selected()} FROM {reads}"

    @property
    def _kinesis(self) -> dict[str, str]:
        own = {"timestamp": "TIMESTAMP", "string": "VARCHAR", "binary": "BLOB"}
        return {n: own[t] for n, t in KINESIS_COLUMNS} if self.format == "parquet" else {}

    def _json(self) -> str:
        """Members are read by their own names; one that is nested is taken out of its object."""
        members: dict[str, str] = {}
        for name, _, path in self.columns:
            members[path[0]] = "JSON" if len(path) > 1 else self.duckdb_types[name]
        listed = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in members.items())
        return f"format = 'newline_delimited', columns = {{{listed}}}, ignore_errors = true"

    def _selected(self) -> str:
        columns = []
        for name, type_ in self.duckdb_types.items():
            path = next(path for other, _, path in self.columns if other == name)
            source = identifier(path[0])
            if len(path) > 1:
                inner = "$" + "".join(f'."{step}"' for step in path[1:])
                source = f"TRY_CAST({source} ->> {literal(inner)} AS {type_})"
            columns.append(f"{source} AS {identifier(name)}")
        return ", ".join((*columns, *PARTITIONS))


def identifier(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in single quotes."""
    return "'" + text.replace("'", "''") + "'"


def _named(type_: str, names: dict[str, str]) -> str:
    kind, _, size = type_.partition("(")
    named = names.get(kind)
    if named is not None:
        return named
    return f"{kind.lower()}({size}" if size else kind.lower()
