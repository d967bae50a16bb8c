"""What a COPY may say after its FROM: Redshift Developer Guide, "COPY parameter reference".

A parameter is one of four things: taken, taken without an effect here, Redshift's but not this
lab's, or nobody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

ERRORS_MAX: Final = 100_000
"""The highest MAXERROR."""

Argument = Literal["none", "text", "maybe text", "number", "maybe word"]
"""`maybe`: the parameter may stand alone."""


@dataclass(frozen=True, slots=True)
class CopyParameters:
    """How files become rows. The defaults are Redshift's."""

    delimiter: str = "|"
    quote: str | None = None
    """Of CSV; None: the file is no CSV."""
    null_text: str = "\\N"
    compression: Literal["", "GZIP", "BZIP2", "ZSTD"] = ""
    encoding: str = "utf-8"
    header_lines: int = 0
    error_max: int = 0
    """The load fails when there are so many errors: at the first, when it is 0 or 1."""
    ignores_errors: bool = False
    date_format: str = "YYYY-MM-DD"
    time_format: str = "YYYY-MM-DD HH:MI:SS"
    replacement: str | None = None
    """For each byte of a character that is no UTF-8; None: that is an error."""
    takes_any_date: bool = False
    blanks_are_null: bool = False
    empty_is_null: bool = False
    escapes: bool = False
    removes_quotes: bool = False
    fills_record: bool = False
    ignores_blank_lines: bool = False
    rounds_decimals: bool = False
    trims_blanks: bool = False
    truncates: bool = False
    loads_nothing: bool = False
    """NOLOAD: the files are checked only."""


TAKEN: Final[Mapping[str, Argument]] = {
    "DELIMITER": "text",
    "CSV": "none",
    "QUOTE": "text",
    "NULL": "text",
    "GZIP": "none",
    "BZIP2": "none",
    "ZSTD": "none",
    "ENCODING": "maybe word",
    "IGNOREHEADER": "number",
    "MAXERROR": "number",
    "IGNOREALLERRORS": "none",
    "DATEFORMAT": "text",
    "TIMEFORMAT": "text",
    "ACCEPTINVCHARS": "maybe text",
    "ACCEPTANYDATE": "none",
    "BLANKSASNULL": "none",
    "EMPTYASNULL": "none",
    "ESCAPE": "none",
    "REMOVEQUOTES": "none",
    "FILLRECORD": "none",
    "IGNOREBLANKLINES": "none",
    "ROUNDEC": "none",
    "TRIMBLANKS": "none",
    "TRUNCATECOLUMNS": "none",
    "NOLOAD": "none",
}

FLAGS: Final[Mapping[str, str]] = {
    "IGNOREALLERRORS": "ignores_errors",
    "ACCEPTANYDATE": "takes_any_date",
    "BLANKSASNULL": "blanks_are_null",
    "EMPTYASNULL": "empty_is_null",
    "ESCAPE": "escapes",
    "REMOVEQUOTES": "removes_quotes",
    "FILLRECORD": "fills_record",
    "IGNOREBLANKLINES": "ignores_blank_lines",
    "ROUNDEC": "rounds_decimals",
    "TRIMBLANKS": "trims_blanks",
    "TRUNCATECOLUMNS": "truncates",
    "NOLOAD": "loads_nothing",
}
"""Parameter -> the field that it sets."""

WITHOUT_EFFECT: Final[Mapping[str, tuple[Argument, str]]] = {
    "IAM_ROLE": ("maybe word", "nobody has to be let in here"),
    "CREDENTIALS": ("text", "nobody has to be let in here"),
    "ACCESS_KEY_ID": ("text", "nobody has to be let in here"),
    "SECRET_ACCESS_KEY": ("text", "nobody has to be let in here"),
    "SESSION_TOKEN": ("text", "nobody has to be let in here"),
    "REGION": ("text", "the endpoint is where it is"),
    "COMPUPDATE": ("maybe word", "columns have no encodings here"),
    "COMPROWS": ("number", "columns have no encodings here"),
    "STATUPDATE": ("maybe word", "the engine keeps its own statistics"),
    "EXPLICIT_IDS": ("none", "there are no IDENTITY columns here"),
}
"""Parameter -> its argument, and why it has no effect."""

SECRET: Final = frozenset({"CREDENTIALS", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"})
"""Their arguments are never shown."""

ELSEWHERE: Final = frozenset(
    {
        "AVRO",
        "ENCRYPTED",
        "FIXEDWIDTH",
        "JSON",
        "LZOP",
        "MANIFEST",
        "MASTER_SYMMETRIC_KEY",
        "ORC",
        "PARQUET",
        "READRATIO",
        "SHAPEFILE",
        "SSH",
    }
)
"""Redshift's, and not this lab's."""

ENCODINGS: Final[Mapping[str, str]] = {
    "UTF8": "utf-8",
    "UTF16": "utf-16",
    "UTF16LE": "utf-16-le",
    "UTF16BE": "utf-16-be",
    "ISO88591": "iso-8859-1",
}
"""As Redshift writes them -> as Python does."""
