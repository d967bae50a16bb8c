"""Expressions of Terraform, as far as they say what an application is: values, paths such as
var.name, lists, objects, and the functions that put texts together.

Source: the Terraform language's pages on expressions and functions.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

FILE_BYTES_MAX = 10 * 1024 * 1024
DEPTH_MAX = 12
"""Of expressions inside each other, and of names that stand for other names."""

_SPACE = re.compile(r"(?:\s|#[^\n]*|//[^\n]*)*")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_VERB = re.compile(r"%[sdqv]")


class Unknown(ValueError):
    """The files do not say what an expression is."""


Look = Callable[[str, int], Any]
"""Gives what a dotted name stands for, so many names deep. Raises Unknown."""
Fill = Callable[[str, Mapping[str, Any] | None, int], str]
"""Puts the expressions of a text in, with names of its own, as deep."""


class Evaluation:
    """Evaluates one expression; files are read from `folder`."""

    def __init__(self, text: str, look: Look, fill: Fill, folder: Path, depth: int) -> None:
        if depth > DEPTH_MAX:
            raise Unknown
        self._text = text
        self._at = 0
        self._look = look
        self._fill = fill
        self._folder = folder
        self._depth = depth

    def value(self) -> Any:
        """Raises Unknown."""
        value = self._value()
        self._skip()
        if self._at < len(self._text):
            raise Unknown
        return value

    def _value(self) -> Any:
        self._skip()
        start = self._text[self._at : self._at + 1]
        if start == '"':
            return self._string()
        if start == "[":
            return self._items("[", "]", self._value)
        if start == "{":
            return dict(self._items("{", "}", self._member))
        if (number := _NUMBER.match(self._text, self._at)) is not None:
            self._at = number.end()
            return float(number[0]) if "." in number[0] else int(number[0])
        name = self._word()
        if self._accept("("):
            self._at -= 1
            return self._call(name, self._items("(", ")", self._value))
        if name in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[name]
        return self._path(name)

    def _path(self, name: str) -> Any:
        steps: list[Any] = [name]
        while True:
            if self._accept("."):
                steps.append(self._word())
            elif self._accept("["):
                steps.append(self._value())
                self._expect("]")
            else:
                break
        # The longest beginning that is known: data.type.label.attribute is one name.
        for length in range(min(len(steps), 4), 0, -1):
            head = steps[:length]
            if not all(isinstance(step, str) for step in head):
                continue
            try:
                value = self._look(".".join(head), self._depth + 1)
            except Unknown:
                continue
            return _within(value, steps[length:])
        raise Unknown

    def _string(self) -> str:
        begin = self._at = self._at + 1
        braces = 0
        while self._at < len(self._text):
            two = self._text[self._at : self._at + 2]
            if two == "${":
                braces, self._at = braces + 1, self._at + 2
                continue
            if two[:1] == "\\":
                self._at += 2
                continue
            if two[:1] == "}" and braces:
                braces -= 1
            elif two[:1] == '"' and not braces:
                raw = self._text[begin : self._at]
                self._at += 1
                plain = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), raw)
                return self._fill(plain, None, self._depth + 1)
            self._at += 1
        raise Unknown

    def _items(self, opened: str, closed: str, one: Callable[[], Any]) -> list[Any]:
        self._expect(opened)
        items = []
        while not self._accept(closed):
            items.append(one())
            self._accept(",")
        return items

    def _member(self) -> tuple[str, Any]:
        self._skip()
        quoted = self._text[self._at : self._at + 1] == '"'
        name = self._string() if quoted else self._word()
        if not self._accept("="):
            self._expect(":")
        return name, self._value()

    def _call(self, function: str, given: list[Any]) -> Any:
        match function, given:
            case "file", [str() as name]:
                return self._read(name)
            case "templatefile", [str() as name, Mapping() as names]:
                return self._fill(self._read(name), names, self._depth + 1)
            case "join", [str() as between, list() as parts]:
                return between.join(map(value_text, parts))
            case "format", [str() as pattern, *values]:
                return _formatted(pattern, values)
            case "replace", [str() as text, str() as old, str() as new] if old[:1] != "/":
                return text.replace(old, new)
            case (("trimspace" | "chomp"), [str() as text]):
                return text.strip() if function == "trimspace" else text.rstrip("\r\n")
            case (("lower" | "upper"), [str() as text]):
                return text.lower() if function == "lower" else text.upper()
            case (("tostring" | "tolist" | "toset" | "nonsensitive"), [value]):
                return value
        raise Unknown

    def _read(self, name: str) -> str:
        path = self._folder / name
        try:
            if not path.is_file() or path.stat().st_size > FILE_BYTES_MAX:
                raise Unknown
            return path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise Unknown from None

    def _word(self) -> str:
        self._skip()
        word = _NAME.match(self._text, self._at)
        if word is None:
            raise Unknown
        self._at = word.end()
        return word[0]

    def _accept(self, sign: str) -> bool:
        self._skip()
        is_there = self._text.startswith(sign, self._at)
        self._at += len(sign) * is_there
        return is_there

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise Unknown

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = space.end() if space is not None else self._at


def _formatted(pattern: str, values: list[Any]) -> str:
    if len(_VERB.findall(pattern)) != len(values):
        raise Unknown
    left = iter(values)
    return _VERB.sub(lambda _: value_text(next(left)), pattern)


def _within(value: Any, steps: list[Any]) -> Any:
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            raise Unknown from None
    return value


def value_text(value: Any) -> str:
    """A value in a text. Raises Unknown for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise Unknown
