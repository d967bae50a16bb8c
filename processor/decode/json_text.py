"""JSON as text, taken apart only as far as somebody asks: a column of text wants an object as it is
written in the record, and a number digit by digit.
"""

import json

import msgspec

from analytics_sql.record_format import Path, Step
from fleet.errors import DecodeError
from processor.decode.conversion import Nested, Number, Scalar

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode
_BAD = (msgspec.MsgspecError, ValueError, RecursionError)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_scanner = json.JSONDecoder(parse_constant=_refuse)
_SPACE = " \t\r\n"


def json_values(record: bytes) -> list[bytes]:
    """The JSON values that a record is made of, one after another. Raises DecodeError."""
    values: list[bytes] = []
    try:
        text = record.decode().strip(_SPACE)
        while text:
            _, end = _scanner.raw_decode(text)
            values.append(text[:end].encode())
            text = text[end:].lstrip(_SPACE)
    except RecursionError:
        raise DecodeError("the record is nested too deeply") from None
    except ValueError as error:
        raise DecodeError(f"the record is not JSON in UTF-8: {error}") from None
    if not values:
        raise DecodeError("the record is empty")
    return values


def value_at(text: bytes, path: Path) -> bytes | None:
    """What stands at a path without EACH; None where it leads nowhere."""
    found: bytes | None = text
    for step in path:
        if found is None:
            return None
        found = _inside(found, step)
    return found


def elements_of(text: bytes | None) -> list[bytes] | None:
    """The elements of an array; None for what is none."""
    if text is None or not text.startswith(b"["):
        return None
    return [bytes(element) for element in _elements(text)]


def scalar(text: bytes) -> Scalar | None:
    """A value as the conversions take it; None for null. Raises DecodeError."""
    if text in (b"null", b"true", b"false"):
        return {b"null": None, b"true": True, b"false": False}[text]
    if text.startswith(b'"'):
        try:
            return _text(text)
        except _BAD as error:
            raise DecodeError(f"not a text: {error}") from None
    kind = Nested if text.startswith((b"{", b"[")) else Number
    return kind(text.decode())


def _inside(text: bytes, step: Step) -> bytes | None:
    if isinstance(step, str) and text.startswith(b"{"):
        member = _members(text).get(step)
        return None if member is None else bytes(member)
    if isinstance(step, int):
        elements = elements_of(text) or []
        return elements[step] if step < len(elements) else None
    return None
