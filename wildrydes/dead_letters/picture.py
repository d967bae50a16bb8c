"""The bytes of a letter for a terminal: as text with a mark where it failed, or in hexadecimal."""

import re
from collections.abc import Iterator

WIDTH = 16
LINE = 96
"""Characters of text in a line."""
_PLACE = re.compile(r"\(char (\d+)\)|\b(?:in position|byte) (\d+)\b")


def fault_place(reason: str) -> int | None:
    """Where in the data the reason says that it failed; None when it does not say."""
    match = _PLACE.search(reason)
    return int(match[1] or match[2]) if match else None


def data_lines(data: bytes, place: int | None, bytes_max: int | None = None) -> Iterator[str]:
    """Lines that show the data, or of longer data the `bytes_max` about the place."""
    start, end = 0, len(data)
    if bytes_max is not None and end > bytes_max:
        start = max(0, min((place or 0) - bytes_max // 2, end - bytes_max)) // WIDTH * WIDTH
        end = start + bytes_max
    try:
        text = data.decode()
    except UnicodeDecodeError:
        yield from _hex_lines(data, start, end, place)
        return
    yield from _text_lines(text[start:end], start, place)
    if start or end < len(data):
        yield f"({end - start:,} of {len(data):,} bytes, from {start:,} on; --all shows all)"


def _text_lines(text: str, start: int, place: int | None) -> Iterator[str]:
    """Control characters as escapes; a caret under the place."""
    for at in range(0, len(text), LINE):
        pieces = [_printable(c) for c in text[at : at + LINE]]
        yield "".join(pieces)
        if place is not None and 0 <= place - start - at < len(pieces):
            yield " " * len("".join(pieces[: place - start - at])) + "^"


def _hex_lines(data: bytes, start: int, end: int, place: int | None) -> Iterator[str]:
    for at in range(start, end, WIDTH):
        part = data[at : min(at + WIDTH, end)]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"{at:08x}  {part.hex(' '):{3 * WIDTH - 1}}  {text}"
        if place is not None and at <= place < at + WIDTH:
            yield " " * (10 + 3 * (place - at)) + "^^"
    if start or end < len(data):
        yield f"({end - start:,} of {len(data):,} bytes, from {start:,} on; --all shows all)"


def _printable(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
