"""`wildrydes dead-letter list`."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fleet.timestamp import timestamp_text
from wildrydes.commands.dead_letter.choosing import choice, file_options, filter_options
from wildrydes.options import json_option
from wildrydes.table import print_table

if TYPE_CHECKING:
    from sinks.dead_letter_log import StoredLetter
    from wildrydes.dead_letters.marks import Marks

COUNT_HEADS = ("letters", "replayed", "stage", "last", "reason")
LETTER_HEADS = ("number", "arrival", "shard", "sequence number", "stage", "reason")


@click.command(
    "list",
    epilog="""\b
Examples:
  wildrydes dead-letter list
  wildrydes dead-letter list --last 10m --stage decode
  wildrydes dead-letter list --reason "late by" --shard 0002 --latest 100
  wildrydes dead-letter list --json | jq -r .partition_key | sort | uniq -c

\b
Exit codes: 0 ok, 1 failure, 2 usage.
""",
)
@file_options
@filter_options
@click.option(
    "--latest",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="List so many of the letters, the latest.",
)
@json_option("Each letter as one object, without its data; all of them.")
def command(
    data: Path,
    application: str | None,
    shard: str | None,
    stage: str | None,
    reason: str | None,
    last_ms: int | None,
    latest: int,
    as_json: bool,
) -> None:
    """Count letters by stage and reason, and list the latest.

    Reasons that differ only in quoted values and numbers are counted together; the table shows the
    latest of them. Times are those of arrival in the stream, UTC.
    """
    import msgspec

    from wildrydes.dead_letters.marks import Marks
    from wildrydes.dead_letters.summary import summarize
    from wildrydes.pipe_reader import ends_with_reader

    chosen = choice(data, application, shard, stage, reason, last_ms)
    marks = Marks(chosen.path)
    with ends_with_reader():
        if as_json:
            for stored in chosen.letters():
                click.echo(msgspec.json.encode(named(stored, marks)))
            return
        shown: deque[StoredLetter] = deque(maxlen=latest)
        counts = summarize(_kept(chosen.letters(), shown), marks)
        if not counts:
            click.echo(f"No dead letters in {chosen.path}" + (" that match" if _filtered() else ""))
            return
        table = [
            (f"{c.letters:,}", f"{c.replayed:,}", c.stage, timestamp_text(c.last_ms), c.reason)
            for c in counts
        ]
        print_table(COUNT_HEADS, table, numbers=COUNT_HEADS[:2])
        if shown:
            click.echo()
            rows = [_row(stored, marks) for stored in shown]
            print_table(LETTER_HEADS, rows, numbers=LETTER_HEADS[:1])
            click.echo(
                f"\n`wildrydes dead-letter show NUMBER` shows one whole. File: {chosen.path}"
            )


def named(stored: "StoredLetter", marks: "Marks") -> dict[str, Any]:
    """A letter without its data, as one JSON object."""
    letter = stored.letter
    return {
        "number": stored.number,
        "stream": stored.stream or None,
        "shard_id": letter.shard_id,
        "sequence_number": letter.sequence_number,
        "arrival": timestamp_text(letter.arrival_ms),
        "partition_key": letter.partition_key,
        "stage": letter.stage,
        "reason": letter.reason,
        "bytes": len(letter.data),
        "partial": letter.partial,
        "replayed": marks.is_replayed(stored),
    }


def _kept(
    letters: "Iterable[StoredLetter]", shown: "deque[StoredLetter]"
) -> "Iterator[StoredLetter]":
    for stored in letters:
        shown.append(stored)
        yield stored


def _filtered() -> bool:
    values = click.get_current_context().params
    return any(values[name] is not None for name in ("shard", "stage", "reason", "last_ms"))


def _row(stored: "StoredLetter", marks: "Marks") -> tuple[str, ...]:
    letter = stored.letter
    return (
        f"{stored.number}",
        timestamp_text(letter.arrival_ms),
        letter.shard_id,
        letter.sequence_number,
        letter.stage,
        ("(replayed) " if marks.is_replayed(stored) else "") + letter.reason,
    )
