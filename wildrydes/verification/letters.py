"""The dead letters: what this decoder refuses, against what the processor says it refused.

    letters   shard, sequence_number, arrival_ms, stage, row

`row`: the row in the spelling of rows.py, of a letter that is about one.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from fleet.errors import ConfigError
from fleet.timestamp import timestamp_ms, timestamp_text
from sinks.dead_letter import FILE_NAME
from wildrydes.verification.comparison import EXAMPLES_MAX, Comparison, Example
from wildrydes.verification.database import Database
from wildrydes.verification.extent import Extent
from wildrydes.verification.rows import spelled

NAME: Final = "dead letters"
LETTERS_AT_ONCE: Final = 10_000
PLACES: Final = ("processor/{}", "up/processor/{}", "{}")
"""Where the processor's folder can be below --data: as `processor` and as `up` have it."""


def find_letters(data: Path, application: str) -> Path:
    """The file in the folder that the processor was given. Raises ConfigError."""
    for place in PLACES:
        path = data / place.format(application) / FILE_NAME
        if path.is_file():
            return path
    raise ConfigError(
        f"there are no dead letters of application {application} in {data}",
        remedy="give with --data the folder that the processor has, or none",
    )


def load_letters(database: Database, path: Path | None) -> None:
    """Reads the file; a last line without its end is passed over. Raises ConfigError."""
    database.execute(
        "CREATE TABLE letters (shard VARCHAR, sequence_number VARCHAR, arrival_ms BIGINT, "
        "stage VARCHAR, reason VARCHAR, row VARCHAR)"
    )
    if path is None:
        return
    columns: dict[str, list[Any]] = defaultdict(list)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                letter = json.loads(line)
                columns["shard"].append(letter["shard_id"])
                columns["sequence_number"].append(letter["sequence_number"])
                columns["arrival_ms"].append(timestamp_ms(letter["arrival"]))
                columns["stage"].append(letter["stage"])
                columns["reason"].append(letter["reason"])
                columns["row"].append(_row(letter))
            except (ValueError, KeyError, TypeError) as error:
                raise ConfigError(f"{path}, line {number} is no dead letter: {error}") from None
            if len(columns["row"]) == LETTERS_AT_ONCE:
                database.insert("letters", columns)
                columns.clear()
    if columns:
        database.insert("letters", columns)


def _row(letter: dict[str, Any]) -> str | None:
    if letter["stage"] == "decode":
        return None
    row = json.loads(letter["data"])
    return spelled(row) if isinstance(row, dict) else None


def compare_letters(database: Database, extent: Extent, path: Path | None) -> Comparison:
    """A letter for each record that has a row which has to be refused, for each row that fails, and
    no other.
    """
    comparison = Comparison(NAME)
    judged = extent.holds("arrival_ms", "arrival_ms")
    database.execute(
        f"""
        CREATE TEMP TABLE wanted_letters AS
        SELECT shard, sequence_number, 'decode' AS stage, arrival_ms, any_value(reason) AS reason,
            1 AS copies FROM refused WHERE {judged} GROUP BY ALL
        UNION ALL
        SELECT '', '', 'pump ' || pump, end_ms, 'does not fit its columns', count(*)
        FROM failed WHERE {extent.holds("end_ms", "end_ms")} GROUP BY ALL;
        CREATE TEMP TABLE got_letters AS
        SELECT if(stage = 'decode', shard, '') AS shard,
            if(stage = 'decode', sequence_number, '') AS sequence_number, stage, arrival_ms,
            any_value(reason) AS reason, count(*) AS copies
        FROM letters WHERE {judged} AND NOT starts_with(stage, 'sink ') GROUP BY 1, 2, 3, 4;
        CREATE TEMP TABLE pairs_of_letters AS
        SELECT p.*, EXISTS (FROM doubtful d WHERE d.arrival_ms = p.arrival_ms) AS doubtful
        FROM (
            SELECT shard, sequence_number, stage, arrival_ms,
                coalesce(w.copies, 0) AS wanted, coalesce(g.copies, 0) AS got,
                coalesce(w.reason, g.reason) AS reason
            FROM wanted_letters w
            FULL JOIN got_letters g USING (shard, sequence_number, stage, arrival_ms)
        ) p
        """
    )
    comparison.expected = database.number("SELECT sum(wanted) FROM pairs_of_letters")
    if path is None:
        comparison.not_judged["without --data the file is not looked at"] = comparison.expected
        return comparison
    number = database.number
    comparison.found = number("SELECT sum(least(wanted, got)) FROM pairs_of_letters")
    comparison.counts["missing"] = number(
        "SELECT sum(wanted - got) FROM pairs_of_letters WHERE got < wanted"
    )
    comparison.counts["extra"] = number(
        "SELECT sum(got) FROM pairs_of_letters WHERE wanted = 0 AND NOT doubtful"
    )
    comparison.counts["repeated"] = number(
        "SELECT sum(got - wanted) FROM pairs_of_letters WHERE got > wanted AND wanted > 0"
    )
    comparison.not_judged["about records that are not judged"] = number(
        "SELECT sum(got) FROM pairs_of_letters WHERE wanted = 0 AND doubtful"
    )
    _add_examples(database, comparison)
    return comparison


def _add_examples(database: Database, comparison: Comparison) -> None:
    kinds: Sequence[tuple[Any, str]] = (
        ("missing", "got < wanted"),
        ("extra", "wanted = 0 AND NOT doubtful"),
        ("repeated", "wanted > 0 AND got > wanted"),
    )
    for kind, condition in kinds:
        if not comparison.counts[kind]:
            continue
        for shard, number, stage, arrival_ms, reason in database.rows(
            "SELECT shard, sequence_number, stage, arrival_ms, reason FROM pairs_of_letters "
            f"WHERE {condition} ORDER BY arrival_ms, shard, sequence_number LIMIT {EXAMPLES_MAX}"
        ):
            where = {"stage": stage, "arrival": timestamp_text(arrival_ms)}
            if shard:
                where |= {"shard": shard, "sequence_number": number}
            comparison.add(Example(kind, where, reason if kind == "missing" else None, reason))
