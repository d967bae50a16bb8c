"""Applications as files: a folder with app.sql and application.toml, or FILE.sql with
FILE.schema.json beside it; and those that come along.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from analytics_sql.combination import ReferenceTable
from analytics_sql.compiler import compile_application
from analytics_sql.event_time import with_event_time
from analytics_sql.event_time_settings import event_time_of
from analytics_sql.input_schema import InputSchema
from analytics_sql.manifest import MANIFEST, Manifest
from analytics_sql.plan import Application
from analytics_sql.preprocessor import load_preprocessor
from fleet.errors import ConfigError, SqlErrors

TEXT_BYTES_MAX = 102_400
"""The service's limit on an application's text (100 KB; DG:limits.md)."""

PACKAGED = Path(__file__).parent / "applications"
"""The applications that come with the package."""

TEXT = "app.sql"
"""The text of an application that is a folder."""

WORKSHOP = PACKAGED / "wildrydes"
"""The Wild Rydes workshop's application, which runs unless another is named."""

WORKSHOP_SCHEMA = WORKSHOP / "schema.json"
"""The schema of the simulator's readings, which all packaged applications share."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def workshop_application() -> Application:
    """The plan of the workshop's application."""
    return load_application(WORKSHOP)


def packaged_names() -> list[str]:
    """The names of the applications that come with the package."""
    return sorted(path.parent.name for path in PACKAGED.glob(f"*/{MANIFEST}"))


def find_application(name: str) -> Path:
    """The folder or file that a user means: a path, or the name of a packaged application. Raises
    ConfigError when there is neither.
    """
    path = Path(name)
    # A folder that is no application, such as a checkout's own wildrydes/, hides none.
    if name in packaged_names() and not path.is_file() and not (path / TEXT).exists():
        return PACKAGED / name
    if path.exists():
        return path
    raise ConfigError(
        f"there is no application {name}",
        remedy=f"name a folder with {TEXT}, a file of SQL, or one of {', '.join(packaged_names())}",
    )


def folder_of(path: Path) -> Path | None:
    """The folder of the application at `path`: the folder itself, or the one of its
    application.toml or app.sql; None for a file of SQL that stands alone.
    """
    if path.is_dir():
        return path
    in_folder = path.name in (TEXT, MANIFEST) and path.with_name(MANIFEST).is_file()
    return path.parent if in_folder else None


def application_name(path: Path) -> str:
    """What an application is called, by which its state is known: as its folder, or as its file
    without .sql.
    """
    folder = folder_of(path)
    if folder is not None:
        return folder.resolve().name
    return path.stem if path.is_file() else path.name.removesuffix(".sql")


def read_manifest(path: Path) -> Manifest | None:
    """The application.toml of the application at `path`; None for a file of SQL that stands alone.
    Raises ConfigError for one that is missing or wrong.
    """
    folder = folder_of(path)
    if folder is None:
        return None
    if not (folder / MANIFEST).is_file():
        raise ConfigError(
            f"there is no {folder / MANIFEST}",
            remedy=f"an application is a folder with {TEXT} and {MANIFEST}, or a file of SQL; "
            "`wildrydes sql import` makes a folder of what you have",
        )
    return Manifest.read(folder / MANIFEST)


def load_application(
    path: Path,
    *,
    schema_path: Path | None = None,
    source_name: str | None = None,
    preprocessor: str | None = None,
    references: Mapping[str, str] | None = None,
    event_time: Mapping[str, str] | None = None,
) -> Application:
    """The plan of an application's folder or file; see `application_name`.

    The schema is what application.toml names, or FILE.schema.json, or else schema.json, beside the
    file. `preprocessor` is package.module:function, before what application.toml says; so are
    `references`, reference table -> file or s3://bucket/key, and `event_time`, as
    analytics_sql.event_time_settings has it. The input is called `source_name`, or what the prefix
    makes it, or what the text calls it.

    Raises ConfigError for a file that cannot be used, SqlErrors (named by the path) for what is
    wrong in its text.
    """
    folder = folder_of(path)
    text_path = path if folder is None else folder / TEXT
    text = read_text(text_path)
    manifest = read_manifest(path)
    if schema_path is not None or manifest is None:
        schema = InputSchema.read(schema_path or _schema_beside(path))
    else:
        schema = manifest.schema
    if source_name is None and schema.name_prefix:
        source_name = f"{schema.name_prefix}_001"
    try:
        application = compile_application(
            text,
            name=application_name(path),
            schema=schema,
            source_name=source_name,
            tables=reference_tables(manifest, references),
        )
    except SqlErrors as errors:
        raise SqlErrors(errors.errors, str(text_path)) from None
    time = event_time_of({} if manifest is None else manifest.event_time, event_time or {})
    if time is not None:
        application = with_event_time(application, time)
    if preprocessor is None and manifest is not None:
        preprocessor = manifest.preprocessor
    return application if preprocessor is None else preprocessed(application, preprocessor, path)


def preprocessed(application: Application, name: str, path: Path) -> Application:
    """The application with a function, package.module:function, before it, whose module may stand
    in the folder of `path`. Raises ConfigError for what cannot be imported.
    """
    folder = path if path.is_dir() else path.parent
    return replace(application, preprocessor=load_preprocessor(name, folder=folder))


def reference_tables(
    manifest: Manifest | None, references: Mapping[str, str] | None = None
) -> list[ReferenceTable]:
    """The reference tables of an application.toml, as a plan has them; those named in `references`
    come from there, a file or s3://bucket/key. Raises ConfigError for one that is not there.
    """
    given = () if manifest is None else manifest.references
    tables = {r.name: ReferenceTable(r.name, r.schema.columns, r.source, r.schema.format)
              for r in given}  # fmt: skip
    for named, source in (references or {}).items():
        # Without its quotes a name may be written in any case, as in SQL.
        name = named if named in tables else named.upper()
        if name not in tables:
            raise ConfigError(
                f"the application has no reference table {named}",
                remedy=f"its application.toml has {', '.join(sorted(tables)) or 'none'}",
            )
        tables[name] = replace(tables[name], source=source)
    return list(tables.values())


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
