"""What the disk does slowly, away from the event loop: flushing what was written, deleting what was
trimmed.
"""

import logging
import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

FLUSH_INTERVAL_S: Final = 1.0


class Flusher:
    """A thread that once a second has the disk keep what the kernel was given.

    Sets are handed over one element at a time, `add` here and `pop` there: both are atomic, and an
    element that is added while it is popped is merely flushed twice.
    """

    def __init__(self) -> None:
        self._written: set[Path] = set()
        self._gone: set[Path] = set()
        self._ending = threading.Event()
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
        self._thread.start()

    def written(self, path: Path) -> None:
        """Has a file flushed within the second."""
        self._written.add(path)

    def gone(self, path: Path) -> None:
        """Has a file or a folder deleted within the second."""
        self._gone.add(path)

    def close(self) -> None:
        """Flushes and deletes all there is; returns when it is done."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(FLUSH_INTERVAL_S):
            self._pass()
        self._pass()

    def _pass(self) -> None:
        # What replaces a file was written before the file was given up, and is flushed before it is
        # deleted.
        gone = [self._gone.pop() for _ in range(len(self._gone))]
        folders = set()
        while self._written:
            path = self._written.pop()
            folders.add(path.parent)
            self._flush(path)
        for folder in folders:
            self._flush(folder)
        for path in gone:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink()

    def _flush(self, path: Path) -> None:
        try:
            flush(path)
        except FileNotFoundError:
            return
        except OSError as error:
            if not self._failed:
                logger.error("%s cannot be flushed to the disk: %s", path, error.strerror)
            self._failed = True
        else:
            self._failed = False


def flush(path: Path) -> None:
    """Returns when the disk has all of a file or folder. Raises OSError."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
