"""What there is to say at one moment, in every form a viewer may want, each encoded at most once
for all viewers."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from sinks.live_map.documents import (
    REST_TICKS,
    encode_frame_json,
    encode_hello,
    encode_names,
    encode_rows_json,
    encode_status,
)
from sinks.live_map.frame import (
    CHANGES,
    FULL,
    REST,
    Columns,
    Frame,
    RowBlock,
    encode_frame,
    encode_rows,
    frame_message,
    unicorn_columns,
)
from sinks.live_map.minute_rows import Published, published_since
from sinks.live_map.speech import Speech
from sinks.live_map.still import Still
from sinks.live_map.tiles import View, by_tile, tiles_at

MISSED_TICKS_MAX: Final = 30
"""Who has missed more gets the full picture: by then it is not larger than the changes."""

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Setting:
    """What every conversation begins with."""

    interval_ms: int
    time_scale: float
    names_max: int


@dataclass(slots=True)
class Known:
    """What a viewer has been told."""

    feed: str | None = None
    """None: nothing at all."""
    sequence: int | None = None
    """The tick up to which; None: no picture yet."""
    names: int = 0
    rows_sequence: int | None = None
    status: bytes = b""
    view: View | None = None
    """What it wants to see; None is everything."""


@dataclass(frozen=True, slots=True)
class _Tiled:
    """The changes after some tick, sorted by tile."""

    ids: NDArray[np.int64]
    columns: Columns
    by_tile: Mapping[int, NDArray[np.int64]]


class Messages:
    """The news of the picture's present tick. Nothing is encoded before somebody asks for it.

    Good until the next tick; whoever knows the same is told with the same bytes.
    """

    def __init__(
        self,
        still: Still,
        rows: Sequence[Published],
        setting: Setting,
        *,
        viewers: int,
        hidden: Mapping[str, int],
    ) -> None:
        self.time_ms = still.time_ms
        self.sequence = still.sequence
        self.feed = still.feed
        self._still = still
        self._rows = rows
        self._setting = setting
        self._names = still.names_count
        self._status = encode_status(still.seen(), viewers, hidden)
        self._made: dict[Hashable, Any] = {}

    def hello(self, *, resumed: bool) -> bytes:
        """The document that begins a conversation."""
        return self._once(
            ("hello", resumed),
            lambda: encode_hello(
                self.feed,
                self._setting.interval_ms,
                resumed=resumed,
                time_scale=self._setting.time_scale,
                names_max=self._setting.names_max,
            ),
        )

    def news(self, speech: Speech, known: Known) -> bytes:
        """What a viewer does not know yet; it knows it from then on."""
        if known.feed != self.feed:
            known.sequence, known.names, known.rows_sequence = None, 0, None
        if known.view is None:
            # What is in the key decides the bytes.
            key = (speech, known.feed, known.sequence, known.names, known.rows_sequence)
            news = self._once((*key, known.status), lambda: self._all_news(speech, known))
        else:
            news = self._all_news(speech, known)
        known.feed, known.sequence, known.rows_sequence = self.feed, self.sequence, self.sequence
        known.names = self._names
        known.status = self._status
        return news

    def newly_in_view(self, speech: Speech, view: View | None, before: View | None) -> bytes:
        """What a viewer who looks elsewhere may have missed there: it was told of it once in
        REST_TICKS ticks."""
        since = self.sequence - REST_TICKS
        if view is None:
            return self._frame(speech, CHANGES, since)
        seen = before.tiles if before is not None and before.level == view.level else frozenset()
        return self._tile_frames(speech, view.level, view.tiles - seen, since)

    def _all_news(self, speech: Speech, known: Known) -> bytes:
        parts = []
        if known.feed != self.feed:
            hello = self.hello(resumed=False)
            parts.append(self._document(speech, b"hello", hello))
        if speech.is_binary and known.names < self._names:
            names = self._once(
                ("names", known.names),
                lambda: encode_names(known.names, self._still.names[known.names : self._names]),
            )
            parts.append(self._document(speech, b"names", names))
        since = known.sequence
        if since is None or self.sequence - since > MISSED_TICKS_MAX:
            parts.append(self._frame(speech, FULL, 0))
        elif known.view is None:
            parts.append(self._frame(speech, CHANGES, since))
        elif self.sequence - since > 1:
            # It has missed its turns of the rest, too.
            parts.append(self._frame(speech, CHANGES, since - REST_TICKS))
        else:
            parts.append(self._tile_frames(speech, known.view.level, known.view.tiles, since))
            parts.append(self._frame(speech, REST, since))
        blocks = published_since(self._rows, known.rows_sequence)
        parts += [self._row_block(speech, block) for block in blocks]
        if known.status != self._status:
            parts.append(self._document(speech, b"status", self._status))
        return b"".join(parts)

    def _frame(self, speech: Speech, kind: int, since: int) -> bytes:
        """A frame of one kind; nothing when nothing has changed."""
        frame = self._once((kind, since), lambda: self._gathered(kind, since))
        if not len(frame) and kind != FULL:
            return b""
        key = (kind, since, speech)
        return self._once(key, lambda: self._spoken(speech, frame))

    def _gathered(self, kind: int, since: int) -> Frame:
        if kind == FULL:
            return self._still.full()
        if kind == CHANGES:
            return self._still.changes(since)
        ids = self._still.changed(self.sequence - REST_TICKS)
        turn = ids[ids % REST_TICKS == self.sequence % REST_TICKS]
        return self._still.frame(REST, turn)

    def _spoken(self, speech: Speech, frame: Frame) -> bytes:
        if speech.is_binary:
            return speech.frame(encode_frame(frame))
        type_ = {FULL: b"full", CHANGES: b"changes", REST: b"rest"}[frame.kind]
        key = ("document", frame.kind, id(frame))
        body = self._once(key, lambda: encode_frame_json(frame, self._still.names))
        return self._document(speech, type_, body)

    def _tile_frames(self, speech: Speech, level: int, tiles: frozenset[int], since: int) -> bytes:
        tiled = self._once(("tiles", level, since), lambda: self._tiled(level, since))
        found = [tile for tile in tiles if tile in tiled.by_tile]
        return b"".join(self._tile(speech, tiled, (level, since, tile)) for tile in found)

    def _tiled(self, level: int, since: int) -> _Tiled:
        frame = self._once((CHANGES, since), lambda: self._gathered(CHANGES, since))
        columns = self._once(("columns", since), lambda: unicorn_columns(frame))
        tiles = tiles_at(level, frame.longitude, frame.latitude)
        return _Tiled(frame.unicorn, columns, by_tile(tiles))

    def _tile(self, speech: Speech, tiled: _Tiled, place: tuple[int, int, int]) -> bytes:
        def spoken() -> bytes:
            inside = tiled.by_tile[place[2]]
            if not speech.is_binary:
                frame = self._still.frame(CHANGES, tiled.ids[inside])
                body = encode_frame_json(frame, self._still.names)
                return self._document(speech, b"changes", body)
            columns = [column[inside] for column in tiled.columns]
            return speech.frame(frame_message(CHANGES, self.sequence, self.time_ms, columns))

        return self._once((speech, place), spoken)

    def _row_block(self, speech: Speech, block: RowBlock) -> bytes:
        def spoken() -> bytes:
            if speech.is_binary:
                return speech.frame(encode_rows(block, self.sequence))
            body = encode_rows_json(block, self.sequence, self._still.names)
            return self._document(speech, b"rows", body)

        return self._once((speech, "rows", id(block)), spoken)

    def _document(self, speech: Speech, type_: bytes, document: bytes) -> bytes:
        token = f"{self.feed}.{self.sequence}.{self._names}".encode()
        return speech.document(type_, document, token)

    def _once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made
