"""The windows, computed anew, against a place that rows go to."""

from collections.abc import Mapping
from typing import Final

from fleet.timestamp import timestamp_text
from wildrydes.verification.comparison import EXAMPLES_MAX, Comparison, Example
from wildrydes.verification.database import Database
from wildrydes.verification.extent import Extent

OUTSIDE: Final = "rows of windows outside of what is judged"
"""Why a row is not judged."""
OF_STREAM: Final = "rows of stream "
"""How the reason begins where nothing of a stream is, however many rows of it there are."""


def compare_rows(
    database: Database,
    comparison: Comparison,
    extent: Extent,
    *,
    found: str,
    identity: str,
    refused_by: str,
    not_judged: Mapping[str, str],
) -> None:
    """Rows of `expected`, told apart by its column `identity`, against those of the table `found`.

    `refused_by`: the stage in the dead letter of what that place does not take. `not_judged`:
    stream -> why, of those that were not computed.
    """
    judged = f"{extent.holds('start_ms', 'end_ms')} AND NOT {_doubtful()}"
    unjudged = (
        ", ".join(f"'{stream.replace(chr(39), chr(39) * 2)}'" for stream in not_judged) or "NULL"
    )
    prefix = f"of_{found}"
    database.execute(
        f"""
        CREATE TEMP TABLE {prefix}_wanted AS
        SELECT {identity} AS identity, row, any_value(stream) AS stream, count(*) AS copies,
            max(end_ms) AS end_ms, bool_and({judged}) AS judged,
            {identity} IS NULL OR EXISTS (
                FROM letters l WHERE l.stage = '{refused_by}' AND l.row = e.row) AS refused
        FROM expected e GROUP BY ALL;
        CREATE TEMP TABLE {prefix}_got AS
        SELECT identity, row, count(*) AS copies, max(end_ms) AS end_ms, min(place) AS place,
            coalesce(stream IN ({unjudged}), FALSE) AS unjudged,
            stream IS NULL AS is_foreign, bool_and({judged}) AS judged,
            bool_or(end_ms <= {extent.created_ms}) AS older
        FROM {found} GROUP BY ALL;
        CREATE TEMP TABLE {prefix}_pairs AS
        SELECT w.identity, w.row, w.copies, w.end_ms, w.stream, coalesce(g.copies, 0) AS got,
            EXISTS (FROM {prefix}_got o WHERE o.identity = w.identity) AS is_known
        FROM {prefix}_wanted w LEFT JOIN {prefix}_got g USING (identity, row)
        WHERE w.judged AND NOT w.refused
            AND (SELECT count(*) FROM {prefix}_wanted o WHERE o.identity = w.identity) = 1;
        CREATE TEMP TABLE {prefix}_wrong AS
        SELECT g.*, (
            SELECT min(w.row) FROM {prefix}_wanted w WHERE w.identity = g.identity
            ) AS wanted
        FROM {prefix}_got g ANTI JOIN {prefix}_wanted w USING (identity, row)
        WHERE NOT g.unjudged
        """
    )
    _count(database, comparison, prefix, extent)
    for stream, why in not_judged.items():
        comparison.not_judged[f"{OF_STREAM}{stream}: {why}"] = database.number(
            f"SELECT count(*) FROM {found} WHERE stream = $stream", {"stream": stream}
        )
    _add_examples(database, comparison, prefix)


def _doubtful() -> str:
    """Whether a record that could not be read here belongs to the rows from start_ms to end_ms."""
    return (
        "EXISTS (FROM doubtful d WHERE d.arrival_ms >= start_ms "
        "AND (d.arrival_ms < end_ms OR d.arrival_ms = start_ms))"
    )


def _count(database: Database, comparison: Comparison, prefix: str, extent: Extent) -> None:
    def number(sql: str) -> int:
        return database.number(f"SELECT {sql}")

    pairs, wrong, wanted = f"{prefix}_pairs", f"{prefix}_wrong", f"{prefix}_wanted"
    counts = comparison.counts
    comparison.expected = number(f"sum(copies) FROM {pairs}")
    comparison.found = number(f"sum(least(copies, got)) FROM {pairs}")
    counts["missing"] = number(
        f"sum(copies - got) FROM {pairs} WHERE got < copies AND (got > 0 OR NOT is_known)"
    )
    counts["repeated"] = number(f"sum(got - copies) FROM {pairs} WHERE got > copies")
    counts["different"] = number(
        f"count(*) FROM {wrong} JOIN {pairs} USING (identity) WHERE {pairs}.row <> {wrong}.row"
    )
    counts["extra"] = number(f"sum(copies) FROM {wrong} WHERE {_IS_EXTRA}")
    judged = comparison.not_judged
    judged[OUTSIDE] = number(f"sum(copies) FROM {wanted} WHERE NOT judged AND NOT refused")
    judged["refused by the place, and in the dead letter"] = number(
        f"sum(copies) FROM {wanted} WHERE refused AND judged"
    )
    judged["rows of which only the last one can stand there"] = number(
        f"sum(copies) FROM {wanted} w WHERE judged AND NOT refused AND "
        f"(SELECT count(*) FROM {wanted} o WHERE o.identity = w.identity) > 1"
    )
    judged["rows that are older than the stream"] = number(f"sum(copies) FROM {wrong} WHERE older")
    judged["rows that do not say their time"] = number(
        f"sum(copies) FROM {wrong} WHERE wanted IS NULL AND NOT is_foreign AND end_ms IS NULL"
    )


_IS_EXTRA = (
    "wanted IS NULL AND NOT coalesce(older, FALSE) "
    "AND (is_foreign OR (judged AND end_ms IS NOT NULL))"
)


def _add_examples(database: Database, comparison: Comparison, prefix: str) -> None:
    for identity, row, end_ms, stream in database.rows(
        f"SELECT identity, row, end_ms, stream FROM {prefix}_pairs "
        "WHERE got < copies AND (got > 0 OR NOT is_known) "
        f"ORDER BY end_ms, identity LIMIT {EXAMPLES_MAX}"
    ):
        where = {"row": identity, "window_end": _text(end_ms), "stream": stream}
        comparison.add(Example("missing", where, row))
    for identity, wanted, row, end_ms, place in database.rows(
        f"SELECT identity, wanted, w.row, w.end_ms, place FROM {prefix}_wrong w "
        f"JOIN {prefix}_pairs p USING (identity) WHERE p.row <> w.row "
        f"ORDER BY w.end_ms, identity LIMIT {EXAMPLES_MAX}"
    ):
        where = {"row": identity, "window_end": _text(end_ms), "place": place}
        comparison.add(Example("different", where, wanted, row))
    for identity, row, end_ms, place in database.rows(
        f"SELECT identity, row, end_ms, place FROM {prefix}_wrong WHERE {_IS_EXTRA} "
        f"ORDER BY end_ms, identity LIMIT {EXAMPLES_MAX}"
    ):
        where = {"row": identity, "window_end": _text(end_ms), "place": place}
        comparison.add(Example("extra", where, got=row))
    for identity, row, end_ms, copies, got in database.rows(
        f"SELECT identity, row, end_ms, copies, got FROM {prefix}_pairs WHERE got > copies "
        f"ORDER BY end_ms, identity LIMIT {EXAMPLES_MAX}"
    ):
        where = {"row": identity, "window_end": _text(end_ms), "times": f"{got} for {copies}"}
        comparison.add(Example("repeated", where, got=row))


def _text(time_ms: int | None) -> str:
    return "?" if time_ms is None else timestamp_text(time_ms)
