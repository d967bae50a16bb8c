"""What an error of PostgreSQL means: wait, give up, or refuse a row.

Source of the codes: PostgreSQL documentation, appendix "PostgreSQL Error Codes".
"""

import re
from typing import TYPE_CHECKING, Final

from fleet.errors import ConfigError, FleetError, ResourceMissing, TransientError

if TYPE_CHECKING:
    import psycopg

_WAITED_OUT: Final = {
    "08",  # the connection failed
    "25",  # the transaction's state: a standby takes no writes until it is promoted
    "40",  # deadlock, serialization
    "53",  # out of disk, memory, connections
    "55",  # an object in use
    "57",  # an operator shuts the server down
    "58",  # the system below
}
"""Classes, the first two characters of a code."""

_UNDEFINED_TABLE: Final = "42P01"
_REFUSED_ENTRY: Final = re.compile(
    r"authentication failed|no pg_hba\.conf entry|no password supplied|does not exist",
    re.IGNORECASE,
)
"""A connection that fails has no code, only words: those of a server that speaks English. Others
are waited out, with the words in the status.
"""


def explained(error: "psycopg.Error", what: str) -> Exception:
    """The error as one of ours; itself when it is about the values of rows."""
    import psycopg

    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return error
    code, text = error.sqlstate or "", refusal(error)
    if not code and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        if _REFUSED_ENTRY.search(str(error)):
            return ConfigError(
                f"{what}: {text}",
                remedy="check user, password and database; a password may stand in ~/.pgpass or "
                "PGPASSWORD",
            )
        return TransientError(text)
    if code[:2] in _WAITED_OUT:
        return TransientError(text)
    if code == _UNDEFINED_TABLE:
        return ResourceMissing(f"{what}: {text}")
    return FleetError(f"{what}: {text}", remedy="check the table and the user's rights on it")


def refusal(error: Exception) -> str:
    """What the server says, on one line."""
    diagnosis = getattr(error, "diag", None)
    text = getattr(diagnosis, "message_primary", None) or str(error)
    return " ".join(text.split())
