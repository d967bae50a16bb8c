"""moto's application with a folder behind it."""

import fcntl
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local_kinesis.journal.flusher import Flusher
from local_kinesis.moto_state import determinism
from local_kinesis.moto_state.backends import OtherWriter
from local_kinesis.moto_state.history import Application, History

logger = logging.getLogger(__name__)


def keeping_application(folder: Path, last_words: list[Callable[[], None]]) -> Application:
    """Everything moto serves, as the folder has it, and kept there from now on. What is to be done
    at the end is added to `last_words`. Exits when the folder cannot be used.
    """
    _log_to_stderr()
    _lock(folder)
    determinism.install()
    started_s = time.monotonic()
    history = History(folder, Flusher())

    def kept(service: Any) -> Any:
        return history.kept(service, create_backend_app(service))

    dispatcher: Application = DomainDispatcherApplication(kept)
    try:
        count = history.restore(dispatcher)
    except OtherWriter as error:
        logger.error("%s: use that version, or delete %s and begin anew", error, folder)
        sys.exit(1)
    if count is not None:
        logger.info(
            "what moto held is back after %.1f s, %d requests done again",
            time.monotonic() - started_s,
            count,
        )
    last_words.append(history.close)
    return dispatcher


def _lock(folder: Path) -> None:
    """Waits until the former process is gone: killed with its parent, it may take a moment longer
    than that.
    """
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("wildrydes: %(message)s"))
    ours = logging.getLogger("local_kinesis")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
