"""Opaque tokens: what a client hands back to us, sealed so that a mangled one is told from a good
one.

They carry everything, so nothing is kept for a reader that may never come back.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from zlib import crc32


def seal(kind: str, *fields: str | int) -> str:
    """Fields to a token: ASCII without spaces. The last field may contain anything, the others no
    slash.
    """
    text = "/".join((kind, *map(str, fields))).encode()
    return urlsafe_b64encode(crc32(text).to_bytes(4, "big") + text).decode("ascii")


def unseal(kind: str, token: str, count: int) -> list[str] | None:
    """The `count` fields of a token of that kind that `seal` made; None for anything else."""
    try:
        sealed = urlsafe_b64decode(token.encode("ascii"))
    except ValueError:
        return None
    text = sealed[4:]
    if crc32(text).to_bytes(4, "big") != sealed[:4]:
        return None
    found, *fields = text.decode(errors="replace").split("/", count)
    return fields if found == kind and len(fields) == count else None
