"""A file that appears under its name when it is whole."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fleet.errors import ConfigError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file that takes its name when all is written."""
    fresh = path.with_name(f".{path.name}.part")
    try:
        yield fresh
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
