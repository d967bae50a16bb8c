"""A recipe file, read and checked: which features a model gets."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from fleet.errors import ConfigError
from labs.datasource.schema import Kind, Schema
from labs.recipe.expression import Call, Expression, ExpressionError, Name, parse_expression
from labs.recipe.feature import Attribute, Cartesian, Feature, Normalize, QuantileBin

SECTIONS = ("groups", "assignments", "outputs")
TEXT_FUNCTIONS = ("ngram", "osb", "lowercase", "no_punct")
FUNCTIONS = ("quantile_bin", "normalize", "cartesian")
BINS_MIN = 2

Named = dict[str, tuple[Feature, ...]]
"""What a name stands for: the features of a group, or of an assignment."""


@dataclass(frozen=True)
class Recipe:
    """`text` is the file's, as it is shown; `features` are what its outputs come to."""

    text: str
    features: tuple[Feature, ...]


def read_recipe(path: Path, schema: Schema) -> Recipe:
    """Raises ConfigError with the file, its line, the entry and the place in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    return Recipe(text, parse_recipe(text, schema, str(path)))


def parse_recipe(text: str, schema: Schema, name: str = "recipe") -> tuple[Feature, ...]:
    """The features of the outputs, in their order and each once. Raises ConfigError as above."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{name}:{error.lineno}:{error.colno}: {error.msg}") from None
    _check_form(document, name)
    known = _attributes(schema)
    for section, define in (("groups", _group), ("assignments", _feature)):
        for entry, expression in document.get(section, {}).items():
            place = f"{section}, {entry}"
            known[entry] = _read(expression, define, known, text, name, place)
    features: list[Feature] = []
    for number, expression in enumerate(document["outputs"], start=1):
        features += _read(expression, _feature, known, text, name, f"outputs, entry {number}")
    return tuple(dict.fromkeys(features))


def _check_form(document: Any, name: str) -> None:
    if not isinstance(document, dict) or not document.get("outputs"):
        raise ConfigError(
            f"{name}: no outputs", remedy='"outputs": ["ALL_INPUTS"] takes everything'
        )
    for section, entries in document.items():
        if section not in SECTIONS:
            raise ConfigError(f"{name}: no section {section!r}: there are {', '.join(SECTIONS)}")
        form: type = list if section == "outputs" else dict
        texts = entries.values() if isinstance(entries, dict) else entries
        if not isinstance(entries, form) or not all(isinstance(one, str) for one in texts):
            what = "a list" if form is list else "an object"
            raise ConfigError(f"{name}: {section} is not {what} of texts")


def _attributes(schema: Schema) -> Named:
    """The attributes, and the groups that are always there."""
    single = {
        one: Attribute(one, is_numeric=schema.kinds[one] is Kind.NUMERIC) for one in schema.inputs
    }
    groups = {f"ALL_{kind}": schema.of_kind(kind) for kind in Kind}
    groups |= {"ALL_TEXT": (), "ALL_INPUTS": schema.inputs}
    return {one: (feature,) for one, feature in single.items()} | {
        group: tuple(single[one] for one in names) for group, names in groups.items()
    }


def _read(
    expression: str,
    define: Callable[[Expression, Mapping[str, tuple[Feature, ...]]], tuple[Feature, ...]],
    known: Named,
    text: str,
    name: str,
    place: str,
) -> tuple[Feature, ...]:
    try:
        return define(parse_expression(expression), known)
    except ExpressionError as error:
        found = text.find(json.dumps(expression, ensure_ascii=False))
        line = "" if found < 0 else f":{text.count(chr(10), 0, found) + 1}"
        raise ConfigError(
            f"{name}{line}: {place}, character {error.column}: {error}",
            remedy=f"the entry reads {expression!r}",
        ) from None


def _group(expression: Expression, known: Mapping[str, tuple[Feature, ...]]) -> tuple[Feature, ...]:
    """`group(a, B)` or `group_remove(B, a)`."""
    if not isinstance(expression, Call) or expression.function not in ("group", "group_remove"):
        raise ExpressionError("a group is group(...) or group_remove(...)", expression.column)
    members = [_named(argument, known) for argument in expression.arguments]
    if expression.function == "group":
        return tuple(dict.fromkeys(one for each in members for one in each))
    if not members:
        raise ExpressionError("group_remove() has no group to take from", expression.column)
    removed = {one for each in members[1:] for one in each}
    return tuple(one for one in members[0] if one not in removed)


def _named(expression: Expression, known: Mapping[str, tuple[Feature, ...]]) -> tuple[Feature, ...]:
    if isinstance(expression, Call):
        raise ExpressionError("a name is needed here, not a call", expression.column)
    if expression.text not in known:
        raise ExpressionError(
            f"no attribute, group or assignment {expression.text!r}; there are "
            + ", ".join(sorted(known)),
            expression.column,
        )
    return known[expression.text]


def _feature(
    expression: Expression, known: Mapping[str, tuple[Feature, ...]]
) -> tuple[Feature, ...]:
    """A group stands for each of its members: what is done to it is done to all of them."""
    if isinstance(expression, Name):
        return _named(expression, known)
    match expression.function, expression.arguments:
        case "quantile_bin", (numbers, Name() as bins):
            return tuple(
                QuantileBin(one, _bins(bins)) for one in _numbers(expression, numbers, known)
            )
        case "normalize", (numbers,):
            return tuple(Normalize(one) for one in _numbers(expression, numbers, known))
        case "cartesian", (_, _, *_):
            parts = [_categories(argument, known) for argument in expression.arguments]
            return tuple(Cartesian(combination) for combination in product(*parts))
        case "quantile_bin", _:
            raise ExpressionError("quantile_bin takes (numbers, bins)", expression.column)
        case "normalize", _:
            raise ExpressionError("normalize takes (numbers)", expression.column)
        case "cartesian", _:
            raise ExpressionError("cartesian takes two arguments or more", expression.column)
    if expression.function in TEXT_FUNCTIONS:
        problem = f"{expression.function} transforms TEXT, and there is no TEXT attribute"
    else:
        problem = f"no function {expression.function!r}; there are {', '.join(FUNCTIONS)}"
    raise ExpressionError(problem, expression.column)


def _bins(bins: Name) -> int:
    if not bins.text.isdecimal() or int(bins.text) < BINS_MIN:
        raise ExpressionError(f"{bins.text!r} is no number of bins: 2 or more", bins.column)
    return int(bins.text)


def _numbers(
    call: Call, expression: Expression, known: Mapping[str, tuple[Feature, ...]]
) -> list[str]:
    names = []
    for feature in _named(expression, known):
        if not isinstance(feature, Attribute) or not feature.is_numeric:
            what = feature.name if isinstance(feature, Attribute) else "what is made already"
            raise ExpressionError(
                f"{call.function} takes NUMERIC attributes, which {what} is not", expression.column
            )
        names.append(feature.name)
    return names


def _categories(
    expression: Expression, known: Mapping[str, tuple[Feature, ...]]
) -> tuple[Feature, ...]:
    features = _feature(expression, known)
    if any(feature.is_numeric for feature in features):
        raise ExpressionError(
            "cartesian takes categories, and this is a number: quantile_bin(..., 10) makes "
            "categories of it",
            expression.column,
        )
    return features
