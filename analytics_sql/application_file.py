"""Applications as files: FILE.sql with FILE.schema.json beside it, and those that come along."""

from pathlib import Path

from analytics_sql.compiler import compile_application
from analytics_sql.input_schema import InputSchema
from analytics_sql.plan import Application
from fleet.errors import ConfigError, SqlErrors

TEXT_BYTES_MAX = 102_400
"""The service's limit on an application's text (100 KB; DG:limits.md)."""

PACKAGED = Path(__file__).parent / "applications"
"""The applications that come with the package."""

WORKSHOP = PACKAGED / "wildrydes.sql"
"""The Wild Rydes workshop's application, which runs unless another is named."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def workshop_application() -> Application:
    """The plan of the workshop's application."""
    return load_application(WORKSHOP)


def load_application(
    path: Path, *, schema_path: Path | None = None, source_name: str | None = None
) -> Application:
    """The plan of an application's file; its name is the file's, without the suffix.

    The schema is FILE.schema.json, or else schema.json, beside it. The input is called
    `source_name`, or what the schema's NamePrefix makes it, or what the text calls it.

    Raises ConfigError for a file that cannot be used, SqlErrors (named by the path) for what is
    wrong in its text.
    """
    text = read_text(path)
    schema = InputSchema.read(schema_path or _schema_beside(path))
    if source_name is None and schema.name_prefix:
        source_name = f"{schema.name_prefix}_001"
    try:
        return compile_application(text, name=path.stem, schema=schema, source_name=source_name)
    except SqlErrors as errors:
        raise SqlErrors(errors.errors, str(path)) from None


def _schema_beside(path: Path) -> Path:
    own, shared = path.with_name(f"{path.stem}.schema.json"), path.with_name("schema.json")
    return shared if shared.exists() and not own.exists() else own


def read_text(path: Path) -> str:
    """An application's text. Raises ConfigError: no such file, too long, not UTF-8."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f"there is no application {path}", remedy="name a file with the application's SQL"
        ) from None
    except OSError as error:
        raise ConfigError(f"the application {path} cannot be read: {error.strerror}") from None
    if len(data) > TEXT_BYTES_MAX:
        raise ConfigError(
            f"the application {path} has {len(data)} bytes",
            remedy=f"an application has at most {TEXT_BYTES_MAX} bytes of text",
        )
    content = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        offset = len(data) - len(content) + error.start
        raise ConfigError(
            f"the application {path} is not UTF-8: byte {data[offset]:#04x} at offset {offset}",
            remedy="save the file as UTF-8",
        ) from None
