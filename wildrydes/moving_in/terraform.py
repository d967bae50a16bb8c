"""Terraform files: aws_kinesis_analytics_application, aws_kinesisanalyticsv2_application with SQL.

Expressions are put in where the module, the files of the folder, says what they are: variables with
a value or a default, locals, names of resources, file("..."), templatefile("...", {...}), loops of
templates and dynamic blocks. Others stay as `${...}`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError
from wildrydes.moving_in.node import Node, Part, folded, limit_nodes, node, nodes, text_of
from wildrydes.moving_in.terraform_module import Module

V1 = "aws_kinesis_analytics_application"
V2 = "aws_kinesisanalyticsv2_application"

FILES_MAX = 200
"""Of a module; those after it are not read."""
BYTES_MAX = 10 * 1024 * 1024
"""Of all the other files of a module."""


def terraform_parts(text: str, path: Path) -> list[Part]:
    """The SQL applications of a file. Raises ConfigError for what is no HCL."""
    document = _document(text, path)
    others, values = _module(path)
    module = Module([document, *others], values, path.parent)
    parts = []
    for kind, label, raw in module.blocks("resource", 0):
        if kind == V1:
            parts.append(_first(label, folded(module.resolved(raw))))
        elif kind == V2 and str(raw.get("runtime_environment", "")).startswith("SQL"):
            parts.append(_second(label, folded(module.resolved(raw))))
    return parts


def _document(text: str, path: Path) -> Mapping[str, Any]:
    import hcl2

    options = hcl2.SerializationOptions(strip_string_quotes=True)
    try:
        document: dict[str, Any] = hcl2.loads(text, serialization_options=options)
    # The library's parser raises its own kinds of error, and has no common one.
    except Exception as error:
        reason = str(error).strip().splitlines()
        raise ConfigError(
            f"{path} is not HCL: {reason[0] if reason else type(error).__name__}",
            remedy="`terraform validate` says more",
        ) from None
    limit_nodes(document, path)
    return document


def _module(path: Path) -> tuple[list[Mapping[str, Any]], dict[str, Any]]:
    """The other files of a module, and the values that its variables have there. What of them
    cannot be read is as if it were not there: then it is named as what to fill in.
    """
    folder = path.parent
    files = [file for file in sorted(folder.glob("*.tf")) if file.name != path.name]
    documents = list(_readable(files[:FILES_MAX]))
    values: dict[str, Any] = {}
    for document in _readable([folder / "terraform.tfvars", *sorted(folder.glob("*.auto.tfvars"))]):
        values |= document
    return documents, values


def _readable(files: list[Path]) -> Iterator[Mapping[str, Any]]:
    left = BYTES_MAX
    for file in files:
        try:
            left -= file.stat().st_size
            if left < 0:
                return
            yield _document(file.read_text(encoding="utf-8-sig"), file)
        except (OSError, UnicodeDecodeError, ConfigError):
            continue


def _first(label: str, block: Node) -> Part:
    return Part(
        name=text_of(block, "name") or label,
        text=text_of(block, "code"),
        inputs=nodes(block, "inputs"),
        outputs=nodes(block, "outputs"),
        references=nodes(block, "referencedatasources"),
        logs=bool(nodes(block, "cloudwatchloggingoptions")),
    )


def _second(label: str, block: Node) -> Part:
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
