"""What people have, in its five shapes, as one: an application's parts.

What a template leaves open (`Ref`, `${var.name}`) is put in where the same file says what it is,
and stays in the text as `${...}` where it does not.
"""

import json
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError
from wildrydes.moving_in.cloudformation import NotYaml, template_parts, yaml_value
from wildrydes.moving_in.describe import described_parts
from wildrydes.moving_in.node import Part, limit_nodes
from wildrydes.moving_in.serverless import is_serverless, serverless_template
from wildrydes.moving_in.terraform import terraform_parts

BYTES_MAX = 10 * 1024 * 1024
"""Of a file: more than CloudFormation takes."""


def read_document(path: Path) -> list[Part]:
    """The SQL applications of a file. Raises ConfigError for a file that has none."""
    text = _text(path)
    if path.suffix == ".tf":
        parts = terraform_parts(text, path)
    else:
        value = _decoded(text, path)
        limit_nodes(value, path)
        if is_serverless(value):
            value = serverless_template(value, path.parent)
            limit_nodes(value, path)
        parts = template_parts(value) if "Resources" in value else described_parts(value, path)
    if not parts:
        raise ConfigError(
            f"{path} has no SQL application",
            remedy="give the output of `aws kinesisanalytics describe-application` or "
            "`aws kinesisanalyticsv2 describe-application`, a CloudFormation template, a "
            "serverless.yml, or a .tf file; of a CDK application, what `cdk synth` printed",
        )
    return parts


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > BYTES_MAX:
        raise ConfigError(f"{path} has {len(data):,} bytes; at most {BYTES_MAX:,} are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error}", remedy="save it as UTF-8") from None


def _decoded(text: str, path: Path) -> dict[str, Any]:
    """JSON, or YAML."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ConfigError(f"{path} is too deep") from None
    except ValueError as error:
        if text.lstrip()[:1] in "{[":
            raise ConfigError(f"{path} is not JSON: {error}") from None
        try:
            value = yaml_value(text)
        except NotYaml as fault:
            raise ConfigError(
                f"{path} is neither JSON nor YAML: {fault}",
                remedy="a Terraform file is known by its name, FILE.tf",
            ) from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path} is not one object")
    return value
