"""Values as they stand in an output row."""

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from analytics_sql.types import Kind, SqlType
from processor.columns import Vector
from processor.expressions.number_text import date_text, decimal_text, time_text


def output_values(vector: Vector, type: SqlType) -> list[Any]:
    """Plain Python values, None for NULL.

    A TIMESTAMP is text 'yyyy-MM-dd HH:mm:ss.SSS', a DATE its first part and a TIME its second. A
    DECIMAL is a Decimal with all the digits of its scale. A REAL is the float whose text is the
    shortest that gives the same float32, so that 0.1 goes out as 0.1. A BINARY or VARBINARY is its
    base64.
    """
    match type.kind:
        case Kind.TIMESTAMP:
            return _timestamps(vector)
        case Kind.REAL:
            return _reals(vector)
        case Kind.DECIMAL:
            scale = type.digits[1]
            return _each(vector, lambda unscaled: Decimal(decimal_text(unscaled, scale)))
        case Kind.BINARY | Kind.VARBINARY:
            return _each(vector, _base64)
        case Kind.DATE:
            return _each(vector, date_text)
        case Kind.TIME:
            return _each(vector, time_text)
    return vector.to_list()


def _base64(word: str) -> str:
    return base64.b64encode(word.encode("latin-1")).decode()


def _each(vector: Vector, write: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else write(value) for value in vector.to_list()]


def _reals(vector: Vector) -> list[float | None]:
    texts = vector.values.astype(np.float32).astype(np.str_)
    return Vector(texts.astype(np.float64), vector.nulls()).to_list()


def _timestamps(vector: Vector) -> list[str | None]:
    times = vector.values
    if len(times) and (times == times[0]).all():
        # The rows of one window have one time.
        times = times[:1]
    written = np.datetime_as_string(times.astype("datetime64[ms]"), unit="ms").tolist()
    texts: list[str | None] = [text.replace("T", " ") for text in written]
    if len(texts) < len(vector):
        texts *= len(vector)
    null = vector.nulls()
    if null is not None:
        for row in np.flatnonzero(null).tolist():
            texts[row] = None
    return texts
