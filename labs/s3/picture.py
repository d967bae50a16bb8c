"""The file of the lab: a picture of a unicorn's ride, drawn, or the user's own."""

from io import BytesIO
from pathlib import Path

import numpy as np

from fleet.errors import ConfigError
from labs.dataset import Origin

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
         ".svg": "image/svg+xml", ".webp": "image/webp"}  # fmt: skip
SIZE_MAX_BYTES = 64 * 2**20
"""The lab holds the picture in memory, twice."""


def drawn(seed: int, version: int) -> bytes:
    """A PNG of one ride: the same bytes for the same seed and version."""
    from matplotlib.figure import Figure

    steps = np.random.default_rng([seed, version]).normal(size=(2, 500)).cumsum(axis=1)
    figure = Figure(figsize=(4, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(*steps, linewidth=1, color="#5a3fc0" if version == 1 else "#b3261e")
    axes.set_title(f"One ride, version {version}")
    axes.set_axis_off()
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=100, metadata={"Software": None})
    return picture.getvalue()


def given(path: Path) -> tuple[bytes, str]:
    """A picture's bytes and its media type. Raises ConfigError for anything else."""
    kind = TYPES.get(path.suffix.lower())
    if kind is None or not path.is_file():
        raise ConfigError(f"{path} is no picture", remedy=f"give one of {', '.join(TYPES)}")
    if not 0 < path.stat().st_size <= SIZE_MAX_BYTES:
        raise ConfigError(
            f"{path} has {path.stat().st_size:,} bytes",
            remedy=f"give a picture of 1 to {SIZE_MAX_BYTES:,} bytes",
        )
    return path.read_bytes(), kind


def origin(data: Path | None, seed: int) -> Origin:
    """Where the picture came from."""
    if data is not None:
        return Origin("given", str(data))
    return Origin("generated", f"a picture of a random ride, seed {seed}")
