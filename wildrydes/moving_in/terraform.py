"""Terraform files: aws_kinesis_analytics_application, aws_kinesisanalyticsv2_application with SQL.

Expressions are put in where the same file says what they are: variables with a default, locals,
names of resources, file("..."). Others stay as `${...}`.
"""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError
from wildrydes.moving_in.node import Node, Part, folded, limit_nodes, node, nodes, text_of

V1 = "aws_kinesis_analytics_application"
V2 = "aws_kinesisanalyticsv2_application"

_EXPRESSION = re.compile(r'\$\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}')
_HEREDOC = re.compile(r"<<(-?)(\w+)\n(.*?)\n?[ \t]*\2\s*", re.DOTALL)
_FILE = re.compile(r'file\(\s*"(.*)"\s*\)')
_ATTRIBUTE = re.compile(r"(?:data\.)?(\w+)\.([\w-]+)(?:\[\d+\])?\.(?:arn|name|id|bucket)")
_DEPTH_MAX = 8


def terraform_parts(text: str, path: Path) -> list[Part]:
    """The SQL applications of a file. Raises ConfigError for what is no HCL."""
    import hcl2

    options = hcl2.SerializationOptions(strip_string_quotes=True)
    try:
        document = hcl2.loads(text, serialization_options=options)
    # The library's parser raises its own kinds of error, and has no common one.
    except Exception as error:
        reason = str(error).strip().splitlines()
        raise ConfigError(
            f"{path} is not HCL: {reason[0] if reason else type(error).__name__}",
            remedy="`terraform validate` says more",
        ) from None
    limit_nodes(document, path)
    return _Module(document, path.parent).parts()


class _Module:
    def __init__(self, document: Mapping[str, Any], folder: Path) -> None:
        self._folder = folder
        self._document = document
        self._resources = [*self._blocks("resource"), *self._blocks("data")]

    def parts(self) -> list[Part]:
        parts = []
        for kind, label, raw in self._resources:
            if kind == V1:
                parts.append(self._first(label, folded(self._resolved(raw))))
            elif kind == V2 and str(raw.get("runtime_environment", "")).startswith("SQL"):
                parts.append(self._second(label, folded(self._resolved(raw))))
        return parts

    def _first(self, label: str, block: Node) -> Part:
        return Part(
            name=text_of(block, "name") or label,
            text=text_of(block, "code"),
            inputs=nodes(block, "inputs"),
            outputs=nodes(block, "outputs"),
            references=nodes(block, "referencedatasources"),
            logs=bool(nodes(block, "cloudwatchloggingoptions")),
        )

    def _second(self, label: str, block: Node) -> Part:
        configuration = node(block, "applicationconfiguration")
        sql = node(configuration, "sqlapplicationconfiguration")
        content = node(node(configuration, "applicationcodeconfiguration"), "codecontent")
        return Part(
            name=text_of(block, "name") or label,
            text=text_of(content, "textcontent"),
            inputs=nodes(sql, "input"),
            outputs=nodes(sql, "output"),
            references=nodes(sql, "referencedatasource"),
            logs=bool(nodes(block, "cloudwatchloggingoptions")),
        )

    def _blocks(self, kind: str) -> list[tuple[str, str, Mapping[str, Any]]]:
        """(type, label, body) of the blocks with two labels."""
        return [
            (str(type_), str(label), body)
            for block in nodes(self._document, kind)
            for type_, labelled in block.items()
            if isinstance(labelled, Mapping)
            for label, body in labelled.items()
            if isinstance(body, Mapping)
        ]

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if isinstance(value, Mapping):
            return {k: self._resolved(v) for k, v in value.items() if k != "__is_block__"}
        return self._text(value, 0) if isinstance(value, str) else value

    def _text(self, value: str, depth: int) -> str:
        heredoc = _HEREDOC.fullmatch(value)
        if heredoc is not None:
            value = textwrap.dedent(heredoc[3]) if heredoc[1] else heredoc[3]
        if depth > _DEPTH_MAX:
            return value
        return _EXPRESSION.sub(lambda match: self._expression(match, depth + 1), value)

    def _expression(self, match: re.Match[str], depth: int) -> str:
        expression = match[1].strip()
        if (file := _FILE.fullmatch(expression)) is not None:
            name = file[1].replace('\\"', '"').replace("${path.module}", str(self._folder))
            path = self._folder / name
            return path.read_text() if path.is_file() else match[0]
        found = self._value(expression)
        return match[0] if found is None else self._text(found, depth)

    def _value(self, expression: str) -> str | None:
        scope, _, name = expression.partition(".")
        if scope == "var":
            blocks = [block for block in nodes(self._document, "variable") if name in block]
            default = node(blocks[0], name).get("default") if blocks else None
            return str(default) if isinstance(default, str | int | float) else None
        if scope == "local":
            known = [block[name] for block in nodes(self._document, "locals") if name in block]
            return str(known[0]) if known and isinstance(known[0], str | int | float) else None
        attribute = _ATTRIBUTE.fullmatch(expression)
        for kind, label, body in self._resources if attribute is not None else ():
            if attribute is not None and (kind, label) == (attribute[1], attribute[2]):
                return text_of(body, "name", "bucket", "function_name") or None
        return None
