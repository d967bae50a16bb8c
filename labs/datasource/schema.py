"""Which columns a file has, and of what kind: Amazon ML's schema file."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError


class Kind(StrEnum):
    """Amazon ML has TEXT too: none of the labs' files does."""

    BINARY = "BINARY"
    CATEGORICAL = "CATEGORICAL"
    NUMERIC = "NUMERIC"


@dataclass(frozen=True)
class Schema:
    """`kinds` are those of all columns to read, the target among them, in the file's order."""

    target: str
    kinds: dict[str, Kind]

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(name for name in self.kinds if name != self.target)

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """The inputs of these kinds."""
        return tuple(name for name in self.inputs if self.kinds[name] in kinds)

    def without(self, *names: str) -> "Schema":
        return replace(
            self, kinds={name: kind for name, kind in self.kinds.items() if name not in names}
        )


def read_schema(path: Path) -> Schema:
    """Reads the form of the Amazon ML Developer Guide, "Creating a Data Schema for Amazon ML".
    Raises ConfigError.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from None
    try:
        excluded = set(document.get("excludedAttributeNames", []))
        kinds = dict(_attribute(path, entry) for entry in document["attributes"])
        schema = Schema(document["targetAttributeName"], kinds).without(*excluded)
    except (AttributeError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is not a schema: {error}",
            remedy="it needs targetAttributeName, and attributes with attributeName and "
            "attributeType",
        ) from None
    if schema.target not in schema.kinds:
        raise ConfigError(f"{path}: the target {schema.target!r} is not among the attributes")
    return schema


def _attribute(path: Path, entry: dict[str, Any]) -> tuple[str, Kind]:
    name, kind = entry["attributeName"], entry["attributeType"]
    if kind not in list(Kind):
        raise ConfigError(
            f"{path}: {name} is of type {kind!r}", remedy=f"the types are {', '.join(Kind)}"
        )
    return name, Kind(kind)
