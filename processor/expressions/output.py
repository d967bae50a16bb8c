"""Values as they stand in an output row."""

from typing import Any

import numpy as np

from analytics_sql.types import Kind, SqlType
from processor.columns import Vector


def output_values(vector: Vector, type: SqlType) -> list[Any]:
    """Plain Python values, None for NULL; a TIMESTAMP is text 'yyyy-MM-dd HH:mm:ss.SSS'."""
    return _timestamps(vector) if type.kind is Kind.TIMESTAMP else vector.to_list()


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
