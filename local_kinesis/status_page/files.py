"""The files of the page, read once."""

from functools import cache
from pathlib import Path
from typing import Final

from local_kinesis.answer import Answer

_FOLDER: Final = Path(__file__).parent
_FILES: Final = {
    "/_local/": ("index.html", "text/html; charset=utf-8"),
    "/_local/status.css": ("status.css", "text/css; charset=utf-8"),
    "/_local/status.js": ("status.js", "text/javascript; charset=utf-8"),
}


@cache
def page_file(path: str) -> Answer | None:
    """The file at a path; None when there is none."""
    if path not in _FILES:
        return None
    name, content_type = _FILES[path]
    return Answer(200, content_type, (_FOLDER / name).read_bytes())
