"""How the map's routes are served: with limits for those who do not even ask properly."""

import logging
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

IDLE_S: Final = 15.0
"""How long a connection may be open without a whole request: one that never asks, or asks a letter
at a time, takes a place from others."""
LINGER_S: Final = 2.0
"""How long the rest of a body that nobody wants is read."""
SHUTDOWN_S: Final = 1.0
"""How long open requests may take when stopping."""


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether it tells of a mistake of ours: noise that strangers send must not fill the log."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    return not isinstance(error, HttpProcessingError)


_log: Final = logging.getLogger(__name__)
_log.addFilter(_is_ours)


def map_runner(
    app: web.Application, *, idle_s: float = IDLE_S, linger_s: float = LINGER_S
) -> web.AppRunner:
    """A runner with these limits; heads and their lines are limited by aiohttp, to 8 kB each."""
    return web.AppRunner(
        app,
        access_log=None,
        logger=_log,
        shutdown_timeout=SHUTDOWN_S,
        keepalive_timeout=idle_s,
        lingering_time=linger_s,
    )
