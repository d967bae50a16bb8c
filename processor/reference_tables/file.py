"""A reference table in a file, read at once: without an event loop, for `wildrydes sql`."""

import errno
import os
from pathlib import Path
from typing import Final

from fleet.errors import ConfigError, TransientError
from processor.reference_tables.base import Stored, check_size

_LATER: Final = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT}
"""What a disk says that can be well again."""


def read_file(path: Path, unless: str | None = None) -> Stored | None:
    """See TablePlace.read. A file that changes while it is read is one to read later."""
    try:
        status = path.stat()
        version = _version(status)
        if version == unless:
            return None
        check_size(str(path), status.st_size)
        data = path.read_bytes()
        if _version(path.stat()) != version:
            raise TransientError(f"{path} is being written")
    except OSError as error:
        if error.errno in _LATER:
            raise TransientError(f"{path}: {error.strerror}") from error
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}",
            remedy="name an existing file as its source in application.toml",
        ) from None
    return Stored(data, version)


def _version(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}"
