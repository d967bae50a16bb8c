"""Writes an application's folder."""

import json
from pathlib import Path

from analytics_sql.application_file import TEXT
from analytics_sql.manifest import MANIFEST
from fleet.errors import ConfigError
from wildrydes.moving_in.application import Imported

SCHEMA = "schema.json"


def write_folder(application: Imported, folder: Path, *, force: bool = False) -> list[str]:
    """Writes app.sql, application.toml and the schemas; returns the names of the files. Raises
    ConfigError when one is there already, unless `force`.
    """
    files = {TEXT: application.text, MANIFEST: manifest_text(application)}
    files[SCHEMA] = schema_text(application.schema)
    for number, table in enumerate(application.references, start=1):
        files[_schema_name(number)] = schema_text(table.schema)
    there = [name for name in files if (folder / name).exists()]
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file", remedy="name a folder with --output")
    if there and not force:
        raise ConfigError(
            f"{folder} has {', '.join(there)} already",
            remedy="name another folder with --output, or write over them with --force",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}") from None
    return list(files)


def manifest_text(application: Imported) -> str:
    """The application.toml."""
    lines = [f"# {application.name}, as it was in Kinesis Data Analytics.", "", "[input]"]
    if application.stream is not None:
        lines.append(f"stream = {_quoted(application.stream)}")
    if application.prefix is not None:
        lines.append(f"prefix = {_quoted(application.prefix)}")
    lines.append(f"schema = {_quoted(SCHEMA)}")
    for number, table in enumerate(application.references, start=1):
        lines += ["", "[[reference]]", f"name = {_quoted(table.name)}"]
        lines += [f"source = {_quoted(table.source)}", f"schema = {_quoted(_schema_name(number))}"]
    for stream, url in application.outputs:
        lines += ["", "[[outputs]]"]
        lines += [f"stream = {_quoted(stream)}"] if stream else []
        lines.append(f"url = {_quoted(url)}")
    if application.lambda_name is not None:
        lines += [
            "",
            f"# Records went through the Lambda function {_one_line(application.lambda_name)}:",
        ]
        lines += ["# put its Python beside this file and name it here.", "# [preprocessor]"]
        lines.append('# python = "module:function"')
    return "\n".join(lines) + "\n"


def schema_text(schema: object) -> str:
    """An InputSchema as a file, a column a line."""
    text = json.dumps(schema, indent=2, ensure_ascii=False)
    columns = schema.get("RecordColumns") if isinstance(schema, dict) else None
    for column in columns or ():
        long = json.dumps(column, indent=2, ensure_ascii=False).replace("\n", "\n    ")
        text = text.replace(long, json.dumps(column, ensure_ascii=False))
    return text + "\n"


def _schema_name(number: int) -> str:
    return f"reference_{number}.schema.json"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """A TOML string: JSON's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
