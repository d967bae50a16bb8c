"""JSON as text, taken apart only as far as somebody asks: a column of text wants an object as it is
written in the record, and a number digit by digit.
"""

from collections.abc import Mapping

import msgspec

from analytics_sql.record_format import Path, Step
from fleet.errors import DecodeError
from processor.decode.conversion import Nested, Number, Scalar
from processor.decode.json_walk import TOO_DEEP, elements, members, skip_space, value_from

_fast_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_fast_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_fast_text = msgspec.json.Decoder(str).decode
_BAD = (msgspec.MsgspecError, ValueError, RecursionError)
"""What msgspec raises for JSON that it does not take, such as half a surrogate pair."""


def json_values(record: bytes) -> list[bytes]:
    """The JSON values that a record is made of, one after another. Raises DecodeError."""
    values: list[bytes] = []
    try:
        text = record.decode()
        at = skip_space(text, 0)
        while at < len(text):
            _, end = value_from(text, at)
            values.append(text[at:end].encode())
            at = skip_space(text, end)
    except RecursionError:
        raise DecodeError(TOO_DEEP) from None
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
    try:
        return [bytes(element) for element in _fast_elements(text)]
    except _BAD:
        source = text.decode()
        return [source[start:end].encode() for start, end in elements(source, 0)]


def scalar(text: bytes) -> Scalar | None:
    """A value as the conversions take it; None for null."""
    if text in (b"null", b"true", b"false"):
        return {b"null": None, b"true": True, b"false": False}[text]
    if text.startswith(b'"'):
        try:
            return _fast_text(text)
        except _BAD:
            slow: str = value_from(text.decode(), 0)[0]
            return slow
    kind = Nested if text.startswith((b"{", b"[")) else Number
    return kind(text.decode())


def _members(text: bytes) -> Mapping[str, bytes]:
    """The members of an object; of several with one name the last."""
    try:
        return {name: bytes(value) for name, value in _fast_members(text).items()}
    except _BAD:
        source = text.decode()
        return {name: source[start:end].encode() for name, (start, end) in members(source, 0)}


def _inside(text: bytes, step: Step) -> bytes | None:
    if isinstance(step, str) and text.startswith(b"{"):
        return _members(text).get(step)
    if isinstance(step, int):
        elements = elements_of(text) or []
        return elements[step] if step < len(elements) else None
    return None
