"""What came of one comparison: how much was expected and found, and the first examples of each kind
of mistake, with enough to find them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["missing", "extra", "different", "repeated"]
KINDS: Final[tuple[Kind, ...]] = ("missing", "extra", "different", "repeated")
PARTS: Final = ("archive", "summary", "table")
"""The places that can be left out."""
EXAMPLES_MAX: Final = 5
"""Of each kind."""


@dataclass(frozen=True, slots=True)
class Example:
    """One mistake."""

    kind: Kind
    where: Mapping[str, str]
    """What finds it: shard, sequence number, object, key."""
    expected: str | None = None
    got: str | None = None


@dataclass(slots=True)
class Comparison:
    """What one place should hold, and what it holds."""

    name: str
    repeats_allowed: bool = False
    """Whether the place promises each thing at least once only."""
    expected: int = 0
    found: int = 0
    """Of those expected, as they should be."""
    counts: Counter[Kind] = field(default_factory=Counter)
    not_judged: Counter[str] = field(default_factory=Counter)
    """Reason -> how many."""
    examples: list[Example] = field(default_factory=list)
    skipped: str | None = None
    """Why nothing was compared."""

    @property
    def wrong(self) -> int:
        """How many mistakes there are."""
        allowed = self.counts["repeated"] if self.repeats_allowed else 0
        return self.counts.total() - allowed

    def add(self, example: Example) -> None:
        """Keeps an example, if there are not enough of its kind."""
        if sum(known.kind == example.kind for known in self.examples) < EXAMPLES_MAX:
            self.examples.append(example)
