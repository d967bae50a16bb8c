"""The stream against the archive: whether each record is there once, as it was sent."""

from typing import Final

from fleet.timestamp import timestamp_text
from wildrydes.verification.archive import HOUR
from wildrydes.verification.comparison import EXAMPLES_MAX, Comparison, Example
from wildrydes.verification.database import Database
from wildrydes.verification.extent import Extent
from wildrydes.verification.ledgers import shown

NAME: Final = "stream vs archive"


def compare_archive(database: Database, extent: Extent) -> Comparison:
    """`extent` is that of the archive. By content: a line is found wherever it stands. A line that
    is no record of the stream, where its object's name says that a missing record should be, is
    that record changed.
    """
    comparison = Comparison(NAME)
    judged = extent.holds("arrival_ms", "arrival_ms + 1")
    database.execute(
        f"""
        CREATE TEMP TABLE counts AS
        SELECT digest, coalesce(s.judged, 0) AS judged, coalesce(s.all_of_them, 0) AS streamed,
            coalesce(a.lines, 0) AS archived
        FROM (SELECT digest, count(*) FILTER (WHERE {judged}) AS judged, count(*) AS all_of_them
              FROM records GROUP BY digest) s
        FULL JOIN (SELECT digest, count(*) AS lines FROM archived GROUP BY digest) a USING (digest);
        CREATE TEMP TABLE unarchived AS
        SELECT r.* FROM records r JOIN counts c USING (digest)
        WHERE c.archived < c.judged AND {judged}
        QUALIFY row_number() OVER (PARTITION BY digest ORDER BY place DESC)
            <= c.judged - c.archived;
        CREATE TEMP TABLE foreign_lines AS
        SELECT a.*, b.place + a.line AS place,
            CASE WHEN {_older(extent)} THEN 'older' WHEN {_NEWER} THEN 'newer' END AS outside
        FROM archived a JOIN counts c USING (digest)
        LEFT JOIN records b
            ON b.shard = a.shard AND b.sequence_number IN (a.first, a.first || ':0')
        LEFT JOIN (SELECT shard, max(place) AS place, arg_max(sequence_number, place) AS last
                   FROM records GROUP BY shard) n ON n.shard = a.shard
        WHERE c.streamed = 0;
        CREATE TEMP TABLE changed AS
        SELECT u.shard, u.sequence_number, u.place, u.partition_key, u.arrival_ms, u.data AS wanted,
            f.data AS got, f.object, f.object_line
        FROM unarchived u JOIN foreign_lines f ON f.shard = u.shard AND f.place = u.place
        """
    )
    comparison.expected = database.number(f"SELECT count(*) FROM records WHERE {judged}")
    missing = database.number("SELECT count(*) FROM unarchived")
    different = database.number("SELECT count(DISTINCT (shard, place)) FROM changed")
    foreign = database.number("SELECT count(*) FROM foreign_lines WHERE outside IS NULL")
    replaced = database.number("SELECT count(DISTINCT (object, object_line)) FROM changed")
    comparison.found = comparison.expected - missing
    comparison.counts["different"] = different
    comparison.counts["missing"] = missing - different
    comparison.counts["extra"] = max(0, foreign - replaced) + database.number(
        "SELECT count(*) FROM unreadable"
    )
    comparison.counts["repeated"] = database.number(
        "SELECT sum(archived - streamed) FROM counts WHERE streamed > 0 AND archived > streamed"
    )
    comparison.not_judged["records that arrived after the cut-off"] = database.number(
        f"SELECT count(*) FROM records WHERE NOT ({judged})"
    )
    for outside, reason in (
        ("older", "lines older than what the stream still has"),
        ("newer", "lines newer than what was read of the stream"),
    ):
        comparison.not_judged[reason] = database.number(
            "SELECT count(*) FROM foreign_lines WHERE outside = $outside", {"outside": outside}
        )
    _add_examples(database, comparison)
    return comparison


_NEWER: Final = (
    # A shard of which nothing was read has come since; its number is above those that were.
    "coalesce(b.place + a.line > n.place, "
    "(length(a.first), a.first) > (length(n.last), n.last), "
    "a.shard > (SELECT max(shard) FROM records))"
)
"""Whether a line stands after the last record of its shard that was read. Sequence numbers have no
zeros in front: the longer one is the larger one.
"""


def _older(extent: Extent) -> str:
    """Whether a line that the stream does not have is of a time that is not judged."""
    first_ms = extent.created_ms if extent.since_ms is None else extent.since_ms
    hour = timestamp_text(max(0, first_ms))[:HOUR]
    # The hour in which the stream begins has older records too, if some were trimmed.
    return f"a.hour {'<' if extent.since_ms is None else '<='} '{hour}'"


def _add_examples(database: Database, comparison: Comparison) -> None:
    for shard, number, key, arrival_ms, data in database.rows(
        "SELECT shard, sequence_number, partition_key, arrival_ms, data "
        "FROM unarchived ANTI JOIN changed USING (shard, place) "
        f"ORDER BY shard, place LIMIT {EXAMPLES_MAX}"
    ):
        where = {
            "shard": shard, "sequence_number": number, "partition_key": key,
            "arrival": timestamp_text(arrival_ms),
        }  # fmt: skip
        comparison.add(Example("missing", where, shown(data)))
    for shard, number, key, wanted, got, object, line in database.rows(
        "SELECT shard, sequence_number, partition_key, wanted, got, object, object_line "
        f"FROM changed ORDER BY shard, place LIMIT {EXAMPLES_MAX}"
    ):
        where = {
            "shard": shard, "sequence_number": number, "partition_key": key,
            "object": object, "line": str(line),
        }  # fmt: skip
        comparison.add(Example("different", where, shown(wanted), shown(got)))
    for object, line, data in database.rows(
        "SELECT object, object_line, data FROM foreign_lines "
        "ANTI JOIN changed USING (object, object_line) "
        f"WHERE outside IS NULL ORDER BY object, object_line LIMIT {EXAMPLES_MAX}"
    ):
        where = {"object": object, "line": str(line)}
        comparison.add(Example("extra", where, got=shown(data)))
    for object, reason in database.rows(
        f"SELECT object, reason FROM unreadable ORDER BY ALL LIMIT {EXAMPLES_MAX}"
    ):
        comparison.add(Example("extra", {"object": object}, got=reason))
    for objects, data in database.rows(
        "SELECT string_agg(object || ', line ' || object_line, ' and ' "
        "ORDER BY object, object_line), "
        "any_value(data) FROM archived JOIN counts USING (digest) "
        "WHERE streamed > 0 AND archived > streamed "
        f"GROUP BY digest ORDER BY min(object), min(object_line) LIMIT {EXAMPLES_MAX}"
    ):
        comparison.add(Example("repeated", {"objects": objects}, got=shown(data)))
