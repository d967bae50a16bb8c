"""serverless.yml of the Serverless Framework: the CloudFormation template under `resources`, with
the variables that the file itself, or a file beside it, gives.

Source: the Serverless Framework's page on variables: self, file, and a default after a comma.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wildrydes.moving_in.cloudformation import NotYaml, yaml_value

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_FILE = re.compile(r"file\(\s*([^()]+?)\s*\)(?::([\w.-]+))?")
_DEPTH_MAX = 12
_FILE_BYTES_MAX = 10 * 1024 * 1024
_FILES_MAX = 200
_VARIABLES_MAX = 100_000
"""A few lines can stand for billions of each other."""


def is_serverless(value: Mapping[str, Any]) -> bool:
    """Whether a document is a serverless.yml."""
    return "service" in value and "resources" in value


def serverless_template(value: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The template of a serverless.yml in a folder; what is not known stays as `${...}`."""
    resolver = _Resolver(value, folder)
    given = resolver.resolved(value.get("resources"), 0)
    parts = given if isinstance(given, list) else [given]
    merged: dict[str, Any] = {}
    for part in parts:
        for section, body in part.items() if isinstance(part, Mapping) else ():
            if isinstance(body, Mapping):
                merged[section] = {**merged.get(section, {}), **body}
    return merged


class _Resolver:
    def __init__(self, document: Mapping[str, Any], folder: Path) -> None:
        self._document = document
        self._folder = folder
        self._files_left = _FILES_MAX
        self._variables_left = _VARIABLES_MAX

    def resolved(self, value: Any, depth: int) -> Any:
        if depth > _DEPTH_MAX:
            return value
        if isinstance(value, Mapping):
            return {key: self.resolved(item, depth) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item, depth) for item in value]
        return self._text(value, depth) if isinstance(value, str) else value

    def _text(self, text: str, depth: int) -> Any:
        whole = _VARIABLE.fullmatch(text.strip())
        if whole is not None:
            found = self._variable(whole[1], depth)
            return text if found is None else self.resolved(found, depth + 1)
        filled = _VARIABLE.sub(lambda match: self._inside(match, depth), text)
        # A variable may stand inside another one's name.
        return text if filled == text else self.resolved(filled, depth + 1)

    def _inside(self, match: re.Match[str], depth: int) -> str:
        found = self._variable(match[1], depth)
        is_text = isinstance(found, str | int | float) and not isinstance(found, bool)
        return str(found) if is_text else match[0]

    def _variable(self, expression: str, depth: int) -> Any:
        """What the first alternative that is known says; None: none is."""
        self._variables_left -= 1
        for each in expression.split(",") if self._variables_left >= 0 else ():
            alternative = each.strip()
            if alternative[:1] in ("'", '"') and alternative[-1:] == alternative[:1]:
                return alternative[1:-1]
            file = _FILE.fullmatch(alternative)
            if file is not None:
                found = self._file(file[1], file[2])
            elif alternative.startswith("self:"):
                found = _at(self._document, alternative.removeprefix("self:"))
            else:
                found = None
            if found is not None:
                return found
        return None

    def _file(self, name: str, path: str | None) -> Any:
        file = self._folder / name.strip("'\"")
        self._files_left -= 1
        try:
            if self._files_left < 0 or not file.is_file() or file.stat().st_size > _FILE_BYTES_MAX:
                return None
            text = file.read_text(encoding="utf-8-sig")
            if file.suffix == ".json":
                value = json.loads(text)
            elif file.suffix in (".yml", ".yaml"):
                value = yaml_value(text)
            else:
                return text
        except (OSError, ValueError, RecursionError, NotYaml):
            return None
        return value if path is None else _at(value, path)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
