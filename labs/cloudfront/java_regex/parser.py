"""Java's notation (java.util.regex.Pattern, Java SE 17) read into a tree."""

from labs.cloudfront.java_regex.char_set import LINE_ENDS, CharSet
from labs.cloudfront.java_regex.escapes import Escape, Reader
from labs.cloudfront.java_regex.tree import (
    Alternatives,
    Anchor,
    Chars,
    Group,
    Look,
    Mode,
    Node,
    Reference,
    Repeat,
    Sequence,
)

LOOKS = {"?=": (True, False), "?!": (True, True), "?<=": (False, False), "?<!": (False, True)}
QUANTIFIERS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def parse(text: str, *, ignore_case: bool = False) -> Node:
    """Raises PatternError, with the place in the text, for what is wrong and for what is not taken
    here.
    """
    reader = Reader(text)
    if reader.take("(?i)"):
        ignore_case = True
    parser = _Parser(reader, ignore_case)
    node = parser.alternatives()
    if not reader.at_end:
        raise reader.error("this ) closes nothing", remedy="write \\) for the character")
    return node


class _Parser:
    def __init__(self, reader: Reader, ignore_case: bool) -> None:
        self._reader = reader
        self._ignore_case = ignore_case
        self._groups = 0
        self._names: dict[str, int] = {}

    def alternatives(self) -> Node:
        branches = [self._sequence()]
        while self._reader.take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Alternatives(tuple(branches))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while not self._reader.at_end and self._reader.ahead not in "|)":
            if self._reader.take("\\Q"):
                quoted = [self._chars(CharSet.chars(char)) for char in self._reader.quoted()]
                items += [*quoted[:-1], *map(self._quantified, quoted[-1:])]
                continue
            items.append(self._quantified(self._atom()))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _quantified(self, node: Node) -> Node:
        reader = self._reader
        at = reader.at
        if reader.ahead in QUANTIFIERS and not reader.at_end:
            least, most = QUANTIFIERS[reader.next()]
        elif reader.take("{"):
            least, most = reader.bounds(at)
        else:
            return node
        mode: Mode = "lazy" if reader.take("?") else "possessive" if reader.take("+") else "greedy"
        if isinstance(node, Look | Anchor):
            raise reader.error("nothing to repeat: this takes no characters", at=at)
        return Repeat(node, least, most, mode)

    def _atom(self) -> Node:
        reader = self._reader
        at = reader.at
        match char := reader.next():
            case "(":
                return self._group(at)
            case "[":
                return self._chars(reader.char_class(at))
            case ".":
                return Chars(~LINE_ENDS)
            case "^":
                return Anchor("start")
            case "$":
                return Anchor("line_end")
            case "\\":
                return self._escaped(at)
            case "*" | "+" | "?" | "{":
                raise reader.error(
                    f"nothing before this {char} that it could repeat",
                    at=at,
                    remedy=f"write \\{char} for the character",
                )
        return self._chars(CharSet.chars(char))

    def _chars(self, chars: CharSet) -> Chars:
        return Chars(chars.both_cases() if self._ignore_case else chars)

    def _escaped(self, at: int) -> Node:
        escape: Escape = self._reader.escape(at)
        match escape:
            case CharSet():
                return self._chars(escape)
            case "start" | "end" | "line_end":
                return Anchor(escape)
        number = self._names.get(escape) if isinstance(escape, str) else escape
        if number is None or number > self._groups:
            raise self._reader.error(f"no group {escape} before this", at=at)
        if self._ignore_case:
            raise self._reader.error("a group repeated without regard to case", at=at)
        return Reference(number)

    def _group(self, at: int) -> Node:
        reader = self._reader
        number: int | None = None
        name = None
        look = next((LOOKS[start] for start in LOOKS if reader.take(start)), None)
        atomic = look is None and reader.take("?>")
        if look is None and not atomic and not reader.take("?:"):
            if reader.take("?<"):
                name = reader.until(">", at)
            elif reader.ahead == "?":
                raise reader.error(
                    "flags inside of a pattern are not taken here",
                    at=at,
                    remedy="(?i) at its start is, and so is the property "
                    '"input.regex.case.insensitive"',
                )
            self._groups += 1
            number = self._groups
        node = self.alternatives()
        if not reader.take(")"):
            raise reader.error("this ( is never closed", at=at)
        if name is not None and number is not None:
            self._names[name] = number
        return Look(node, *look) if look is not None else Group(node, number, atomic)
