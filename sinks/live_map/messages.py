"""What there is to say at one moment, in every form a viewer may want, each encoded at most once
for all viewers."""

from collections.abc import Callable
from functools import cached_property

from sinks.live_map.frame import FULL, Frame, encode_frame, encode_frame_json, encode_names


class Messages:
    """One tick's messages. Nothing is encoded before somebody asks for it."""

    def __init__(self, names: list[str], full: Callable[[], Frame], changes: Frame) -> None:
        self.names_count = len(names)
        self._names = names
        self._make_full = full
        self._changes = changes
        self._names_messages: dict[int, bytes] = {}

    def names_from(self, first: int) -> bytes:
        """The names message for a viewer who knows the names below `first`."""
        if first not in self._names_messages:
            new = self._names[first : self.names_count]
            self._names_messages[first] = encode_names(first, new)
        return self._names_messages[first]

    def frame(self, kind: int) -> bytes:
        """The binary frame."""
        return self._full_frame if kind == FULL else self._changes_frame

    def line(self, kind: int) -> bytes:
        """The frame as JSON."""
        return self._full_line if kind == FULL else self._changes_line

    @cached_property
    def _full(self) -> Frame:
        return self._make_full()

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
