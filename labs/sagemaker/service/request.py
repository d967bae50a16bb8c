"""A request against botocore's own model of SageMaker: what boto3 would refuse before it sends, and
what the service refuses of that which boto3 lets through.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

from labs.sagemaker.service.fault import Invalid, UnknownOperation

FOLDER = "file://"
"""Of an address that is a folder of this machine, as in the local mode of SageMaker's SDK; the
service itself takes S3's only.
"""


@cache
def service_model() -> ServiceModel:
    """It is large: read once, when first asked for."""
    return get_session().get_service_model("sagemaker")


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Raises Invalid with everything that is wrong, UnknownOperation for what SageMaker has not."""
    shape = operation_model(operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise Invalid(f"Parameter validation failed:\n{report.generate_report()}")
    broken = list(_broken(shape, request, ""))
    if broken:
        plural = "" if len(broken) == 1 else "s"
        raise Invalid(f"{len(broken)} validation error{plural} detected: {'; '.join(broken)}")


def operation_model(operation: str) -> OperationModel:
    if operation not in service_model().operation_names:
        raise UnknownOperation(f"SageMaker has no operation {operation}")
    return service_model().operation_model(operation)


def _broken(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What ParamValidator leaves to the service: enumerations, patterns and upper bounds."""
    match shape:
        case StructureShape():
            for name, member in shape.members.items():
                if value.get(name) is not None:
                    lower = name[:1].lower() + name[1:]
                    yield from _broken(member, value[name], f"{path}.{lower}".lstrip("."))
        case ListShape():
            yield from _too_many(shape, value, path)
            for position, one in enumerate(value, 1):
                yield from _broken(shape.member, one, f"{path}.{position}.member")
        case MapShape():
            yield from _too_many(shape, value, path)
            for key, one in value.items():
                yield from _broken(shape.value, one, f"{path}.{key}.member")
        case Shape(type_name="string"):
            yield from _broken_text(shape, value, path)
        case Shape(type_name="integer" | "long" | "float" | "double"):
            most = shape.metadata.get("max")
            if most is not None and value > most:
                yield _failed(value, path, f"have value less than or equal to {most}")


def _broken_text(shape: Shape, value: str, path: str) -> Iterator[str]:
    allowed, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if allowed and value not in allowed:
        yield _failed(value, path, f"satisfy enum value set: [{', '.join(allowed)}]")
    yield from _too_many(shape, value, path)
    if pattern and not _matches(pattern, value):
        yield _failed(value, path, f"satisfy regular expression pattern: {pattern}")


def _matches(pattern: str, value: str) -> bool:
    # `\p{...}` is a class of Java's, which Python does not have.
    if "\\p{" in pattern or value.startswith(FOLDER):
        return True
    return re.fullmatch(pattern, value) is not None


def _too_many(shape: Shape, value: Any, path: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and len(value) > most:
        yield _failed(value, path, f"have length less than or equal to {most}")


def _failed(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}"
