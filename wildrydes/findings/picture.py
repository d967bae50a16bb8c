"""Series as a picture in a file."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fleet.errors import ConfigError
from wildrydes.findings.series import Series


def require_matplotlib() -> None:
    """Raises ConfigError when it is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ConfigError(
            "--plot needs matplotlib, which is not installed",
            remedy="pip install 'wildrydes[plot]'",
        ) from None


def draw(title: str, series: Sequence[Series], file: Path) -> None:
    """One panel for each column; a MinX and its MaxX share one, as a band. The file's ending says
    which format. Raises ConfigError when it cannot be written.
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    by_column = {one.column: one for one in series}
    bands = {
        name.removeprefix("Min"): (by_column[name], by_column[f"Max{name.removeprefix('Min')}"])
        for name in by_column
        if name.startswith("Min") and f"Max{name.removeprefix('Min')}" in by_column
    }
    in_bands = {one.column for band in bands.values() for one in band}
    panels: list[tuple[str, Sequence[Series]]] = [
        *((name, [one]) for name, one in by_column.items() if name not in in_bands),
        *bands.items(),
    ]
    figure = Figure(figsize=(10, 1 + 2.2 * len(panels)), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (name, lines) in zip(axes, panels, strict=True):
        times = [[datetime.fromisoformat(time) for time in line.times] for line in lines]
        for line, line_times in zip(lines, times, strict=True):
            axis.plot(line_times, line.values, marker=".", linewidth=1, label=line.column)
        if len(lines) == 2 and times[0] == times[1]:
            axis.fill_between(times[0], lines[0].values, lines[1].values, alpha=0.2)
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_locator(locator)
        formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        axis.xaxis.set_major_formatter(formatter)
    axes[-1].set_xlabel("UTC")
    try:
        figure.savefig(file, dpi=120)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be written: {error}", remedy="give a .png, .svg or .pdf file"
        ) from None
