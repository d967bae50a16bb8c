"""What there is to say at one moment, in every form a viewer may want, each encoded at most once
for all viewers."""

from collections.abc import Callable
from functools import cached_property

from sinks.live_map.frame import FULL, Frame, encode_frame, encode_frame_json, encode_names

Speech = Callable[["Messages", int, int], bytes]
"""Puts a tick's messages for a viewer on the wire: `(messages, kind, names_known) -> bytes`."""


class Messages:
    """One tick's messages. Nothing is encoded before somebody asks for it."""

    def __init__(self, names: list[str], full: Frame, changes: Frame) -> None:
        self.names_count = len(names)
        self._names = names
        self._full = full
        self._changes = changes
        self._spoken: dict[tuple[Speech, int, int], bytes] = {}

    def spoken(self, speech: Speech, kind: int, names_known: int) -> bytes:
        """The bytes for a viewer who is spoken to in this way, wants this kind of frame (FULL or
        CHANGES) and knows the first `names_known` names: the same object for all who are alike."""
        key = (speech, kind, names_known)
        if key not in self._spoken:
            self._spoken[key] = speech(self, kind, names_known)
        return self._spoken[key]

    def names_from(self, first: int) -> bytes:
        """The names message for a viewer who knows the names below `first`."""
        return encode_names(first, self._names[first : self.names_count])

    def frame(self, kind: int) -> bytes:
        """The binary frame."""
        return self._full_frame if kind == FULL else self._changes_frame

    def line(self, kind: int) -> bytes:
        """The frame as JSON."""
        return self._full_line if kind == FULL else self._changes_line

    @cached_property
    def _full_frame(self) -> bytes:
        return encode_frame(self._full)

    @cached_property
    def _changes_frame(self) -> bytes:
        return encode_frame(self._changes)

    @cached_property
    def _full_line(self) -> bytes:
        return encode_frame_json(self._full, self._names)

    @cached_property
    def _changes_line(self) -> bytes:
        return encode_frame_json(self._changes, self._names)
