"""The records of the stream as tables: what was read, what it says, and what it does not say.

    records     shard, place, sequence_number, partition_key, arrival_ms, digest, data
    readings    rowtime_ms, source, c0, c1, ...     one column for each that a pump reads
    refused     shard, sequence_number, arrival_ms, reason
    doubtful    arrival_ms, reason                  what this decoder does not know how to read

`place` counts the records of a shard that were read. `digest` is 64 bits of the record as the
archive has it: line breaks can stand between tokens alone, and are blanks there.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

from analytics_sql.plan import Application, SourceColumn
from wildrydes.stream_record import StreamRecord
from wildrydes.verification.database import Database
from wildrydes.verification.decoder import Decoder, decoder_of
from wildrydes.verification.expression_sql import STORED, check
from wildrydes.verification.not_judged import NotJudged
from wildrydes.verification.plan_sql import read_columns
from wildrydes.verification.record_decoder import Refused
from wildrydes.verification.stream import BrokenRecord

_BREAKS_TO_BLANKS: Final = bytes.maketrans(b"\n\r", b"  ")

_PSEUDO: Final[dict[str, Callable[[StreamRecord], Any]]] = {
    "APPROXIMATE_ARRIVAL_TIME": lambda record: record.arrival_ms,
    "PARTITION_KEY": lambda record: record.partition_key,
    "SEQUENCE_NUMBER": lambda record: record.sequence_number,
    "SHARD_ID": lambda record: record.shard_id,
}


def digest(data: bytes) -> int:
    """Tells records apart, within this process: SipHash, with a key that nobody knows."""
    if b"\n" in data or b"\r" in data:
        data = data.strip(b"\r\n").translate(_BREAKS_TO_BLANKS)
    return hash(data)


class Readings:
    """Fills the tables. Without anything to decode (`why` says so) only `records` gets rows."""

    def __init__(self, database: Database, application: Application) -> None:
        self._database = database
        self._application = application
        self._decoder: Decoder | None = None
        self._pseudo: list[Callable[[StreamRecord], Any]] = []
        self._names: list[str] = []
        self.why: str | None = None
        database.execute(
            "CREATE TABLE records (shard VARCHAR, place BIGINT, sequence_number VARCHAR, "
            "partition_key VARCHAR, arrival_ms BIGINT, digest BIGINT, data BLOB);"
            "CREATE TABLE refused (shard VARCHAR, sequence_number VARCHAR, arrival_ms BIGINT, "
            "reason VARCHAR);"
            "CREATE TABLE doubtful (arrival_ms BIGINT, reason VARCHAR)"
        )
        try:
            self._prepare()
        except NotJudged as why:
            self.why = str(why)

    def _prepare(self) -> None:
        wanted = read_columns(self._application)
        source = self._application.sources[0]
        of_source = {column.name: column for column in source.columns}
        columns: list[SourceColumn] = []
        for column in wanted:
            check(column.type)
            if column.name in of_source:
                columns.append(of_source[column.name])
            else:
                self._pseudo.append(_PSEUDO[column.name])
        self._decoder = decoder_of(columns, source.format)
        # The pseudo-columns come after the others; each still goes by its place among `wanted`.
        given = [column for column in wanted if column.name in of_source]
        given += [column for column in wanted if column.name not in of_source]
        self._names = [f"c{wanted.index(column)}" for column in given]
        types = [f"c{i} {STORED[column.type.kind]}" for i, column in enumerate(wanted)]
        self._database.execute(
            f"CREATE TABLE readings ({', '.join(['rowtime_ms BIGINT', 'source VARCHAR', *types])})"
        )

    def take(self, records: Sequence[StreamRecord], place: int) -> None:
        """Takes consecutive records of one shard, of which so many were taken before."""
        if not records:
            return
        shard_id = records[0].shard_id
        count = len(records)
        self._database.insert(
            "records",
            {
                "shard": [shard_id] * count,
                "place": range(place, place + count),
                "sequence_number": [record.sequence_number for record in records],
                "partition_key": [record.partition_key for record in records],
                "arrival_ms": [record.arrival_ms for record in records],
                "digest": [digest(record.data) for record in records],
                "data": [record.data for record in records],
            },
        )
        if self._decoder is not None:
            self._decode(self._decoder, records, self._application.source_of(shard_id).name)

    def _decode(self, decoder: Decoder, records: Sequence[StreamRecord], source: str) -> None:
        rows: list[list[Any]] = []
        refused: dict[str, list[Any]] = defaultdict(list)
        doubtful: dict[str, list[Any]] = defaultdict(list)
        pseudo = self._pseudo
        for record in records:
            if isinstance(record, BrokenRecord):
                decoded: list[Any] = [Refused(record.why)]
            else:
                decoded = decoder.rows(record.data)
            for row in decoded:
                if isinstance(row, list):
                    more = [value(record) for value in pseudo] if pseudo else ()
                    rows.append([record.arrival_ms, *row, *more])
                elif isinstance(row, Refused):
                    refused["shard"].append(record.shard_id)
                    refused["sequence_number"].append(record.sequence_number)
                    refused["arrival_ms"].append(record.arrival_ms)
                    refused["reason"].append(str(row))
                else:
                    doubtful["arrival_ms"].append(record.arrival_ms)
                    doubtful["reason"].append(str(row))
        if rows:
            columns = dict(zip(["rowtime_ms", *self._names], zip(*rows, strict=True), strict=True))
            self._database.insert("readings", {"source": [source] * len(rows), **columns})
        for table, found in (("refused", refused), ("doubtful", doubtful)):
            if found:
                self._database.insert(table, found)
