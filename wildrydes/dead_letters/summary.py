"""Letters counted by what went wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sinks.dead_letter_log import StoredLetter
from wildrydes.dead_letters.marks import Marks

_PARTICULAR = re.compile(r"'(?:[^'\\]|\\.)*'|-?\d[\d,.:]*(?:[eE][-+]?\d+)?")
"""What differs from record to record: quoted values and numbers."""


@dataclass(slots=True)
class Count:
    """The letters of one stage whose reasons differ in values only."""

    stage: str
    reason: str
    """That of the latest of them."""
    letters: int = 0
    replayed: int = 0
    first_ms: int = 0
    last_ms: int = 0


def summarize(letters: Iterable[StoredLetter], marks: Marks) -> list[Count]:
    """The counts, largest first."""
    counts: dict[tuple[str, str], Count] = {}
    for stored in letters:
        letter = stored.letter
        kind = letter.stage, _PARTICULAR.sub("...", letter.reason)
        count = counts.setdefault(kind, Count(*kind, first_ms=letter.arrival_ms))
        count.letters += 1
        count.replayed += marks.is_replayed(stored)
        count.reason = letter.reason
        count.first_ms = min(count.first_ms, letter.arrival_ms)
        count.last_ms = max(count.last_ms, letter.arrival_ms)
    return sorted(counts.values(), key=lambda count: -count.letters)
