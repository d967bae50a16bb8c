"""CloudFormation templates, in JSON or YAML, with their intrinsic functions.

Sources: AWS::KinesisAnalytics::Application, AWS::KinesisAnalyticsV2::Application and the resources
of their outputs and reference tables, in the template reference.
"""

import re
from collections.abc import Mapping
from typing import Any

from wildrydes.moving_in.node import Part, folded, node, nodes, text_of

_APPLICATION = re.compile(r"AWS::KinesisAnalytics(?:V2)?::Application")
_OUTPUT = re.compile(r"AWS::KinesisAnalytics(?:V2)?::ApplicationOutput")
_REFERENCE = re.compile(r"AWS::KinesisAnalytics(?:V2)?::ApplicationReferenceDataSource")
_LOGS = "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption"
_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
_NAMES = ("Name", "StreamName", "DeliveryStreamName", "BucketName", "FunctionName", "TableName")


class NotYaml(ValueError):
    """The text is no YAML; str() says where."""


def yaml_value(text: str) -> Any:
    """A YAML document, its short forms such as !Ref and !Sub as the long ones. Raises NotYaml."""
    import yaml

    # A class of its own: the constructors that it gets are no one else's.
    loader: Any = type("TemplateLoader", (yaml.SafeLoader,), {})

    def intrinsic(reader: Any, tag: str, found: Any) -> Any:
        if isinstance(found, yaml.ScalarNode):
            value = reader.construct_scalar(found)
        elif isinstance(found, yaml.SequenceNode):
            value = reader.construct_sequence(found, deep=True)
        else:
            value = reader.construct_mapping(found, deep=True)
        if tag == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}

    loader.add_multi_constructor("!", intrinsic)
    try:
        return yaml.load(text, Loader=loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(" ".join(str(error).split())) from None


def template_parts(template: Mapping[str, Any]) -> list[Part]:
    """The SQL applications of a template, each with its outputs and reference tables."""
    return _Template(template).parts()


class _Template:
    def __init__(self, template: Mapping[str, Any]) -> None:
        found = template.get("Resources")
        self._resources = found if isinstance(found, Mapping) else {}
        mappings = template.get("Mappings")
        self._mappings = mappings if isinstance(mappings, Mapping) else {}
        parameters = template.get("Parameters")
        self._parameters = parameters if isinstance(parameters, Mapping) else {}

    def parts(self) -> list[Part]:
        own = self._of_type(_APPLICATION)
        parts = [part for name, raw in own if (part := self._part(name, raw)) is not None]
        if len(parts) == 1:
            (only,) = parts
            for kind, into in ((_OUTPUT, only.outputs), (_REFERENCE, only.references)):
                into += [self._inner(raw) for _, raw in self._of_type(kind)]
            return parts
        for part in parts:
            for kind, into in ((_OUTPUT, part.outputs), (_REFERENCE, part.references)):
                into += [
                    self._inner(raw) for _, raw in self._of_type(kind) if self._is_of(raw, part)
                ]
        return parts

    def _part(self, logical: str, raw: Mapping[str, Any]) -> Part | None:
        properties = folded(self._resolved(raw))
        runtime = text_of(properties, "runtimeenvironment")
        if runtime and not runtime.startswith("SQL"):
            return None
        configuration = node(properties, "applicationconfiguration")
        sql = node(configuration, "sqlapplicationconfiguration") or properties
        content = node(node(configuration, "applicationcodeconfiguration"), "codecontent")
        return Part(
            name=text_of(properties, "applicationname") or logical,
            text=text_of(properties, "applicationcode") or text_of(content, "textcontent"),
            inputs=nodes(sql, "inputs"),
            logs=any(kind == _LOGS for kind in self._types()),
        )

    def _is_of(self, raw: Mapping[str, Any], part: Part) -> bool:
        """Whether an output or a reference table is the application's: by a Ref or by its name."""
        return bool(self._resolved(raw.get("ApplicationName")) == part.name)

    def _inner(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        properties = folded(self._resolved(raw))
        return node(properties, "output", "referencedatasource")

    def _types(self) -> list[Any]:
        return [r.get("Type") for r in self._resources.values() if isinstance(r, Mapping)]

    def _of_type(self, kind: re.Pattern[str]) -> list[tuple[str, Mapping[str, Any]]]:
        return [
            (str(name), resource["Properties"])
            for name, resource in self._resources.items()
            if isinstance(resource, Mapping)
            and kind.fullmatch(str(resource.get("Type")))
            and isinstance(resource.get("Properties"), Mapping)
        ]

    def _resolved(self, value: Any) -> Any:
        """The value with its intrinsic functions put in, or as `${...}` where that needs AWS."""
        if isinstance(value, list):
            return [self._resolved(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            ((function, given),) = value.items()
            if function == "Ref" or str(function).startswith("Fn::"):
                return self._called(str(function), given)
        return {key: self._resolved(item) for key, item in value.items()}

    def _called(self, function: str, given: Any) -> Any:
        if function == "Ref":
            return self._named(str(given))
        if function == "Fn::GetAtt" and isinstance(given, list | str):
            logical, *attribute = given.split(".", 1) if isinstance(given, str) else given
            known = self._named(str(logical))
            is_open = known == f"${{{logical}}}"
            return f"${{{'.'.join(map(str, [logical, *attribute]))}}}" if is_open else known
        if function == "Fn::Sub":
            return self._substituted(given)
        if function == "Fn::Join" and isinstance(given, list) and len(given) == 2:
            parts = self._resolved(given[1])
            if isinstance(parts, list):
                return str(given[0]).join(map(str, parts))
        if function == "Fn::FindInMap" and isinstance(given, list) and len(given) == 3:
            found = self._in_map([self._resolved(key) for key in given])
            if found is not None:
                return found
        if function == "Fn::Split" and isinstance(given, list) and len(given) == 2:
            text = self._resolved(given[1])
            if isinstance(text, str) and "${" not in text:
                return text.split(str(given[0]))
        if function == "Fn::Select" and isinstance(given, list) and len(given) == 2:
            number, items = self._resolved(given[0]), self._resolved(given[1])
            if isinstance(items, list) and str(number).isdecimal() and int(number) < len(items):
                return items[int(number)]
        if function == "Fn::If" and isinstance(given, list) and len(given) == 3:
            return self._resolved(given[1])
        return f"${{{function} {_one_line(given)}}}"

    def _in_map(self, keys: list[Any]) -> Any:
        value: Any = self._mappings
        for key in keys:
            value = value.get(str(key)) if isinstance(value, Mapping) else None
        return value

    def _substituted(self, given: Any) -> str:
        """Fn::Sub: a text, or a text and names of its own."""
        text, own = given if isinstance(given, list) and len(given) == 2 else (given, {})
        names = own if isinstance(own, Mapping) else {}
        put = {str(name): str(self._resolved(value)) for name, value in names.items()}
        filled = _VARIABLE.sub(lambda m: put.get(m[1]) or self._attribute(m[1]), str(text))
        return filled.replace("${!", "${")

    def _attribute(self, name: str) -> str:
        logical, dot, attribute = name.partition(".")
        return str(self._called("Fn::GetAtt", [logical, attribute]) if dot else self._named(name))

    def _named(self, name: str) -> str:
        """What a parameter is by default, or a resource of the template is called."""
        parameter = self._parameters.get(name)
        if isinstance(parameter, Mapping) and "Default" in parameter:
            return str(parameter["Default"])
        resource = self._resources.get(name)
        if not isinstance(resource, Mapping):
            return f"${{{name}}}"
        if _APPLICATION.fullmatch(str(resource.get("Type"))):
            found = node(resource, "Properties").get("ApplicationName")
            return str(self._resolved(found)) if found is not None else name
        properties = node(resource, "Properties")
        given = next((properties[key] for key in _NAMES if key in properties), None)
        # A reference in a circle is no name.
        is_plain = isinstance(given, str) or (
            isinstance(given, Mapping) and given.get("Ref") in self._parameters
        )
        return str(self._resolved(given)) if is_plain else f"${{{name}}}"


def _one_line(given: Any) -> str:
    """The argument of a function, for whoever has to fill it in."""
    items = given if isinstance(given, list) else [given]
    return " ".join(str(item) for item in items if not isinstance(item, Mapping | list))
