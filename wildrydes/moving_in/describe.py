"""What describe-application printed or create-application takes as --cli-input-json, of version 1
and 2 of the API.

Sources: API_ApplicationDetail and API_CreateApplication of both versions.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError
from wildrydes.moving_in.node import Node, Part, folded, node, nodes, text_of


def described_parts(value: Mapping[str, Any], path: Path) -> list[Part]:
    """The application. Raises ConfigError for one that is no SQL."""
    detail = folded(value)
    detail = node(detail, "applicationdetail") or detail
    runtime = text_of(detail, "runtimeenvironment")
    if runtime and not runtime.startswith("SQL"):
        raise ConfigError(f"{path}: the application's runtime is {runtime}, which is no SQL")
    configuration = node(detail, "applicationconfigurationdescription", "applicationconfiguration")
    sql = _either(configuration, "sqlapplicationconfiguration") or detail
    code = _either(configuration, "applicationcodeconfiguration")
    content = node(code, "codecontentdescription", "codecontent")
    text = text_of(detail, "applicationcode") or text_of(content, "textcontent")
    name = text_of(detail, "applicationname")
    inputs = nodes(sql, "inputdescriptions", "inputs")
    if not name or not (text or inputs):
        return []
    return [
        Part(
            name=name,
            text=text,
            inputs=inputs,
            outputs=nodes(sql, "outputdescriptions", "outputs"),
            references=nodes(sql, "referencedatasourcedescriptions", "referencedatasources"),
            logs=bool(
                nodes(detail, "cloudwatchloggingoptiondescriptions", "cloudwatchloggingoptions")
            ),
        )
    ]


def _either(of: Node, name: str) -> Node:
    """A part as describe-application prints it, or as create-application takes it."""
    return node(of, f"{name}description", name)
