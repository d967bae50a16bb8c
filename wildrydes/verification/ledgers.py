"""The ledgers against the stream: whether all that was acknowledged is there, as it was sent.

ledger   file, shard, sequence_number, partition_key, digest, data
"""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from fleet.errors import ConfigError
from simulator.ledger import Header, LedgerEntry, read_ledger
from wildrydes.verification.comparison import EXAMPLES_MAX, Comparison, Example
from wildrydes.verification.database import Database
from wildrydes.verification.extent import Extent
from wildrydes.verification.readings import digest

NAME: Final = "ledger vs stream"
ENTRIES_AT_ONCE: Final = 10_000


def load_ledgers(
    database: Database, paths: Sequence[Path], stream: str, on_entries: Callable[[int], None]
) -> None:
    """Reads the files. Raises ConfigError for what is no ledger, or that of another stream."""
    database.execute(
        "CREATE TABLE ledger (file VARCHAR, shard VARCHAR, sequence_number VARCHAR, "
        "partition_key VARCHAR, digest BIGINT, data BLOB)"
    )
    for path in paths:
        items = read_ledger(path)
        while chunk := list(islice(items, ENTRIES_AT_ONCE)):
            for item in chunk:
                if isinstance(item, Header) and item.stream != stream:
                    raise ConfigError(
                        f"{path} is the ledger of stream {item.stream}, not of {stream}",
                        remedy="give the stream with --stream, or another ledger",
                    )
            entries = [item for item in chunk if isinstance(item, LedgerEntry)]
            if not entries:
                continue
            data = [bytes(entry.data) for entry in entries]
            database.insert(
                "ledger",
                {
                    "file": [str(path)] * len(entries),
                    "shard": [entry.shard for entry in entries],
                    "sequence_number": [entry.sequence_number for entry in entries],
                    "partition_key": [entry.partition_key for entry in entries],
                    "digest": [digest(line) for line in data],
                    "data": data,
                },
            )
            on_entries(len(entries))


def compare_ledgers(database: Database, extent: Extent) -> Comparison:
    """Every entry is a record of the stream, but for those that retention took."""
    comparison = Comparison(NAME, repeats_allowed=True)
    database.execute(
        """
        CREATE TEMP TABLE entered AS
        SELECT DISTINCT ON (l.shard, l.sequence_number) l.*, r.digest AS stored,
            r.data AS stored_data, r.partition_key AS stored_key,
            r.digest IS NOT DISTINCT FROM l.digest AND r.partition_key = l.partition_key AS equal
        FROM ledger l LEFT JOIN records r USING (shard, sequence_number);
        CREATE TEMP TABLE oldest AS
        SELECT shard, arg_min(sequence_number, place) AS sequence_number FROM records GROUP BY shard
        """
    )
    # Sequence numbers have no zeros in front: the longer one is the larger one.
    trimmed = (
        "stored IS NULL AND (o.shard IS NULL OR (length(e.sequence_number), e.sequence_number) < "
        "(length(o.sequence_number), o.sequence_number))"
    )
    gone = 0
    if extent.is_trimmed:
        gone = database.number(
            f"SELECT count(*) FROM entered e LEFT JOIN oldest o USING (shard) WHERE {trimmed}"
        )
        comparison.not_judged["older than what the stream still has"] = gone
    counts = "SELECT count(*) FROM entered WHERE "
    comparison.expected = database.number(f"{counts} TRUE") - gone
    comparison.found = database.number(f"{counts} equal")
    comparison.counts["missing"] = database.number(f"{counts} stored IS NULL") - gone
    comparison.counts["different"] = database.number(f"{counts} stored IS NOT NULL AND NOT equal")
    strange = "FROM records r ANTI JOIN ledger l USING (shard, sequence_number)"
    again = "EXISTS (FROM ledger l WHERE l.digest = r.digest AND l.partition_key = r.partition_key)"
    comparison.counts["repeated"] = database.number(f"SELECT count(*) {strange} WHERE {again}")
    comparison.not_judged["records in no ledger: not acknowledged, later, or others'"] = (
        database.number(f"SELECT count(*) {strange} WHERE NOT {again}")
    )
    keep = f"AND NOT ({trimmed})" if extent.is_trimmed else ""
    for shard, number, key, data, file in database.rows(
        f"SELECT e.shard, e.sequence_number, e.partition_key, e.data, e.file "
        f"FROM entered e LEFT JOIN oldest o USING (shard) WHERE e.stored IS NULL {keep} "
        f"ORDER BY ALL LIMIT {EXAMPLES_MAX}"
    ):
        where = {"shard": shard, "sequence_number": number, "partition_key": key, "ledger": file}
        comparison.add(Example("missing", where, shown(data)))
    for shard, number, key, data, stored_key, stored in database.rows(
        "SELECT shard, sequence_number, partition_key, data, stored_key, stored_data FROM entered "
        f"WHERE stored IS NOT NULL AND NOT equal ORDER BY ALL LIMIT {EXAMPLES_MAX}"
    ):
        where = {"shard": shard, "sequence_number": number, "partition_key": key}
        if stored_key != key:
            where["partition_key_found"] = stored_key
        comparison.add(Example("different", where, shown(data), shown(stored)))
    for shard, number, key, data in database.rows(
        f"SELECT shard, sequence_number, partition_key, data {strange} WHERE {again} "
        f"ORDER BY ALL LIMIT {EXAMPLES_MAX}"
    ):
        where = {"shard": shard, "sequence_number": number, "partition_key": key}
        comparison.add(Example("repeated", where, got=shown(data)))
    return comparison


def shown(data: bytes) -> str:
    """A record as it can stand in a message."""
    return data.decode("utf-8", "backslashreplace")
