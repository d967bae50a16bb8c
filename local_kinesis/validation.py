"""Why a request was refused, in the service's words.

The decoder only says that a body does not fit; here the body is walked beside the declaration in
request.py and every fault is named. This happens only after a decoding failed, so it may take its
time. Source of the wording: messages that the service has given to others, published in issue
trackers and in the test suites of other emulators, which were recorded against it.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from local_kinesis.errors import SerializationError, ServiceError, ValidationError
from local_kinesis.request import Request

_VIOLATIONS_MAX = 10
_NULL = "Value null at '{path}' failed to satisfy constraint: Member must not be null"


def explain(body: bytes, request: type[Request], fault: Exception) -> ServiceError:
    """What to answer to a `body` that did not decode as `request`; `fault` is what the decoder
    said.
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return SerializationError(f"The body is not valid JSON: {error}")
    if document is None:
        return SerializationError(str(fault))
    declared = inspect.type_info(request)
    try:
        _check_type(document, declared)
    except SerializationError as error:
        return error
    violations: list[str] = []
    for violation in _violations(document, declared, ""):
        violations.append(violation)
        if len(violations) == _VIOLATIONS_MAX:
            break
    return ValidationError(violations) if violations else SerializationError(str(fault))


def _check_type(value: Any, declared: inspect.Type) -> None:
    """Raises SerializationError for the first member whose JSON type is not the declared one."""
    declared = _without_null(declared)
    if value is None:
        return
    match declared:
        case inspect.StructType(fields=fields):
            _expect_container(value, dict, "Expected null")
            for field in fields:
                _check_type(value.get(field.encode_name), field.type)
        case inspect.ListType(item_type=item):
            _expect_container(value, list, "Expected list or null")
            for one in value:
                _check_type(one, item)
        case inspect.DictType(value_type=item):
            _expect_container(value, dict, "Expected map or null")
            for one in value.values():
                _check_type(one, item)
        case inspect.BytesType():
            _expect_scalar(value, str, "a Blob")
            _check_base64(value)
        case inspect.IntType():
            _expect_scalar(value, int, "an Integer")
        case inspect.FloatType():
            _expect_scalar(value, float | int, "a Date")
        case inspect.BoolType():
            _expect_scalar(value, bool, "an Boolean")
        case _:
            _expect_scalar(value, str, "an String")


def _expect_container(value: Any, kind: type, otherwise: str) -> None:
    if not isinstance(value, kind):
        raise SerializationError(_unexpected_start(value) or otherwise)


def _expect_scalar(value: Any, kind: Any, noun: str) -> None:
    start = _unexpected_start(value)
    if start:
        raise SerializationError(start)
    # JSON's true is no number, though Python's is.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise SerializationError(f"{_java_class(value)} can not be converted to {noun}")


def _unexpected_start(value: Any) -> str | None:
    if isinstance(value, list):
        return "Start of list found where not expected"
    if isinstance(value, dict):
        return "Start of structure or map found where not expected."
    return None


def _java_class(value: Any) -> str:
    if isinstance(value, bool):
        return "class java.lang.Boolean"
    if isinstance(value, str):
        return "class java.lang.String"
    return "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"


def _check_base64(text: str) -> None:
    try:
        b64decode(text, validate=True)
    except ValueError as error:
        shown = text if len(text) <= 64 else f"{text[:64]}..."
        raise SerializationError(f"'{shown}' can not be converted to a Blob: {error}") from None


def _violations(value: Any, declared: inspect.Type, path: str) -> Iterator[str]:
    """Every broken constraint, in the order of the declaration."""
    declared = _without_null(declared)
    match declared:
        case inspect.StructType(fields=fields):
            for field in fields:
                name = field.encode_name
                inner = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
                member = value.get(name)
                if member is not None:
                    yield from _violations(member, field.type, inner)
                elif field.required:
                    yield _NULL.format(path=inner)
        case inspect.ListType(item_type=item):
            yield from _size_violations(len(value), declared, path, _shown(value))
            for place, one in enumerate(value, start=1):
                inner = f"{path}.{place}.member"
                if one is None:
                    yield _NULL.format(path=inner)
                else:
                    yield from _violations(one, item, inner)
        case inspect.DictType():
            yield from _size_violations(len(value), declared, path, _shown(value))
            for key, one in value.items():
                yield from _violations(key, declared.key_type, f"{path}.key")
                if one is not None:
                    yield from _violations(one, declared.value_type, f"{path}.{key}.member")
        case inspect.BytesType():
            size = len(b64decode(value))
            shown = f"java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]"
            yield from _size_violations(size, declared, path, shown)
        case inspect.StrType():
            yield from _text_violations(value, declared, path)
        case inspect.IntType(ge=least, le=most):
            if least is not None and value < least:
                yield _broken(
                    value, path, f"Member must have value greater than or equal to {least}"
                )
            if most is not None and value > most:
                yield _broken(value, path, f"Member must have value less than or equal to {most}")
        case inspect.LiteralType(values=values):
            if value not in values:
                choices = ", ".join(map(str, values))
                yield _broken(value, path, f"Member must satisfy enum value set: [{choices}]")


def _text_violations(value: str, declared: inspect.StrType, path: str) -> Iterator[str]:
    if declared.pattern is not None and not re.search(declared.pattern, value):
        shown = declared.pattern.removeprefix("^").removesuffix(r"\Z").replace("[0-9]", r"\d")
        yield _broken(value, path, f"Member must satisfy regular expression pattern: {shown}")
    yield from _size_violations(len(value), declared, path, value)


def _size_violations(
    size: int,
    declared: inspect.StrType | inspect.BytesType | inspect.ListType | inspect.DictType,
    path: str,
    shown: str,
) -> Iterator[str]:
    least, most = declared.min_length, declared.max_length
    if least is not None and size < least:
        yield _broken(shown, path, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield _broken(shown, path, f"Member must have length less than or equal to {most}")


def _broken(value: object, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _shown(value: list[Any] | dict[str, Any]) -> str:
    """The service prints every member; a batch of records is better counted."""
    if not value:
        return "[]" if isinstance(value, list) else "{}"
    return f"[{len(value)} members]"


def _without_null(declared: inspect.Type) -> inspect.Type:
    if isinstance(declared, inspect.UnionType):
        return next(one for one in declared.types if not isinstance(one, inspect.NoneType))
    return declared


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]
