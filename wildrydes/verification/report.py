"""What `wildrydes verify` prints."""

from collections.abc import Iterator
from typing import Any

import click

from fleet.timestamp import timestamp_text
from wildrydes.table import print_table, printable
from wildrydes.verification.comparison import KINDS, Comparison
from wildrydes.verification.row_check import OF_STREAM, OUTSIDE
from wildrydes.verification.verification import IN_SUMMARY, IN_TABLE, Verdict

LINE_CHARACTERS = 400
"""Of a record or row in an example."""


def is_empty(verdict: Verdict) -> bool:
    """Whether there was nothing to judge, or no window yet that has ended."""
    windows = [c for c in verdict.comparisons if _is_of_windows(c) and c.skipped is None]
    all_open = not any(c.expected for c in windows) and any(c.not_judged[OUTSIDE] for c in windows)
    return verdict.wrong == 0 and (verdict.judged == 0 or all_open)


def _is_of_windows(comparison: Comparison) -> bool:
    return comparison.name in (IN_SUMMARY, IN_TABLE)


def _left_out(verdict: Verdict) -> list[str]:
    """The comparisons that nobody asked to skip and that were not made, or not of all streams."""
    return [
        c.name
        for c in verdict.comparisons
        if (c.skipped or "").startswith("not judged")
        or any(reason.startswith(OF_STREAM) for reason in c.not_judged)
    ]


def print_verdict(verdict: Verdict) -> None:
    """The table, why some things are not judged, examples of what is wrong, and a last line."""
    titles = ("expected", "found", *KINDS, "not judged")
    table: list[list[str]] = []
    for comparison in verdict.comparisons:
        if comparison.skipped is not None:
            table.append([comparison.name, *["-"] * len(titles)])
            continue
        numbers = [comparison.expected, comparison.found]
        numbers += [comparison.counts[kind] for kind in KINDS]
        numbers.append(comparison.not_judged.total())
        table.append([comparison.name, *(f"{number:,}" for number in numbers)])
    print_table(["", *titles], table, numbers=titles)
    click.echo()
    click.echo(_judged(verdict))
    for line in _notes(verdict):
        click.echo(line)
    for comparison in verdict.comparisons:
        for line in _examples(comparison):
            click.echo(line)
    click.echo()
    click.echo(last_word(verdict))


def last_word(verdict: Verdict) -> str:
    """One sentence."""
    if verdict.wrong:
        where = [c.name for c in verdict.comparisons if c.wrong]
        return f"WRONG: {verdict.wrong:,} in {', '.join(where)}"
    if is_empty(verdict):
        return (
            "nothing to judge: no window has ended before the cut-off yet; try again in a minute, "
            "or with a shorter --settle"
        )
    if left_out := _left_out(verdict):
        return f"all right, as far as it is judged: see {', '.join(left_out)} above"
    return "all right"


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """The same for scripts."""
    extent = verdict.extent
    return {
        "ok": not verdict.wrong and not is_empty(verdict),
        "summary": last_word(verdict),
        "since": None if extent.since_ms is None else timestamp_text(extent.since_ms),
        "until": timestamp_text(extent.until_ms),
        "records": verdict.records,
        "shards": verdict.shards,
        "newest_row": None if verdict.newest_ms is None else timestamp_text(verdict.newest_ms),
        "comparisons": [_comparison_json(comparison) for comparison in verdict.comparisons],
    }


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "name": comparison.name,
        "ok": None if comparison.skipped else not comparison.wrong,
        "skipped": comparison.skipped,
        "expected": comparison.expected,
        "found": comparison.found,
        **{kind: comparison.counts[kind] for kind in KINDS},
        "not_judged": {
            reason: count
            for reason, count in comparison.not_judged.items()
            if count or reason.startswith(OF_STREAM)
        },
        "examples": [
            {
                "kind": example.kind,
                **example.where,
                "expected": example.expected,
                "got": example.got,
            }
            for example in comparison.examples
        ],
    }


def _judged(verdict: Verdict) -> str:
    extent = verdict.extent
    since = "the stream's beginning"
    if extent.since_ms is not None:
        since = timestamp_text(extent.since_ms)
    shards = f"{verdict.shards:,} shard{'s' if verdict.shards != 1 else ''}"
    return (
        f"{verdict.records:,} records of {shards}. Judged is what began at or after {since} and "
        f"ended by {timestamp_text(extent.until_ms)} (UTC, the stream's clock)."
    )


def _notes(verdict: Verdict) -> Iterator[str]:
    for comparison in verdict.comparisons:
        if comparison.skipped is not None:
            yield f"  {comparison.name}: {comparison.skipped}"
        for reason, count in comparison.not_judged.items():
            if count or reason.startswith(OF_STREAM):
                yield f"  {comparison.name}: not judged: {count:,} {reason}"
    missing = any(c.counts["missing"] for c in verdict.comparisons if _is_of_windows(c))
    newest_ms = verdict.newest_ms
    if missing and newest_ms is not None and newest_ms < verdict.extent.until_ms:
        yield (
            f"  the newest row is of {timestamp_text(newest_ms)}: if nothing landed since, the "
            "processor is behind or stopped"
        )


def _examples(comparison: Comparison) -> Iterator[str]:
    for kind in KINDS:
        examples = [example for example in comparison.examples if example.kind == kind]
        if not examples:
            continue
        yield ""
        yield f"{comparison.name}, {kind} ({len(examples)} of {comparison.counts[kind]:,}):"
        for example in examples:
            where = ", ".join(f"{name} {value}" for name, value in example.where.items())
            yield f"  {printable(where)}"
            if example.expected is not None:
                yield f"    expected {_cut(example.expected)}"
            if example.got is not None:
                yield f"    got      {_cut(example.got)}"


def _cut(text: str) -> str:
    shown = printable(text[:LINE_CHARACTERS])
    return shown if len(text) <= LINE_CHARACTERS else f"{shown}..."
