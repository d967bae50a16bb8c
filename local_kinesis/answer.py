"""What a request is answered: at once, in pieces, or later."""

from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever carries it."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """An answer of status 200 that comes piece by piece, for as long as it likes.

    The next piece is asked for when the client has taken most of the last; `pieces` is closed when
    the client goes away.
    """

    content_type: str
    pieces: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class BrokenAnswer:
    """The beginning of an answer, after which the connection ends; None: not even that."""

    answer: Answer | None


Reply = Answer | StreamedAnswer | BrokenAnswer
LaterReply = Coroutine[Any, Any, Reply]
"""Run as a task that ends when the client goes away."""
