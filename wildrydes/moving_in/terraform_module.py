"""A Terraform module: what its files say of variables, locals and resources, and the texts in which
they stand.

What the files do not say stays as `${...}`.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildrydes.moving_in.hcl_expression import Evaluation, Unknown, value_text
from wildrydes.moving_in.node import nodes, open_places, text_of

_HEREDOC = re.compile(r"<<(-?)(\w+)\n(.*?)\n?[ \t]*\2\s*", re.DOTALL)
_LOOP = re.compile(
    r"(?P<before>\s*)%\{(?P<cut_before>~?)\s*for\s+(?P<name>[\w-]+)\s+in\s+(?P<of>[^~}]*?)\s*"
    r"(?P<cut_first>~?)\}(?P<body>.*?)%\{(?P<cut_last>~?)\s*endfor\s*(?P<cut_after>~?)\}"
    r"(?P<after>\s*)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"(?:data\.)?([\w-]+)\.([\w-]+)\.(?:arn|name|id|bucket)")
_NAMES = ("name", "bucket", "function_name")

EVALUATIONS_MAX = 100_000

Names = Mapping[str, Any]
"""What names stand for besides variables and locals: those of templatefile and of loops."""


class Module:
    """The documents of a module, and the values of its variables before their defaults."""

    def __init__(
        self, documents: Sequence[Mapping[str, Any]], values: Mapping[str, Any], folder: Path
    ) -> None:
        self._documents = documents
        self._values = values
        self._folder = folder
        self._left = EVALUATIONS_MAX
        self._resources = [*self.blocks("resource"), *self.blocks("data")]

    def blocks(self, kind: str, number: int | None = None) -> list[tuple[str, str, Any]]:
        """(type, label, body) of the blocks with two labels, of one document or of all."""
        documents = self._documents if number is None else self._documents[number : number + 1]
        return [
            (str(type_), str(label), body)
            for document in documents
            for block in nodes(document, kind)
            for type_, labelled in block.items()
            if isinstance(labelled, Mapping)
            for label, body in labelled.items()
            if isinstance(body, Mapping)
        ]

    def resolved(self, value: Any, names: Names | None = None, depth: int = 0) -> Any:
        """A value with its expressions put in where the files say what they are."""
        if isinstance(value, list):
            return [self.resolved(item, names, depth) for item in value]
        if isinstance(value, Mapping):
            body = {k: v for k, v in value.items() if k not in ("__is_block__", "dynamic")}
            made = {k: self.resolved(v, names, depth) for k, v in body.items()}
            for block in nodes(value, "dynamic"):
                for kind, dynamic in block.items():
                    if isinstance(dynamic, Mapping):
                        made[kind] = self._repeated(kind, dynamic, names, depth)
            return made
        return self._whole(value, names, depth) if isinstance(value, str) else value

    def _repeated(
        self, kind: str, dynamic: Mapping[str, Any], names: Names | None, depth: int
    ) -> list[Any]:
        """The blocks that a dynamic block makes; none if it is not known for what."""
        given = self.resolved(dynamic.get("for_each"), names, depth)
        if not isinstance(given, Mapping | list):
            return []
        items = given.items() if isinstance(given, Mapping) else enumerate(given)
        iterator = str(dynamic.get("iterator", kind)).removeprefix("${").removesuffix("}")
        return [
            self.resolved(content, {**(names or {}), iterator: {"key": key, "value": item}}, depth)
            for key, item in items
            for content in nodes(dynamic, "content")
        ]

    def _whole(self, text: str, names: Names | None, depth: int) -> Any:
        """A text, or the value of an expression that is all of it."""
        heredoc = _HEREDOC.fullmatch(text)
        if heredoc is not None:
            inner = textwrap.dedent(heredoc[3]) if heredoc[1] else heredoc[3]
            return self._filled(inner, names, depth)
        places = list(open_places(text))
        if places == [text]:
            try:
                return self._evaluated(text[2:-1], names, depth)
            except Unknown:
                return text
        return self._filled(text, names, depth)

    def _filled(self, text: str, names: Names | None, depth: int) -> str:
        """A text with its loops and its expressions put in."""
        text = _LOOP.sub(lambda match: self._loop(match, names, depth), text)
        return "".join(self._pieces(text, names, depth))

    def _pieces(self, text: str, names: Names | None, depth: int) -> Iterator[str]:
        for place in open_places(text):
            before, _, text = text.partition(place)
            yield before
            try:
                yield value_text(self._evaluated(place[2:-1], names, depth))
            except Unknown:
                yield place
        yield text

    def _loop(self, match: re.Match[str], names: Names | None, depth: int) -> str:
        try:
            items = self._evaluated(match["of"], names, depth)
        except Unknown:
            return match[0]
        if not isinstance(items, list):
            return match[0]
        body = match["body"].lstrip() if match["cut_first"] else match["body"]
        body = body.rstrip() if match["cut_last"] else body
        rounds = [self._filled(body, {**(names or {}), match["name"]: i}, depth) for i in items]
        before = "" if match["cut_before"] else match["before"]
        return before + "".join(rounds) + ("" if match["cut_after"] else match["after"])

    def _evaluated(self, expression: str, names: Names | None, depth: int) -> Any:
        # A few lines of locals can stand for billions of each other.
        self._left -= 1
        if self._left < 0:
            raise Unknown

        def look(name: str, deep: int) -> Any:
            return self._named(name, names, deep)

        def template(text: str, own: Names | None, deep: int) -> str:
            return self._filled(text, names if own is None else own, deep)

        return Evaluation(expression, look, template, self._folder, depth).value()

    def _named(self, name: str, names: Names | None, depth: int) -> Any:
        """What a name stands for. Raises Unknown."""
        if names is not None and name in names:
            return names[name]
        scope, _, rest = name.partition(".")
        if name in ("path.module", "path.root", "path.cwd"):
            return "."
        if scope == "var":
            return self._variable(rest)
        if scope == "local":
            for document in self._documents:
                for block in nodes(document, "locals"):
                    if rest in block:
                        return self.resolved(block[rest], None, depth)
        attribute = _ATTRIBUTE.fullmatch(name)
        for kind, label, body in self._resources if attribute is not None else ():
            if attribute is not None and (kind, label) == (attribute[1], attribute[2]):
                found = text_of(
                    self.resolved({k: body.get(k) for k in _NAMES}, None, depth), *_NAMES
                )
                if found and not list(open_places(found)):
                    return found
        raise Unknown

    def _variable(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        for document in self._documents:
            for block in nodes(document, "variable"):
                body = block.get(name)
                if isinstance(body, Mapping) and body.get("default") is not None:
                    return body["default"]
        raise Unknown
