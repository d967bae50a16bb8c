"""Many times as text at once: the pieces of a pattern are columns of characters, cut from the ISO
form that NumPy writes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analytics_sql.functions.date_pattern import Piece
from analytics_sql.functions.times import EARLIEST_MS, LATEST_MS
from analytics_sql.types import VARCHAR
from processor.columns import Vector
from processor.expressions.words import MadeWords

Characters = NDArray[np.str_]

_ISO = {"yyyy": (0, 4), "MM": (5, 7), "dd": (8, 10), "HH": (11, 13), "mm": (14, 16), "ss": (17, 19)}
_ISO["SSS"] = (20, 23)
_ISO_LENGTH = 23


def is_plain(pieces: Sequence[Piece]) -> bool:
    """Whether a pattern has only pieces that stand in the ISO form: yyyy MM dd HH mm ss SSS."""
    # NumPy takes a zero at the end of a text for its end.
    return bool(pieces) and all(
        piece.text in _ISO if piece.letter else "\0" not in piece.text for piece in pieces
    )


class TimeWriter:
    """Writes columns of times by a plain pattern; `null` stands for NULL, None if it stays that."""

    def __init__(self, pieces: Sequence[Piece], null: str | None = None) -> None:
        self._pieces = pieces
        self._null = null
        self._made = MadeWords(VARCHAR)

    def __call__(self, vector: Vector) -> Vector:
        times, null = vector.values, vector.nulls()
        outside = (times < EARLIEST_MS) | (times > LATEST_MS)
        failed = dict(vector.failed)
        if outside.any():
            for row in np.flatnonzero(outside).tolist():
                failed.setdefault(row, f"{times[row]} ms is no time of the years 1 to 9999")
            times = np.where(outside, 0, times)
        texts: list[str | None] = [*written(self._pieces, times)]
        if null is not None:
            for row in np.flatnonzero(null).tolist():
                texts[row] = self._null
        words = self._made.current()
        assert words is not None
        return Vector(words.ids(texts, len(texts)), words=words, failed=failed)


def written(pieces: Sequence[Piece], times_ms: NDArray[np.int64]) -> list[str]:
    """Each time, of the years 1 to 9999, as a plain pattern writes it."""
    iso = np.datetime_as_string(times_ms.astype("M8[ms]"), unit="ms").astype(f"U{_ISO_LENGTH}")
    characters = iso.view("U1").reshape(len(times_ms), _ISO_LENGTH)
    columns = []
    for piece in pieces:
        if piece.letter:
            columns.append(characters[:, slice(*_ISO[piece.text])])
        else:
            text = np.array(list(piece.text), "U1")
            columns.append(np.broadcast_to(text, (len(times_ms), len(text))))
    joined: Characters = np.ascontiguousarray(np.concatenate(columns, axis=1))
    texts: list[str] = joined.view(f"U{joined.shape[1]}").reshape(-1).tolist()
    return texts
