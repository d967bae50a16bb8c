"""What a target has to be before anything can be learned from it, or judged by it."""

import numpy as np
from numpy.typing import NDArray

from fleet.errors import ConfigError


def check_classes(truth: NDArray[np.generic], column: str, where: str) -> None:
    """`where` is the file, or the part of it. Raises ConfigError for fewer than two classes."""
    found = np.unique(truth)
    if len(found) < 2:
        held = f"holds only {str(found[0])!r}" if len(found) else "has no row"
        raise ConfigError(
            f"{where}: the target {column!r} {held}",
            remedy="a model needs rows of two classes at least; take more of the data, or look "
            "whether this is the column to predict",
        )
