"""How the input stream is read, as options of a command."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

import click

from processor.source.start import SourceSettings, Start
from wildrydes.time_option import StartPoint


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--start and --on-gap; hands the command one `source: SourceSettings`."""

    @click.option(
        "--start",
        type=StartPoint(),
        default="trim-horizon",
        show_default=True,
        metavar="trim-horizon|latest|AGO|TIME",
        help="Where to begin without a snapshot: the oldest record, now, so long ago (10m), or a "
        "time (UTC).",
    )
    @click.option(
        "--on-gap",
        type=click.Choice(["fail", "skip"]),
        default="fail",
        show_default=True,
        help="When records that were still to be read are older than the stream keeps: end, or "
        "say so, count it and go on.",
    )
    @wraps(command)
    def with_source(
        *arguments: Any, start: Start, on_gap: Literal["fail", "skip"], **options: Any
    ) -> Any:
        return command(*arguments, source=SourceSettings(start, on_gap), **options)

    return with_source
