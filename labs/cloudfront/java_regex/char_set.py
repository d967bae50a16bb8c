"""Sets of characters. Classes are kept as what they hold: engines differ in what `\\s` is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

LAST = 0x10FFFF


@dataclass(frozen=True)
class CharSet:
    """Sorted ranges of code points that do not touch, both ends included."""

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        merged: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def chars(cls, text: str) -> Self:
        return cls.of((ord(char), ord(char)) for char in text)

    def __contains__(self, char: str) -> bool:
        return any(low <= ord(char) <= high for low, high in self.ranges)

    def __or__(self, other: "CharSet") -> "CharSet":
        return CharSet.of((*self.ranges, *other.ranges))

    def __invert__(self) -> "CharSet":
        gaps, start = [], 0
        for low, high in self.ranges:
            if start < low:
                gaps.append((start, low - 1))
            start = high + 1
        if start <= LAST:
            gaps.append((start, LAST))
        return CharSet(tuple(gaps))

    @property
    def single(self) -> str | None:
        """The character, when there is one only."""
        if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1]:
            return chr(self.ranges[0][0])
        return None

    def both_cases(self) -> "CharSet":
        """With the other case of ASCII letters, which are all that Java folds unless told."""
        more = []
        for upper in range(ord("A"), ord("Z") + 1):
            lower = upper + 32
            if chr(upper) in self or chr(lower) in self:
                more += [(upper, upper), (lower, lower)]
        return CharSet.of((*self.ranges, *more))


DIGITS = CharSet.of([(0x30, 0x39)])
LETTERS = CharSet.of([(0x41, 0x5A), (0x61, 0x7A)])
WORD = DIGITS | LETTERS | CharSet.chars("_")
# RE2's \s lacks the vertical tab, Python's has what other alphabets call space.
SPACE = CharSet.chars(" \t\n\x0b\f\r")
HORIZONTAL = CharSet.chars(" \t\xa0\u1680\u180e\u202f\u205f\u3000") | CharSet.of([(0x2000, 0x200A)])
VERTICAL = CharSet.chars("\n\x0b\f\r\x85\u2028\u2029")
LINE_ENDS = CharSet.chars("\n\r\x85\u2028\u2029")
POSIX = {
    "Alpha": LETTERS,
    "Digit": DIGITS,
    "Alnum": LETTERS | DIGITS,
    "Upper": CharSet.of([(0x41, 0x5A)]),
    "Lower": CharSet.of([(0x61, 0x7A)]),
    "Punct": CharSet.of([(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)]),
    "Graph": CharSet.of([(0x21, 0x7E)]),
    "Print": CharSet.of([(0x20, 0x7E)]),
    "Blank": CharSet.chars(" \t"),
    "Cntrl": CharSet.of([(0, 0x1F), (0x7F, 0x7F)]),
    "XDigit": CharSet.of([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
    "Space": SPACE,
    "ASCII": CharSet.of([(0, 0x7F)]),
}
SHORT = {"d": DIGITS, "s": SPACE, "w": WORD, "h": HORIZONTAL, "v": VERTICAL}
