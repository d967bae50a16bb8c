"""The text of a pattern, character by character: escapes, classes and bounds."""

import string
from typing import Literal

from fleet.errors import ConfigError
from labs.cloudfront.java_regex.char_set import POSIX, SHORT, CharSet

Escape = CharSet | Literal["start", "end", "line_end"] | int | str
"""Characters, an anchor, the number of a group, or its name."""

CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
ANCHORS: dict[str, Literal["start", "end", "line_end"]] = {
    "A": "start", "z": "end", "Z": "line_end",
}  # fmt: skip
OCTAL_DIGITS = 3


class PatternError(ConfigError):
    """A pattern is wrong, or not one that is taken here, at `offset` of its text."""

    def __init__(self, message: str, offset: int, *, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.offset = offset


class Reader:
    """A pattern, and how far it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    @property
    def at_end(self) -> bool:
        return self.at >= len(self._text)

    @property
    def ahead(self) -> str:
        """The next character; empty at the end."""
        return self._text[self.at : self.at + 1]

    def next(self) -> str:
        if self.at_end:
            raise self.error("the pattern ends in the middle", at=max(0, self.at - 1))
        self.at += 1
        return self._text[self.at - 1]

    def take(self, text: str) -> bool:
        """Whether that stands next; it is read then."""
        if not self._text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def error(self, message: str, *, at: int | None = None, remedy: str | None = None) -> Exception:
        return PatternError(message, self.at if at is None else at, remedy=remedy)

    def until(self, end: str, at: int) -> str:
        """The text up to `end`, which is read too."""
        stop = self._text.find(end, self.at)
        if stop < 0:
            raise self.error(f"no {end} after this", at=at)
        found = self._text[self.at : stop]
        self.at = stop + len(end)
        return found

    def quoted(self) -> str:
        """Behind \\Q: up to \\E, or to the end."""
        stop = self._text.find("\\E", self.at)
        found = self._text[self.at :] if stop < 0 else self._text[self.at : stop]
        self.at = len(self._text) if stop < 0 else stop + 2
        return found

    def bounds(self, at: int) -> tuple[int, int | None]:
        """Behind the { of a quantifier."""
        low, comma, high = self.until("}", at).partition(",")
        if not low.isdecimal() or (high and not high.isdecimal()):
            raise self.error("not a number of repetitions", at=at, remedy="write \\{ for {")
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise self.error(f"{least} is more than {most}", at=at)
        return least, most

    def escape(self, at: int) -> Escape:
        """Behind a backslash, which is at `at`."""
        char = self.next()
        if char in ANCHORS:
            return ANCHORS[char]
        if char in "123456789":
            return int(char)
        if char == "k" and self.take("<"):
            return self.until(">", at)
        if char in "bB":
            raise self.error(
                f"\\{char} is not taken here: Java's versions differ in what a word is",
                at=at,
                remedy="write the characters, in a class",
            )
        return self._chars(char, at)

    def _chars(self, char: str, at: int) -> CharSet:
        if char in SHORT:
            return SHORT[char]
        if char.lower() in SHORT:
            return ~SHORT[char.lower()]
        if char in CONTROLS:
            return CharSet.chars(CONTROLS[char])
        if char in "pP" and self.take("{"):
            name = self.until("}", at)
            if name not in POSIX:
                raise self.error(f"\\{char}{{{name}}} is not taken here", at=at)
            return POSIX[name] if char == "p" else ~POSIX[name]
        if char in "xu0":
            return CharSet.chars(self._coded(char, at))
        if char.isascii() and char.isalpha():
            raise self.error(f"Java has no \\{char}, or it is not taken here", at=at)
        return CharSet.chars(char)

    def _coded(self, char: str, at: int) -> str:
        """A character by its number: \\xhh, \\x{h...}, \\uhhhh, \\0ooo."""
        if char == "0":
            digits = ""
            while self.ahead and self.ahead in "01234567" and len(digits) < OCTAL_DIGITS:
                digits += self.next()
            base = 8
        elif char == "x" and self.take("{"):
            digits, base = self.until("}", at), 16
        else:
            digits, base = "".join(self.next() for _ in range(2 if char == "x" else 4)), 16
        allowed = string.hexdigits if base == 16 else string.octdigits
        if not digits or set(digits) - set(allowed) or int(digits, base) > 0x10FFFF:
            raise self.error(f"not the number of a character: {digits}", at=at)
        return chr(int(digits, base))

    def char_class(self, at: int) -> CharSet:
        """Behind the [ that is at `at`."""
        negated = self.take("^")
        found = CharSet(())
        while not self.take("]"):
            if self.at_end:
                raise self.error("this [ is never closed", at=at)
            if self.ahead == "[" or self._text.startswith("&&", self.at):
                raise self.error(
                    "classes within classes are not taken here",
                    remedy="write \\[ or \\& for the character",
                )
            low = self._member()
            start = low.single
            if start is not None and self.ahead == "-" and self._text[self.at + 1 :][:1] != "]":
                dash = self.at
                self.next()
                end = self._member().single
                if end is None or end < start:
                    raise self.error("not a range of characters", at=dash)
                low = CharSet.of([(ord(start), ord(end))])
            found |= low
        if not found.ranges:
            raise self.error("an empty class", at=at, remedy="write \\] for the character")
        return ~found if negated else found

    def _member(self) -> CharSet:
        at = self.at
        char = self.next()
        return self._chars(self.next(), at) if char == "\\" else CharSet.chars(char)
